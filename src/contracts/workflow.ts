import { z } from 'zod'
import { acceptanceSchema, custodySchema, executionSchema, moneyStateSchema, stageSchema } from './codes.ts'
import { idSchema, pageOf, text, timeSchema } from './common.ts'
import { cancelRequestSchema, decideRequestSchema, executeRequestSchema, receiveRequestSchema } from './returns.ts'

/** Where the five small machines of one return stand. */
export const workflowSchema = z
  .strictObject({
    id: idSchema,
    returnId: idSchema,
    lpn: z.string(),
    title: z.string(),
    hubId: idSchema.nullable(),
    stage: stageSchema,
    custody: custodySchema,
    acceptance: acceptanceSchema,
    execution: executionSchema.nullable(),
    moneyState: moneyStateSchema,
    needsReview: z.boolean(),
    reviewReasons: z.array(z.string()),
    stageEnteredAt: timeSchema,
    dueAt: timeSchema.nullable(),
    isOverdue: z.boolean(),
    allowed: z.array(z.string()),
    version: z.int(),
  })
  .meta({ id: 'Workflow' })
export type Workflow = z.infer<typeof workflowSchema>
export const workflowPageSchema = pageOf(workflowSchema, 'WorkflowPage')

/** `PUT /api/workflow/{id}/stage`: the target stage picks the command; its fields come along. */
export const stageRequestSchema = z
  .discriminatedUnion('stage', [
    z.strictObject({ stage: z.literal('received'), ...receiveRequestSchema.shape }),
    z.strictObject({ stage: z.literal('quality_check') }),
    z.strictObject({ stage: z.literal('disposition'), ...decideRequestSchema.shape }),
    z.strictObject({ stage: z.literal('completed'), ...executeRequestSchema.omit({ execution: true }).shape }),
    z.strictObject({ stage: z.literal('cancelled'), ...cancelRequestSchema.shape }),
    z.strictObject({ stage: z.literal('rejected'), note: text(500).optional() }),
  ])
  .meta({ id: 'StageRequest', examples: [{ stage: 'received', locationCode: 'LOC-BENCH-07' }] })
export type StageRequest = z.infer<typeof stageRequestSchema>
