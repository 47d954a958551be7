import { z } from 'zod'
import { idSchema } from './common.ts'
import { dispositionSchema, levelSchema } from './codes.ts'

/** Why one option and not another, in money, feature by feature. Amounts are minor units of `currency`. */

export const explanationReasonSchema = z
  .strictObject({
    /** What it is about, with `params` enough to word it in another language. */
    code: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    /** What it moves the difference of utilities by, from a typical unit to this one; above zero for the chosen option. */
    amount: z.int(),
    text: z.string(),
  })
  .meta({ id: 'ExplanationReason' })
export type ExplanationReason = z.infer<typeof explanationReasonSchema>

const comparedSchema = z.strictObject({ disposition: dispositionSchema, channel: z.string(), name: z.string() })

/**
 * `shapley`: exact Shapley values of the model's trees, carried through the valuation. `sampled`: orders of the features drawn
 * at random, for a model that runs elsewhere. `breakdown`: the parts of the two values, where no model can be taken apart.
 */
export const explanationBases = ['shapley', 'sampled', 'breakdown'] as const

export const explanationSchema = z
  .strictObject({
    returnId: idSchema,
    recommendationId: idSchema,
    point: z.enum(['t0', 't1', 't2']),
    currency: z.string(),
    level: levelSchema,
    modelVersion: z.string(),
    /** What decided, and what should have and did not answer, best level first. Null and empty where that was not kept. */
    engine: z.string().nullable(),
    fellBack: z.array(z.strictObject({ level: levelSchema, engine: z.string(), why: z.string() })),
    basis: z.enum(explanationBases),
    isApproximate: z.boolean(),
    /** Why it is no more than a breakdown; null otherwise. */
    why: z.enum(['no_model', 'other_model', 'not_kept', 'no_other_option']).nullable(),
    chosen: comparedSchema,
    other: comparedSchema.nullable(),
    /** Utility of the chosen option less that of the other. */
    difference: z.int(),
    /** The same for a typical unit of its kind; with the reasons it adds up to the difference. Null in a breakdown. */
    typical: z.int().nullable(),
    reasons: z.array(explanationReasonSchema),
  })
  .meta({ id: 'Explanation' })
export type Explanation = z.infer<typeof explanationSchema>

export const explanationQuerySchema = z.strictObject({
  disposition: dispositionSchema.optional(),
  channel: z.string().max(64).optional(),
})
export type ExplanationQuery = z.infer<typeof explanationQuerySchema>
