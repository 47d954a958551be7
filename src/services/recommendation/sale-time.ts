import { saleSteps, saleWeeksMax } from '#contracts/prediction.ts'

/**
 * When a listed unit is sold: a chance each week, the same within each step of weeks. A channel of speed factor f sells in
 * f times the time: h' = 1 - (1 - h)^(1/f). The sales of a week fall on its middle.
 */

/** Cumulated hazard of one week: the first, then each of `saleSteps`. */
export const rateCount = saleSteps.length + 1
const weekDays = 7

/** `shape` holds what is added to the logit of the first week from each step on, in `values` at `shapeAt`. */
export function writeRates(
  logit: number,
  values: Float64Array,
  shapeAt: number,
  rates: Float64Array,
  at: number,
): void {
  for (let r = 0; r < rateCount; r++) {
    const x = r === 0 ? logit : logit + values[shapeAt + r - 1]!
    // -ln(1 - h) of a logit, without losing the digits of a sure sale.
    rates[at + r] = x > 30 ? x : Math.log1p(Math.exp(x))
  }
}

export function horizonWeeks(horizonDays: number): number {
  return Math.min(saleWeeksMax, horizonDays / weekDays)
}

/** Days since listing on which the sales of week `week` (from 0) fall, when the horizon ends after `weeks`. */
export function middleOfWeek(week: number, weeks: number): number {
  return weekDays * (week + Math.min(1, weeks - week) / 2)
}

export type SaleTime = {
  /** Chance of a sale within the horizon; mean and standard deviation of its day since listing, given a sale. */
  readonly chance: number
  readonly days: number
  readonly spread: number
}

/** Speed factor zero: taken at once. */
export function saleTime(rates: Float64Array, at: number, speed: number, weeks: number): SaleTime {
  if (speed <= 0) return { chance: 1, days: 0, spread: 0 }
  let step = 0
  let kept = Math.exp(-rates[at]! / speed)
  let unsold = 1
  let [chance, days, squares] = [0, 0, 0]
  for (let week = 0; week < weeks; week++) {
    if (step < saleSteps.length && week + 1 === saleSteps[step]) kept = Math.exp(-rates[at + ++step]! / speed)
    const length = Math.min(1, weeks - week)
    const sold = unsold * (1 - (length < 1 ? kept ** length : kept))
    const day = weekDays * (week + length / 2)
    chance += sold
    days += sold * day
    squares += sold * day * day
    unsold -= sold
  }
  if (chance <= 0) return { chance: 0, days: 0, spread: 0 }
  const mean = days / chance
  return { chance, days: mean, spread: Math.sqrt(Math.max(0, squares / chance - mean * mean)) }
}

/** Rate, cumulated hazard and first week of each step within a horizon. */
export const saleStepsWidth = 3 * rateCount

/** Writes the steps of a horizon of `weeks`; those beyond it have no hazard. */
export function writeSaleStepsOf(
  rates: Float64Array,
  at: number,
  weeks: number,
  steps: Float64Array,
  to: number,
): void {
  let from = 0
  for (let step = 0; step < rateCount; step++) {
    const until = Math.max(from, step < saleSteps.length ? Math.min(saleSteps[step]! - 1, weeks) : weeks)
    steps[to + 3 * step] = rates[at + step]!
    steps[to + 3 * step + 1] = rates[at + step]! * (until - from)
    steps[to + 3 * step + 2] = from
    from = until
  }
}

/**
 * The day since listing of a sale by its cumulated hazard (an exponential number of mean 1, times the speed factor); infinite
 * when unsold. `steps` holds those of `writeSaleStepsOf` by grade.
 */
export function saleDayIn(steps: Float64Array, g: number, weeks: number, hazard: number): number {
  let left = hazard
  const end = (g + 1) * saleStepsWidth
  for (let at = g * saleStepsWidth; at < end; at += 3) {
    const within = steps[at + 1]!
    if (left < within) return middleOfWeek(Math.floor(steps[at + 2]! + left / steps[at]!), weeks)
    left -= within
  }
  return Number.POSITIVE_INFINITY
}
