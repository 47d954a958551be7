import { priceClasses, valuedGrades } from './decision.ts'
import type { PriceClass } from './decision.ts'

/**
 * What a model says of one unit: one flat row of numbers, the same for every engine, so that a table, trees in this process
 * and a server across the network can stand in for one another. A remote model answers these columns in this order.
 */

/** Levels of the quantiles of price and repair cost. */
export const quantileLevels = [0.05, 0.25, 0.5, 0.75, 0.95] as const
/** The same levels as values of the normal distribution. */
export const quantileNormals = [
  -1.6448536269514722, -0.6744897501960817, 0, 0.6744897501960817, 1.6448536269514722,
] as const
export const quantileNames = ['q05', 'q25', 'q50', 'q75', 'q95'] as const

/** First week of each step of the sale hazard after the first week; the last step goes on to week 26. */
export const saleSteps = [2, 5, 13] as const
export const saleWeeksMax = 26

const byGrade = valuedGrades
const byClass: readonly PriceClass[] = priceClasses

const blocks = {
  /** Chance of each grade; sums to 1. Not used once a grade was observed. */
  grade: byGrade.map((g) => `grade_${g}`),
  /** ln(sale price / reference price) without decay and depth: class x grade x quantile, rising in the quantile. */
  price: byClass.flatMap((c) => byGrade.flatMap((g) => quantileNames.map((q) => `price_${c}_${g}_${q}`))),
  /** Logit of the chance to be sold in the first week, at channel speed 1: class x grade. */
  sale: byClass.flatMap((c) => byGrade.map((g) => `sale_${c}_${g}`)),
  /** Added to that logit from the weeks of `saleSteps` on. */
  saleShape: saleSteps.map((week) => `sale_shape_w${week}`),
  /** Chance that a repair is needed, by grade. */
  repairNeed: byGrade.map((g) => `repair_need_${g}`),
  /** ln(repair cost / reference price): grade x quantile. */
  repairCost: byGrade.flatMap((g) => quantileNames.map((q) => `repair_cost_${g}_${q}`)),
  /** Chance that a repair succeeds, by grade. */
  repairSuccess: byGrade.map((g) => `repair_success_${g}`),
  /** Chance that a sold unit comes back again, by class. */
  rereturn: byClass.map((c) => `rereturn_${c}`),
  /** Chance of abuse (swap, empty box, counterfeit) that is not yet found. */
  abuse: ['abuse'],
  /** Loss of price, 1/d. */
  decay: ['decay_per_day'],
  /** Elasticity of price to depth: price falls by (1 + routed / demand) to the power of minus this. */
  depth: ['depth_elasticity'],
} as const

export const predictionColumns: readonly string[] = Object.values(blocks).flat()
export const predictionWidth = predictionColumns.length

type Block = keyof typeof blocks

/** Place of the first column of each block. */
export const predictionAt: Readonly<Record<Block, number>> = (() => {
  const places: Partial<Record<Block, number>> = {}
  let at = 0
  for (const [name, columns] of Object.entries(blocks)) {
    places[name as Block] = at
    at += columns.length
  }
  return places as Record<Block, number>
})()

/** Place of the quantiles of a price, of the sale logit: `c` counts price classes, `g` grades A..E. */
export const pricePlace = (c: number, g: number): number =>
  predictionAt.price + (c * byGrade.length + g) * quantileNames.length
export const salePlace = (c: number, g: number): number => predictionAt.sale + c * byGrade.length + g
export const repairCostPlace = (g: number): number => predictionAt.repairCost + g * quantileNames.length

/** Rows of `predictionWidth` numbers, one after the other. A grade that the unit cannot have may be left NaN at t1. */
export type Predictions = { readonly count: number; readonly values: Float64Array }
