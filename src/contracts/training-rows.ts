import { z } from 'zod'
import { priceClasses } from './decision.ts'

/**
 * Rows that models are trained on, as a folder that Python reads: for each split its manifest `<split>.json`, its features
 * before and after the check (`<split>.x0.f32`, `<split>.x1.f32`) and what came of the units (`<split>.y.f32`), all float32,
 * little endian, row after row. NaN: not known, not observed.
 */

const unitOutcomes = [
  /** ln INR of the reference price. */
  'reference_log',
  /** Grade of the check, 0 to 4 for A to E. */
  'grade',
  /** 1 for a swap, an empty pack or a counterfeit. */
  'abuse',
  'repair_needed',
  /** ln(cost / reference price), when a repair was needed. */
  'repair_cost_log',
  'repair_success',
] as const
const classOutcomes = [
  /** ln(sale price / reference price) with decay and depth still inside. */
  'price_log',
  /** Week of the sale since listing, from 1; 0 when not sold within the horizon. */
  'sale_week',
  /** Days from the decision to the sale. */
  'sale_days',
  /** The channel's factor of sale days. */
  'sale_speed',
  'horizon_weeks',
  /** ln(1 + units routed / demand). */
  'depth_log',
  /** 1 when the sold unit came back. */
  'rereturned',
] as const

/** Columns of a row of outcomes, in order; `weight` is 1, or the capped inverse propensity of a logged decision. */
export const outcomeColumns: readonly string[] = [
  ...unitOutcomes,
  ...priceClasses.flatMap((id) => classOutcomes.map((name) => `${name}_${id}`)),
  'weight',
]
export const outcomeWidth = outcomeColumns.length
export const outcomePlace = (name: (typeof unitOutcomes)[number]) => unitOutcomes.indexOf(name)
/** First column of a price class; its columns follow in the order of `classOutcomes`. */
export const classOutcomePlace = (priceClass: number) => unitOutcomes.length + priceClass * classOutcomes.length
export const weightPlace = outcomeWidth - 1

export const trainingManifestSchema = z.strictObject({
  /** Name and hash of the feature contract. */
  contract: z.string(),
  contractHash: z.string(),
  features: z.array(z.string()).min(1),
  outcomes: z.array(z.string()).min(1),
  count: z.int().nonnegative(),
  /** Outcomes of all routes, or only of the one that was taken. */
  kind: z.enum(['all_outcomes', 'logged']),
  source: z.string(),
  /** SHA-256 (hex) of x0, x1 and y, one after the other. */
  dataHash: z.string(),
})
export type TrainingManifest = z.infer<typeof trainingManifestSchema>
