import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { grades, reasonCodes, returnTypes } from '#contracts/codes.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { atMs, categories, data, features, rowsOf, unit } from '../../../test/support/decision.ts'
import { compiledFor } from './compile.ts'
import { featurize } from './features.ts'

const names = features.features.map((feature) => feature.name)
const width = names.length
const read = (item: DecisionItem) => {
  const row = rowsOf([item])
  return (name: string) => row[names.indexOf(name)]!
}
const near = (actual: number, expected: number, by = 1e-5) =>
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not ${expected}`)
const isLater = (name: string) => features.features.find((f) => f.name === name)!.knownAt === 't1'
const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: null })
const day = 86_400_000
const dayInt = (min: number, max: number) => fc.integer({ min, max }).map((d) => atMs + d * day)
const groups = fc.record({ own: fc.nat(50), marketplace: fc.nat(50), b2b: fc.nat(50) })

const anything = fc
  .record({
    point: fc.constantFrom('t0', 't1', 't2'),
    atMs: dayInt(-800, 800),
    categoryId: fc.constantFrom(...categories.keys(), 'never.seen.before'),
    currency: fc.constantFrom('INR', 'USD', 'XXX'),
    brandTier: fc.constantFrom('premium', 'mid', 'budget', 'unbranded'),
    mrpMinor: maybe(fc.integer({ min: 0, max: 1e7 })),
    priceMinor: maybe(fc.integer({ min: 0, max: 1e7 })),
    soldAtMs: maybe(dayInt(-900, 900)),
    launchedAtMs: maybe(dayInt(-900, 900)),
    weightKg: maybe(fc.double({ min: 0.01, max: 80, noNaN: true })),
    reasonCode: fc.constantFrom(...reasonCodes, 'not a reason'),
    returnType: fc.constantFrom(...returnTypes),
    isOpened: maybe(fc.boolean()),
    hasAllAccessories: maybe(fc.boolean()),
    completeness: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
    saleChannel: maybe(fc.constantFrom('amazon_in', 'own_web', 'somewhere')),
    grade: maybe(fc.constantFrom(...grades)),
    findings: fc.subarray(['dead', 'cracked_screen', 'worn', 'never heard of']),
    repairEstimateMinor: maybe(fc.nat(1e6)),
    distanceKm: maybe(fc.nat(3000)),
    hubCapabilities: maybe(fc.subarray(['refurbish', 'data_wipe', 'hazmat'])),
    photoGate: maybe(fc.constantFrom('passed', 'failed')),
    photoCount: maybe(fc.nat(9)),
    customer: maybe(fc.record({ orders365d: fc.nat(40), returnRate365d: fc.constant(0.2), mismatches: fc.nat(3) })),
    market: maybe(fc.record({ trend28d: maybe(fc.constant(-0.01)), sold28d: maybe(groups), stock: maybe(groups) })),
  })
  .map((over) => unit(over as Partial<DecisionItem>))

describe('featurize', () => {
  it('gives every unit numbers of the contract: places within the list, booleans 0 or 1, the rest finite or NaN', () => {
    fc.assert(
      fc.property(anything, (item) => {
        const row = rowsOf([item])
        features.features.forEach((feature, f) => {
          const value = row[f]!
          if (Number.isNaN(value)) return
          assert.ok(Number.isFinite(value), `${feature.name} ${value}`)
          if (feature.type === 'boolean') assert.ok(value === 0 || value === 1, feature.name)
          if ('values' in feature) assert.ok(Number.isInteger(value) && value >= 0 && value < feature.values.length)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('knows nothing of the check at t0, and the same of everything else as at t1', () => {
    fc.assert(
      fc.property(anything, (item) => {
        const early = rowsOf([{ ...item, point: 't0' }])
        const late = rowsOf([{ ...item, point: 't1' }])
        names.forEach((name, f) => {
          if (isLater(name)) assert.ok(Number.isNaN(early[f]), name)
          else assert.ok(Object.is(early[f], late[f]), name)
        })
        assert.deepEqual(rowsOf([{ ...item, point: 't2' }]), late)
      }),
      { numRuns: 200 },
    )
  })

  it('is pure: a row does not depend on its batch nor on its place in it', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 5 }), (items) => {
        const rows = rowsOf(items)
        const out = new Float32Array(width + 7).fill(-1)
        items.forEach((item, i) => {
          featurize(compiledFor(data, categories), features, item, out, 7)
          assert.deepEqual(rows.slice(i * width, (i + 1) * width), out.slice(7))
          assert.ok(out.subarray(0, 7).every((x) => x === -1))
        })
      }),
      { numRuns: 100 },
    )
  })

  it('depends on no id, SKU or place of a person', () => {
    fc.assert(
      fc.property(anything, fc.uuid(), (item, id) => {
        assert.deepEqual(rowsOf([{ ...item, id, sku: id, pickupPincode: '560001' }]), rowsOf([item]))
      }),
      { numRuns: 60 },
    )
  })

  it('reads a phone as the contract says', () => {
    const f = read(
      unit({
        priceMinor: 1_800_000,
        mrpMinor: 2_000_000,
        soldAtMs: atMs - 10 * day,
        launchedAtMs: atMs - 200 * day,
        repairEstimateMinor: 90_000,
        findings: ['cracked_back', 'weak_battery'],
        hubCapabilities: ['data_wipe'],
        distanceKm: 42,
      }),
    )
    near(f('price_log'), Math.log(18_000))
    near(f('mrp_log'), Math.log(20_000))
    near(f('reference_log'), Math.log(18_000) - 0.0144)
    near(f('repair_estimate_log'), Math.log(901))
    assert.deepEqual([f('days_since_sale_d'), f('model_age_d'), f('distance_km')], [10, 200, 42])
    assert.deepEqual([f('category_l1'), f('category_l2'), f('category_l3')], [4, 8, 11])
    assert.deepEqual([f('grade'), f('brand_tier'), f('hygiene_class'), f('hazard_class')], [3, 2, 1, 0])
    assert.deepEqual([f('finding_crack_case'), f('finding_fault_power'), f('finding_dirt')], [1, 1, 0])
    assert.deepEqual([f('hub_can_wipe'), f('hub_can_repair')], [1, 0])
    assert.deepEqual([f('is_opened'), f('accessories'), f('is_rto')], [1, 1, 0])
    assert.ok([f('transit_d'), f('photo_count'), f('reason_cluster'), f('stock_own')].every(Number.isNaN))
  })

  it('counts a sealed unit as A, a quarantined one as of no grade, and half of the parts where some are missing', () => {
    assert.equal(read(unit({ grade: 'S' }))('grade'), 4)
    assert.ok(Number.isNaN(read(unit({ grade: 'Q' }))('grade')))
    assert.equal(read(unit({ hasAllAccessories: false }))('accessories'), 0.5)
    near(read(unit({ completeness: 0.8 }))('accessories'), 0.8)
  })

  it('knows no price where there is none, or no rate to turn it into rupees', () => {
    for (const item of [unit({ priceMinor: null }), unit({ currency: 'XXX' })]) {
      assert.ok(Number.isNaN(read(item)('reference_log')))
    }
    near(read(unit({ currency: 'USD', priceMinor: 20_000 }))('price_log'), Math.log(200 * 88))
  })

  it('tells the day as people in India have it', () => {
    // 20:00 UTC on Saturday is half past one on Sunday in Kolkata, the last day of January.
    const f = read(unit({ atMs: Date.parse('2026-01-30T20:00:00Z') }))
    assert.deepEqual([f('weekday'), f('month'), f('festival_d')], [5, 1, 5])
    assert.equal(read(unit({ atMs: Date.parse('2026-01-31T20:00:00Z') }))('weekday'), 6)
    assert.equal(read(unit({ atMs: Date.parse('2026-01-31T20:00:00Z') }))('month'), 2)
    assert.equal(read(unit({ atMs: Date.parse('2026-11-07T20:00:00Z') }))('festival_d'), 0)
    assert.equal(read(unit({ atMs: Date.parse('2026-05-01T00:00:00Z') }))('festival_d'), 60)
  })

  it('refuses a contract with a feature that nothing is known to read from', () => {
    const [first, ...rest] = features.features
    const strange = { ...features, features: [{ ...first!, name: 'moon_phase' }, ...rest] }
    const out = new Float32Array(width)
    assert.throws(() => featurize(compiledFor(data, categories), strange, unit(), out, 0), /moon_phase/)
  })
})
