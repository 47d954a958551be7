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

/** The day since listing of a sale whose cumulated hazard is an exponential number of mean 1; infinite when unsold. */
export function saleDay(rates: Float64Array, at: number, speed: number, weeks: number, exponential: number): number {
  if (speed <= 0) return 0
  let left = exponential * speed
  let from = 0
  for (let step = 0; ; step++) {
    const to = step < saleSteps.length ? Math.min(saleSteps[step]! - 1, weeks) : weeks
    const rate = rates[at + step]!
    if (left < rate * (to - from)) return middleOfWeek(Math.floor(from + left / rate), weeks)
    if (to >= weeks) return Number.POSITIVE_INFINITY
    left -= rate * (to - from)
    from = to
  }
}
