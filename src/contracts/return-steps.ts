import { z } from 'zod'
import { dispositionSchema, overrideReasonSchema } from './codes.ts'
import { idSchema, limits, note, signedMoneySchema, text, timeSchema } from './common.ts'
import { outcomeSchema } from './outcomes.ts'

/** The steps that take a return on: what each command asks for. */

export const receiveRequestSchema = z
  .strictObject({
    hubId: idSchema.optional().meta({ description: "Where it arrived; the worker's own hub when absent" }),
    locationCode: text(40).optional(),
    isDamagedOutside: z.boolean().optional(),
    reroute: z.boolean().optional().meta({ description: 'Take it in here although another hub was assigned' }),
  })
  .meta({ id: 'ReceiveRequest', examples: [{ locationCode: 'LOC-BENCH-07' }] })
export type ReceiveRequest = z.infer<typeof receiveRequestSchema>

export const decideRequestSchema = z
  .strictObject({
    disposition: dispositionSchema.optional().meta({ description: 'The recommended one when absent' }),
    channel: text(64).optional(),
    reasonCode: overrideReasonSchema
      .optional()
      .meta({ description: 'Needed when the choice is not the recommended one' }),
    note: note(limits.noteLength).optional(),
    locationCode: text(40).optional().meta({ description: 'Where the unit was put by the same scan: a tote or a bay' }),
  })
  .meta({
    id: 'DecideRequest',
    examples: [{ disposition: 'liquidate', channel: 'liquidator', reasonCode: 'condition_worse' }],
  })
export type DecideRequest = z.infer<typeof decideRequestSchema>

export const withdrawRequestSchema = z
  .strictObject({
    dispositionId: idSchema.optional().meta({
      description: "The decision that is taken back. Without it and without If-Match: only the caller's own",
    }),
  })
  .meta({ id: 'WithdrawRequest', examples: [{}] })
export type WithdrawRequest = z.infer<typeof withdrawRequestSchema>

export const executeRequestSchema = z
  .strictObject({
    execution: z.enum(['in_progress', 'blocked', 'done', 'reversed']),
    blockedReason: text(200).optional(),
    realisedValue: signedMoneySchema
      .optional()
      .meta({ description: 'Net value that the unit brought; negative when it cost money' }),
    certificateRef: text(128).optional().meta({ description: 'Wipe, recycling or destruction certificate' }),
    externalRef: text(128).optional().meta({ description: "Stock owner's or partner's acknowledgement" }),
    outcome: outcomeSchema.optional().meta({ description: 'What is known by now of sale, repair and return' }),
  })
  .meta({
    id: 'ExecuteRequest',
    examples: [{ execution: 'done', realisedValue: { amount: 64000, currency: 'INR' }, externalRef: 'GRN-7781' }],
  })
export type ExecuteRequest = z.infer<typeof executeRequestSchema>

export const noCancelReason = 'cancelled by the caller'
export const cancelRequestSchema = z
  .strictObject({ reason: text(200).default(noCancelReason) })
  .meta({ id: 'CancelRequest' })
export type CancelRequest = z.infer<typeof cancelRequestSchema>

export const reviewRequestSchema = z
  .strictObject({ verdict: z.enum(['approve', 'reject']), note: text(limits.textLength).optional() })
  .meta({ id: 'ReviewRequest' })
export type ReviewRequest = z.infer<typeof reviewRequestSchema>

/** `PUT /api/returns/{id}`: exactly one command, never a bare stage. */
export const returnCommandSchema = z
  .discriminatedUnion('command', [
    z.strictObject({ command: z.literal('receive'), ...receiveRequestSchema.shape }),
    z.strictObject({ command: z.literal('review'), ...reviewRequestSchema.shape }),
    z.strictObject({ command: z.literal('decide'), ...decideRequestSchema.shape }),
    z.strictObject({ command: z.literal('execute'), ...executeRequestSchema.shape }),
    z.strictObject({ command: z.literal('cancel'), reason: text(200).optional() }),
  ])
  .meta({ id: 'ReturnCommand', examples: [{ command: 'receive', locationCode: 'LOC-BENCH-07' }] })
export type ReturnCommand = z.infer<typeof returnCommandSchema>

export const timelineEntrySchema = z
  .strictObject({
    seq: z.int(),
    version: z.int(),
    type: z.string(),
    at: timeSchema,
    by: z.string().nullable(),
    byKind: z.string().nullable(),
    byName: z.string().nullable().meta({ description: 'What the person or the key is called; told to people only' }),
    requestId: z.string().nullable(),
    summary: z.string(),
    changes: z.array(z.strictObject({ field: z.string(), from: z.unknown(), to: z.unknown() })),
  })
  .meta({ id: 'TimelineEntry' })
export type TimelineEntry = z.infer<typeof timelineEntrySchema>
