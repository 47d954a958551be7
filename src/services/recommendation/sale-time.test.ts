import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  horizonWeeks,
  middleOfWeek,
  rateCount,
  saleDayIn,
  saleStepsWidth,
  saleTime,
  writeRates,
  writeSaleStepsOf,
} from './sale-time.ts'

const near = (actual: number, expected: number, by = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not ${expected}`)

function ratesOf(logit: number, shape: readonly number[]): Float64Array {
  const rates = new Float64Array(rateCount)
  writeRates(logit, Float64Array.from(shape), 0, rates, 0)
  return rates
}

function saleDay(rates: Float64Array, speed: number, weeks: number, exponential: number): number {
  const steps = new Float64Array(2 * saleStepsWidth)
  writeSaleStepsOf(rates, 0, weeks, steps, saleStepsWidth)
  return saleDayIn(steps, 1, weeks, speed * exponential)
}

/** Chance of a sale in each week, straight from the definition. */
function weekly(logit: number, shape: readonly number[], speed: number, weeks: number): number[] {
  let unsold = 1
  return Array.from({ length: Math.ceil(weeks) }, (_, j) => {
    const step = j + 1 < 2 ? 0 : j + 1 < 5 ? shape[0]! : j + 1 < 13 ? shape[1]! : shape[2]!
    const hazard = 1 / (1 + Math.exp(-(logit + step)))
    const sold = unsold * (1 - (1 - hazard) ** (Math.min(1, weeks - j) / speed))
    unsold -= sold
    return sold
  })
}

const logit = fc.double({ min: -5, max: 3, noNaN: true })
const shape = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 })
const speed = fc.double({ min: 0.2, max: 3, noNaN: true })
const weeks = fc.oneof(fc.integer({ min: 1, max: 26 }), fc.double({ min: 0.1, max: 26, noNaN: true }))

describe('time of sale', () => {
  it('has the chance, mean day and spread of the weekly hazard', () => {
    fc.assert(
      fc.property(logit, shape, speed, weeks, (l, s, f, w) => {
        const shares = weekly(l, s, f, w)
        const chance = shares.reduce((a, b) => a + b, 0)
        const day = shares.reduce((sum, p, j) => sum + p * middleOfWeek(j, w), 0) / chance
        const square = shares.reduce((sum, p, j) => sum + p * (middleOfWeek(j, w) - day) ** 2, 0) / chance
        const sale = saleTime(ratesOf(l, s), 0, f, w)
        near(sale.chance, chance, 1e-9)
        near(sale.days, day, 1e-6)
        near(sale.spread, Math.sqrt(square), 1e-4)
      }),
    )
  })

  it('draws days with the same chances', () => {
    fc.assert(
      fc.property(logit, shape, speed, weeks, (l, s, f, w) => {
        const shares = weekly(l, s, f, w)
        const rates = ratesOf(l, s)
        let unsold = 1
        shares.forEach((p, j) => {
          // Just inside the chances of this week, at both ends.
          if (p > 1e-6 && unsold > 1e-6) {
            for (const u of [unsold - p * 1e-3, unsold - p * 0.999]) {
              near(saleDay(rates, f, w, -Math.log(u)), middleOfWeek(j, w), 1e-9)
            }
          }
          unsold -= p
        })
        if (unsold > 1e-6) assert.equal(saleDay(rates, f, w, -Math.log(unsold) + 1e-6), Number.POSITIVE_INFINITY)
      }),
    )
  })

  it('knows a constant hazard, a channel that takes at once and one where nothing sells', () => {
    const rates = ratesOf(Math.log(Math.expm1(7 / 20)), [0, 0, 0])
    near(saleTime(rates, 0, 1, horizonWeeks(63)).chance, 1 - Math.exp(-63 / 20), 1e-12)
    near(saleTime(rates, 0, 0.5, horizonWeeks(63)).chance, 1 - Math.exp(-63 / 10), 1e-12)
    assert.deepEqual(saleTime(rates, 0, 0, 9), { chance: 1, days: 0, spread: 0 })
    near(saleTime(ratesOf(-60, [0, 0, 0]), 0, 1, 9).chance, 0, 1e-12)
    assert.equal(horizonWeeks(400), 26)
  })
})
