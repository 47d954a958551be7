import {
  predictionAt,
  predictionColumns,
  predictionWidth,
  pricePlace,
  quantileLevels,
  repairCostPlace,
  salePlace,
} from '#contracts/prediction.ts'
import { priceClasses, valuedGrades } from '#contracts/decision.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'

/** Why a model's answer can't be used; `problem` is for counters, `detail` names the first place that is wrong. */
export type Fault = {
  readonly problem: 'wrong_count' | 'not_a_number' | 'out_of_range' | 'probabilities' | 'quantiles'
  readonly detail: string
}

type Range = { readonly low: number; readonly high: number }

const share: Range = { low: 0, high: 1 }
// Numbers beyond these are no prices and costs of anything: 20 times the reference price, or a hundred-millionth of it.
const logPrice: Range = { low: -18, high: 3 }
const logit: Range = { low: -60, high: 60 }
const decayPerDay: Range = { low: -0.1, high: 1 }
const elasticity: Range = { low: -1, high: 10 }
const sumTolerance = 1e-3
/** Models compute in single precision. */
const risingTolerance = 1e-5

const quantiles = quantileLevels.length
const gradeOf: Readonly<Record<string, number>> = { S: 0, A: 0, B: 1, C: 2, D: 3, E: 4 }

/** The first fault of a model's answer for these units, or null. What a unit's observed grade rules out may be NaN. */
export function checkPredictions(items: readonly Pick<DecisionItem, 'grade'>[], values: Float64Array): Fault | null {
  if (values.length !== items.length * predictionWidth) {
    const detail = `${values.length} numbers for ${items.length} units of ${predictionWidth} columns`
    return { problem: 'wrong_count', detail }
  }
  for (const [i, { grade }] of items.entries()) {
    const row = values.subarray(i * predictionWidth, (i + 1) * predictionWidth)
    const observed = grade === null ? -1 : (gradeOf[grade] ?? -1)
    const fault = gradeFault(row, observed) ?? columnsFault(row, observed)
    if (fault !== null) return { ...fault, detail: `unit ${i}: ${fault.detail}` }
  }
  return null
}

function gradeFault(row: Float64Array, observed: number): Fault | null {
  const first = predictionAt.grade
  let sum = 0
  for (let g = 0; g < valuedGrades.length; g++) {
    const fault = numberFault(row, first + g, share)
    if (fault !== null) return observed >= 0 && Number.isNaN(row[first + g]) ? null : fault
    sum += row[first + g]!
  }
  return Math.abs(sum - 1) <= sumTolerance
    ? null
    : { problem: 'probabilities', detail: `grade probabilities add up to ${sum}` }
}

function columnsFault(row: Float64Array, observed: number): Fault | null {
  for (let g = 0; g < valuedGrades.length; g++) {
    const mayBeLeftOut = observed >= 0 && g !== observed
    for (let c = 0; c < priceClasses.length; c++) {
      const fault =
        risingFault(row, pricePlace(c, g), mayBeLeftOut) ?? optionalFault(row, salePlace(c, g), logit, mayBeLeftOut)
      if (fault !== null) return fault
    }
    const fault =
      optionalFault(row, predictionAt.repairNeed + g, share, mayBeLeftOut) ??
      risingFault(row, repairCostPlace(g), mayBeLeftOut) ??
      optionalFault(row, predictionAt.repairSuccess + g, share, mayBeLeftOut)
    if (fault !== null) return fault
  }
  for (let place = predictionAt.saleShape; place < predictionAt.repairNeed; place++) {
    const fault = numberFault(row, place, logit)
    if (fault !== null) return fault
  }
  for (let c = 0; c < priceClasses.length; c++) {
    const fault = numberFault(row, predictionAt.rereturn + c, share)
    if (fault !== null) return fault
  }
  return (
    numberFault(row, predictionAt.abuse, share) ??
    numberFault(row, predictionAt.decay, decayPerDay) ??
    numberFault(row, predictionAt.depth, elasticity)
  )
}

function risingFault(row: Float64Array, first: number, mayBeLeftOut: boolean): Fault | null {
  for (let q = 0; q < quantiles; q++) {
    const fault = optionalFault(row, first + q, logPrice, mayBeLeftOut)
    if (fault !== null) return fault
    if (q > 0 && row[first + q]! < row[first + q - 1]! - risingTolerance)
      return { problem: 'quantiles', detail: `${predictionColumns[first + q]} is below the quantile before it` }
  }
  return null
}

function optionalFault(row: Float64Array, place: number, range: Range, mayBeLeftOut: boolean): Fault | null {
  return mayBeLeftOut && Number.isNaN(row[place]) ? null : numberFault(row, place, range)
}

function numberFault(row: Float64Array, place: number, { low, high }: Range): Fault | null {
  const value = row[place]!
  if (value >= low && value <= high) return null
  const detail = `${predictionColumns[place]} is ${value}`
  return { problem: Number.isFinite(value) ? 'out_of_range' : 'not_a_number', detail }
}
