import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { grades, reasonCodes, returnTypes } from '#contracts/codes.ts'
import { recommendationBodySchema } from '#contracts/recommendations.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import { categories, data, predictAll, recommend, unit } from '../../../test/support/decision.ts'
import { decide } from './decide.ts'

const categoryIds = [...categories.keys()]
const partsSum = (o: RecommendationBody['options'][number]) => Object.values(o.breakdown).reduce((a, b) => a + b, 0)

function assertSound(body: RecommendationBody): void {
  const parsed = recommendationBodySchema.safeParse(body)
  assert.ok(parsed.success, parsed.error?.message)
  for (const option of body.options) {
    assert.equal(partsSum(option), option.value.mean)
    const { p05, p50, p95 } = option.value
    assert.ok(p05 <= p50 && p50 <= p95, JSON.stringify(option.value))
  }
  const propensity = body.options.reduce((sum, o) => sum + o.propensity, 0)
  if (body.options.length > 0) assert.ok(Math.abs(propensity - 1) < 1e-5)
  assert.ok(body.evppiMinor >= 0 && body.greenerCostMinor >= 0)
  const open = new Set(body.options.map((o) => `${o.disposition}/${o.channel}`))
  assert.ok(body.excluded.every((e) => !open.has(`${e.disposition}/${e.channel}`)))
}

const item = fc
  .record({
    id: fc.uuid(),
    point: fc.constantFrom('t0', 't1', 't2'),
    categoryId: fc.constantFrom(...categoryIds, 'unknown.category'),
    priceMinor: fc.option(fc.integer({ min: 100, max: 15_000_000 })),
    mrpMinor: fc.option(fc.integer({ min: 100, max: 20_000_000 })),
    reasonCode: fc.constantFrom(...reasonCodes, 'not a reason'),
    returnType: fc.constantFrom(...returnTypes),
    isOpened: fc.option(fc.boolean()),
    grade: fc.option(fc.constantFrom(...grades)),
    quarantine: fc.option(fc.constantFrom('hazard', 'counterfeit', 'wrong_item'), { freq: 5 }),
    currency: fc.constantFrom('INR', 'INR', 'USD', 'JPY', 'XXX'),
    isVendorReturnable: fc.boolean(),
    hasBrandRestriction: fc.boolean(),
    isRecalled: fc.boolean(),
    daysToExpiry: fc.option(fc.integer({ min: -10, max: 400 })),
    distanceKm: fc.option(fc.integer({ min: 0, max: 3_000 })),
    weightKg: fc.option(fc.double({ min: 0.01, max: 80, noNaN: true })),
    repairEstimateMinor: fc.option(fc.integer({ min: 0, max: 500_000 })),
    hubCapabilities: fc.option(fc.subarray(['refurbish', 'data_wipe', 'battery'])),
  })
  .map((over) => unit(over as Partial<DecisionItem>))

