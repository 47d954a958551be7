import type { DecisionItem } from '#contracts/recommendations.ts'
import type { ServingLevel } from '#contracts/codes.ts'

/** What a model knows of one unit; the decision engine turns it into money. Rates are per day, ratios are of the reference price. */
export type Prediction = {
  /** Probability of each grade A..E, in that order; sums to 1. */
  readonly gradeProbabilities: readonly [number, number, number, number, number]
  /** For each of A..E: median of log(gross price / reference price) and its standard deviation, per route class `secondary` and `new`. */
  readonly logPriceRatio: readonly { readonly mean: number; readonly sd: number }[]
  /** Chance that a repair is needed, its expected cost as a share of the reference price, and the chance that it succeeds. */
  readonly repairProbability: number
  readonly repairCostRatio: number
  readonly repairSuccess: number
  /** Chance that a sold unit comes back again. */
  readonly rereturn: number
  /** Chance of abuse (swap, empty box, counterfeit). */
  readonly abuse: number
  /** Mean days to sale on a secondary marketplace at the reference price. */
  readonly daysToSale: number
}

export type Inference = {
  readonly engine: string
  readonly level: ServingLevel
  readonly modelVersion: string
  /** One prediction an item, in order. Throws `AppError('unavailable')` when it can't answer for the whole batch. */
  readonly predict: (items: readonly DecisionItem[]) => Promise<readonly Prediction[]>
  readonly close: () => Promise<void>
}
