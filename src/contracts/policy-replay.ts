import { z } from 'zod'
import { dispositionSchema, levelSchema } from './codes.ts'
import { idSchema, timeSchema } from './common.ts'

/** What a changed rule, fee or price would have done to past returns. Amounts are paise, for units of many currencies. */

export const policyReplayRequestSchema = z
  .strictObject({
    policy: z.record(z.string(), z.unknown()).meta({
      description:
        'Changed parts of the decision data by file (channels, fees, transport, policy, constraints, emissions) as JSON merge patch; elements of lists by their names',
    }),
    since: timeSchema.optional().meta({ description: 'Only units recommended for since then' }),
    clientId: idSchema.optional(),
  })
  .meta({
    id: 'PolicyReplayRequest',
    examples: [{ policy: { policy: { parameters: { lambdaE: { value: 800 } } } }, since: '2026-10-01T00:00:00.000Z' }],
  })
export type PolicyReplayRequest = z.infer<typeof policyReplayRequestSchema>

export const policyMoveSchema = z.strictObject({
  from: dispositionSchema,
  to: dispositionSchema,
  units: z.int(),
  valueMinor: z.int(),
  carbonGrams: z.int(),
  unitsWithoutCarbon: z.int(),
})
export type PolicyMove = z.infer<typeof policyMoveSchema>

export const policySkuSchema = z.strictObject({
  clientId: idSchema,
  sku: z.string(),
  units: z.int(),
  valueMinor: z.int(),
  carbonGrams: z.int(),
})
export type PolicySku = z.infer<typeof policySkuSchema>

export const policyReplayReportSchema = z
  .strictObject({
    changed: z.array(z.string()),
    since: timeSchema.nullable(),
    clientId: idSchema.nullable(),
    /** Engine whose predictions both policies were given. */
    level: z.union([levelSchema, z.literal('mixed')]).nullable(),
    modelVersion: z.string().nullable(),
    units: z.int(),
    /** Recommendations that keep no facts to decide again on. */
    skipped: z.int(),
    moved: z.int(),
    /** Of these, units that keep their disposition and change its channel. */
    channelMoved: z.int(),
    /** Units in a currency without a rate: in the counts, not in the sums of money. */
    withoutRate: z.int(),
    moves: z.array(policyMoveSchema),
    value: z.strictObject({
      currency: z.literal('INR'),
      beforeMinor: z.int(),
      afterMinor: z.int(),
      /** Expected, with its 90 % interval by the predicted spreads of the units. */
      differenceMinor: z.strictObject({ mean: z.int(), low: z.int(), high: z.int() }),
      /** The part that moves bring; the rest is the new prices on what stays. */
      fromMovesMinor: z.int(),
    }),
    carbonGrams: z.strictObject({ before: z.int(), after: z.int(), difference: z.int(), unitsUnknown: z.int() }),
    reviews: z.strictObject({ before: z.int(), after: z.int(), added: z.int(), dropped: z.int() }),
    hubMinutes: z.strictObject({ before: z.int(), after: z.int(), difference: z.int() }),
    topSkus: z.array(policySkuSchema),
    seconds: z.number(),
  })
  .meta({ id: 'PolicyReplayReport' })
export type PolicyReplayReport = z.infer<typeof policyReplayReportSchema>
