import { z } from 'zod'
import { levelSchema } from './codes.ts'
import { shadowReportSchema } from './shadow.ts'

/** Models as people and programs see them: which there are, which serves, and who decided so. */

export const modelAliases = ['champion', 'challenger'] as const
export const modelAliasSchema = z
  .enum(modelAliases)
  .meta({ id: 'ModelAlias', description: 'champion serves; challenger is only scored beside it' })
export type ModelAlias = z.infer<typeof modelAliasSchema>

/** As `model.json` names it. */
export const modelVersionPattern = /^[\w.+-]{1,64}$/
export const modelVersionSchema = z.string().regex(modelVersionPattern)

/** Figures of `metrics.json` that are single numbers, by their path. */
export const modelMetricsSchema = z.record(z.string(), z.number())

export const modelInfoSchema = z
  .strictObject({
    engine: z.string(),
    level: levelSchema,
    version: z.string(),
    isServing: z.boolean().meta({ description: 'Answers now when all is well' }),
    description: z.string(),
    dataVersions: z.record(z.string(), z.string()),
    metrics: modelMetricsSchema,
    aliases: z.array(modelAliasSchema),
    registeredAt: z.string().nullable(),
    /** Why it does not answer, where it should: a refusal, an open breaker. */
    trouble: z.string().nullable(),
    /** What it would have done beside the one that serves; null where it was not scored. */
    shadow: shadowReportSchema.nullable(),
  })
  .meta({ id: 'ModelInfo' })
export type ModelInfo = z.infer<typeof modelInfoSchema>
export const modelListSchema = z.strictObject({ data: z.array(modelInfoSchema) }).meta({ id: 'ModelList' })

export const promoteModelSchema = z
  .strictObject({
    version: modelVersionSchema.meta({ description: 'Typed again: the version that is to serve' }),
    reason: z.string().trim().min(3).max(500).optional(),
    force: z
      .boolean()
      .default(false)
      .meta({ description: 'Promote though the gate says no; needs a reason, which is recorded' }),
  })
  .refine((body) => !body.force || body.reason !== undefined, { error: 'force needs a reason', path: ['reason'] })
  .meta({ id: 'PromoteModel', examples: [{ version: '2026.11.1', reason: 'passed two weeks beside the champion' }] })
export type PromoteModel = z.infer<typeof promoteModelSchema>

export const rollbackModelSchema = z
  .strictObject({ reason: z.string().trim().min(3).max(500) })
  .meta({ id: 'RollbackModel', examples: [{ reason: 'intervals too narrow on phones since Monday' }] })

export const gateConditionSchema = z
  .strictObject({
    id: z.string(),
    says: z.string(),
    value: z.union([z.number(), z.string()]).nullable(),
    bar: z.string(),
    met: z.boolean(),
  })
  .meta({ id: 'GateCondition' })
export type GateConditionShown = z.infer<typeof gateConditionSchema>

export const modelGateSchema = z
  .strictObject({
    version: z.string(),
    isOpen: z.boolean().meta({ description: 'Every condition is met: it may serve without force' }),
    conditions: z.array(gateConditionSchema),
  })
  .meta({ id: 'ModelGate' })
export type ModelGate = z.infer<typeof modelGateSchema>

export const championChangeSchema = z
  .strictObject({
    version: z.string(),
    before: z.string().nullable(),
    forced: z.boolean(),
    conditions: z.array(gateConditionSchema),
    /** Null when the embedded engine took it in; else why it went on with the one before. */
    refused: z.string().nullable(),
  })
  .meta({ id: 'ChampionChange' })
export type ChampionChange = z.infer<typeof championChangeSchema>