describe('decide', () => {
  it('answers every category, grade and reason with a sound body', () => {
    const items = categoryIds.flatMap((categoryId, c) =>
      [...grades, null].flatMap((grade) =>
        reasonCodes.map((reasonCode, r) =>
          unit({
            id: `${categoryId}-${grade}-${reasonCode}`,
            categoryId,
            grade,
            reasonCode,
            point: grade === null ? 't0' : 't1',
            isOpened: grade === 'S' ? false : null,
            returnType: r % 3 === 0 ? 'rto' : 'customer_return',
            priceMinor: 20_000 * (1 + ((c + r) % 40)),
          }),
        ),
      ),
    )
    const bodies = decide(items, predictAll(items), data, categories)
    assert.equal(bodies.length, items.length)
    bodies.forEach(assertSound)
    assert.ok(bodies.every((b) => b.degraded && (b.confidence ?? 0) <= 0.6))
  })

  it('answers anything in order, the same each time', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), (items) => {
        const bodies = decide(items, predictAll(items), data, categories)
        bodies.forEach(assertSound)
        assert.deepEqual(
          bodies,
          items.map((one) => recommend(one)),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('never values a better grade below a worse one', () => {
    const order = ['A', 'B', 'C', 'D', 'E'] as const
    const price = fc.integer({ min: 5_000, max: 8_000_000 })
    fc.assert(
      fc.property(fc.constantFrom(...categoryIds), price, fc.nat(3), (categoryId, priceMinor, g) => {
        const best = (grade: 'A' | 'B' | 'C' | 'D' | 'E') =>
          Math.max(...recommend(unit({ categoryId, priceMinor, grade })).options.map((o) => o.value.mean))
        assert.ok(best(order[g]!) >= best(order[g + 1]!) - 2)
      }),
      { numRuns: 150 },
    )
  })

  it('never values a longer way above a shorter one', () => {
    const km = fc.integer({ min: 0, max: 3_000 })
    fc.assert(
      fc.property(fc.constantFrom(...categoryIds), km, km, (categoryId, a, b) => {
        const best = (distanceKm: number) => recommend(unit({ categoryId, distanceKm })).value.mean
        assert.ok(best(Math.max(a, b)) <= best(Math.min(a, b)) + 2)
      }),
      { numRuns: 100 },
    )
  })

  it('does what a practitioner would', () => {
    const kurta = recommend(
      unit({ categoryId: 'fashion.apparel.ethnic', priceMinor: 79_900, grade: 'S', isOpened: false }),
    )
    assert.equal(kurta.disposition, 'restock')
    assert.ok(kurta.value.mean > 45_000)
    const phone = recommend(unit({ priceMinor: 1_800_000, grade: 'B' }))
    assert.ok(['refurbish', 'resell'].includes(phone.disposition))
    assert.ok(phone.value.mean > 0.45 * 1_800_000)
    const cable = unit({ categoryId: 'electronics.accessory.cable_charger', priceMinor: 15_000, grade: 'D' })
    assert.equal(recommend(cable).disposition, 'recycle')
    const cream = unit({
      categoryId: 'beauty.personal.cosmetics',
      priceMinor: 65_000,
      grade: 'A',
      isOpened: true,
    })
    assert.ok(['recycle', 'destroy'].includes(recommend(cream).disposition))
    const rag = unit({ categoryId: 'fashion.apparel.topwear', priceMinor: 29_900, grade: 'E' })
    assert.ok(['recycle', 'donate'].includes(recommend(rag).disposition))
    const laptop = recommend(unit({ categoryId: 'electronics.computing.laptop', priceMinor: 5_500_000, grade: 'C' }))
    assert.ok(!['recycle', 'destroy', 'donate'].includes(laptop.disposition))
    assert.ok(laptop.value.mean > 1_000_000)
    const fakeless = recommend(unit({ priceMinor: 5_500_000, isRecalled: true, isVendorReturnable: true }))
    assert.equal(fakeless.disposition, 'vendor')
  })

  it('gives reasons in money that add up to the difference from the runner-up', () => {
    const body = recommend(unit())
    const [chosen, other] = body.options
    const sum = body.reasons.reduce((total, reason) => total + reason.amount, 0)
    assert.ok(Math.abs(sum - (chosen!.utility - other!.utility)) <= 1)
    assert.ok(body.reasons.length <= 5)
    assert.match(body.reasons[0]!.text, /₹[\d,]+ (higher|lower) than/)
  })

  it('without a model follows the grade table, without confidence, for review', () => {
    const [phone, hold] = decide([unit(), unit({ isOwned: false })], null, data, categories)
    assertSound(phone!)
    assert.deepEqual([phone!.level, phone!.confidence, phone!.needsReview], ['L3', null, true])
    assert.equal(phone!.disposition, 'refurbish')
    assert.ok(phone!.reviewReasons.includes('rules_only'))
    assert.equal(phone!.options[0]!.breakdown.gross, 0)
    assert.deepEqual([hold!.disposition, hold!.level], ['hold', 'L3'])
  })

  it('never invents a price', () => {
    const body = recommend(unit({ priceMinor: null }))
    assert.deepEqual([body.level, body.confidence, body.degraded], ['L3', null, true])
    assert.ok(body.reviewReasons.includes('price_unknown'))
  })

  it('answers in the currency of the item, and not at all in one it does not know', () => {
    const rupees = recommend(unit({ currency: 'INR', priceMinor: 20_000 * 88 }))
    const dollars = recommend(unit({ currency: 'USD', priceMinor: 20_000 }))
    assert.equal(dollars.currency, 'USD')
    assert.ok(Math.abs(dollars.options[0]!.value.mean * 88 - rupees.options[0]!.value.mean) < 0.1 * 20_000 * 88)
    assert.ok(recommend(unit({ currency: 'XXX' })).reviewReasons.includes('currency_unsupported'))
  })

  it('refuses predictions of another number', () => {
    assert.throws(() => decide([unit()], predictAll([]), data, categories), /1 items but 0 predictions/)
  })
})
