import type { PriceClass } from '#contracts/decision.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import type { ServingLevel } from '#contracts/codes.ts'

/** Price / reference price of one price class, for grades A..E: mean and standard deviation of its logarithm. */
export type LogPrice = { readonly mean: readonly number[]; readonly sd: readonly number[] }

/** What a model knows of one unit; the decision engine turns it into money. Arrays hold one number for each grade A..E. */
export type Prediction = {
  /** Sums to 1. Not used once a grade was observed. */
  readonly gradeProbabilities: readonly number[]
  readonly logPrice: Readonly<Record<PriceClass, LogPrice>>
  /** Chance that a repair is needed, its cost as a share of the reference price, and the chance that it succeeds. */
  readonly repairProbability: readonly number[]
  readonly repairCostRatio: readonly number[]
  readonly repairSuccess: readonly number[]
  /** Chance that a sold unit comes back again. */
  readonly rereturn: number
  /** Chance of abuse (swap, empty box, counterfeit) that is not yet found. */
  readonly abuse: number
  /** Mean days to sale on a secondary marketplace at the going price. */
  readonly daysToSale: readonly number[]
}

/** One answered batch: every item at the same level, by the same model. */
export type PredictedBatch = {
  readonly level: ServingLevel
  readonly modelVersion: string
  readonly predictions: readonly Prediction[]
}

export type Inference = {
  readonly engine: string
  readonly level: ServingLevel
  readonly modelVersion: string
  /** One prediction an item, in order. Throws `AppError('unavailable')` when it can't answer for the whole batch. */
  readonly predict: (items: readonly DecisionItem[]) => Promise<readonly Prediction[]>
  readonly close: () => Promise<void>
}
