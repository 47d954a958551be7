import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { usedPriceModelSchema, type UsedPriceModel } from '#contracts/used-price.ts'
import { openUsedPrices } from './used-price.ts'

const stump = (input: number, at: number, left: number, right: number) => ({
  f: [input],
  t: [at],
  l: [-1],
  r: [-2],
  d: [1 as const],
  v: [left, right],
  c: [2, 1, 1],
})

/** Columns: ln new price, days / 100, 4G; terms: those, three products of the first two, the brand, the system. */
const model: UsedPriceModel = {
  kind: 'value',
  format: 'value.v1',
  answers: 'ln of the used price',
  inputs: [
    { name: 'new_price_eur', kind: 'log', add: 0 },
    { name: 'days_used', kind: 'scaled', by: 0.01 },
    { name: 'four_g', kind: 'yes_no' },
  ],
  fill: [{ input: 1, known: [0], coefficients: [2, -7] }],
  mean: [5, 4, 0.5],
  spread: [1, 2, 0.5],
  paired: 2,
  brands: ['Acme'],
  brand_factor: 0.7,
  systems: ['Android'],
  polynomial: { intercept: 4, coefficients: [0.8, -0.2, 0.1, 0.01, 0.02, 0.03, 0.5, 0.25] },
  brand_ratio: { default: -0.6, values: { Acme: -0.5 } },
  // The inputs of a tree: three columns, the brand's ratio, the system, and for the size the price itself.
  boosters: [[stump(1, 0, -0.4, -0.9)], [stump(3, -0.55, -0.7, -0.6), stump(4, 0.5, 0.02, 0.04)]],
  weights: { polynomial: 0.6, boosted: 0.4 },
  shift: -0.01,
  interval: { low: -1.2, high: 1.1, floor: 0.1, size: [stump(5, 5, 0.05, 0.3)] },
  golden: [{ row: { new_price_eur: '', days_used: '', four_g: '', device_brand: '', os: '' }, answer: [0, 0, 0] }],
}

/** The same by hand: `z` are the standard columns. */
function byHand(lnNew: number, days: number, is4g: boolean, isAcme: boolean, isAndroid: boolean) {
  const z = [lnNew - 5, (days / 100 - 4) / 2, is4g ? 1 : -1] as const
  const polynomial =
    4 +
    0.8 * z[0] -
    0.2 * z[1] +
    0.1 * z[2] +
    0.01 * z[0] ** 2 +
    0.02 * z[0] * z[1] +
    0.03 * z[1] ** 2 +
    (isAcme ? 0.35 : 0) +
    (isAndroid ? 0.25 : 0)
  const first = z[1] <= 0 ? -0.4 : -0.9
  const second = (isAcme ? -0.6 : -0.7) + (isAndroid ? 0.04 : 0.02)
  const centre = 0.6 * polynomial + 0.4 * (lnNew + (first + second) / 2)
  const size = centre <= 5 ? 0.1 : 0.3
  return [centre - 1.2 * size, centre - 0.01, centre + 1.1 * size].map(Math.exp)
}

const texts = (lnNew: number, days: string, is4g: boolean, brand: string, system: string) => ({
  new_price_eur: String(Math.exp(lnNew)),
  days_used: days,
  four_g: is4g ? 'yes' : 'no',
  device_brand: brand,
  os: system,
})

const cases = [
  [texts(5.5, '300', true, 'Acme', 'Android'), byHand(5.5, 300, true, true, true)],
  [texts(6.5, '900', false, 'Other', 'iOS'), byHand(6.5, 900, false, false, false)],
  // Days are missing: 2 x ln new price - 7 hundreds of them.
  [texts(5.2, '', true, 'Acme', 'iOS'), byHand(5.2, 340, true, true, false)],
] as const
const proven = { ...model, golden: cases.map(([row, answer]) => ({ row, answer: [...answer] })) }

describe('a price model of used things', () => {
  it('answers polynomial and trees, weighed, with an interval as wide as the row is hard', () => {
    const answers = openUsedPrices(usedPriceModelSchema.parse(proven))(cases.map(([row]) => row))
    answers.forEach(({ low, price, high }, i) => {
      const wanted = cases[i]![1]
      for (const [k, got] of [low, price, high].entries()) assert.ok(Math.abs(got / wanted[k]! - 1) < 1e-6)
    })
  })

  it('refuses a model that answers its golden rows otherwise than its trainer, or not at all', () => {
    assert.throws(() => openUsedPrices(model), /golden row 0/)
    const off = proven.golden.map((g, i) => (i === 1 ? { ...g, answer: g.answer.map((a) => a * 1.001) } : g))
    assert.throws(() => openUsedPrices({ ...proven, golden: off }), /golden row 1/)
  })

  it('refuses another number of coefficients', () => {
    const polynomial = { ...model.polynomial, coefficients: model.polynomial.coefficients.slice(1) }
    assert.throws(() => openUsedPrices({ ...proven, polynomial }), /7 coefficients for 8 terms/)
  })
})
