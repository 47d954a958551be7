import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { rowHashes } from '#services/recommendation/features.ts'
import { features, recommend, rowsOf, unit } from '../../test/support/decision.ts'
import type { DecisionBasis } from './decision-basis.ts'
import { basisOf, packRecommendation, unpackRecommendation } from './packed-recommendation.ts'
import type { PackedRecommendation } from './packed-recommendation.ts'
import type { DecisionItem } from './recommendations.ts'

const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: null })
const count = fc.nat(1e6)
const real = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x + 0)
const plainObjects = { noNullPrototype: true } as const
const groups = fc.record({ own: fc.nat(50), marketplace: fc.nat(50), b2b: fc.nat(50) }, plainObjects)

/** Every field that may be kept, each there or not. */
const item = fc
  .record(
    {
      point: fc.constantFrom('t0', 't1', 't2'),
      atMs: fc.integer({ min: 1e12, max: 2e12 }),
      brandTier: fc.constantFrom('premium', 'mid', 'unbranded'),
      mrpMinor: maybe(count),
      priceMinor: maybe(count),
      costMinor: maybe(count),
      weightKg: maybe(real),
      soldAtMs: maybe(count),
      returnType: fc.constantFrom('rto', 'customer_return'),
      isOpened: maybe(fc.boolean()),
      hasAllAccessories: maybe(fc.boolean()),
      isRecalled: fc.boolean(),
      isOwned: fc.boolean(),
      grade: maybe(fc.constantFrom('S', 'A', 'Q')),
      findings: fc.subarray(['dead', 'worn']),
      completeness: maybe(fc.constantFrom(0, 0.5, 1)),
      distanceKm: maybe(real),
      hubCapabilities: maybe(fc.subarray(['refurbish', 'battery'])),
      routedByChannel: fc.dictionary(fc.constantFrom('flipkart', 'ngo'), fc.nat(9), plainObjects),
      photoGate: maybe(fc.constantFrom('passed', 'failed')),
      photoCount: maybe(fc.nat(9)),
      transitDays: maybe(real),
      hubMinuteMinor: maybe(real),
      customer: maybe(fc.record({ orders365d: fc.nat(40), returnRate365d: real, mismatches: fc.nat(3) }, plainObjects)),
      market: maybe(fc.record({ trend28d: maybe(real), sold28d: maybe(groups), stock: maybe(groups) }, plainObjects)),
    },
    { requiredKeys: [] },
  )
  .map((over) => unit({ sku: null, ...over }))

const basisFor = (of: DecisionItem): DecisionBasis => ({
  item: of,
  rowHash: rowHashes(rowsOf([of]), features.features.length)[0]!,
  contractHash: features.hash.slice(0, 12),
  engine: 'tables',
  fellBack: [],
  interval: null,
  probeShare: 0,
  factor: 1,
})
const throughLog = (packed: PackedRecommendation) => JSON.parse(JSON.stringify(packed)) as PackedRecommendation
/** A field that may be absent is as good as null. */
const known = (of: DecisionItem) => Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null))

describe('packed recommendation', () => {
  it('gives back the answer and what it was made from, whatever is known of the unit', () => {
    const body = recommend(unit())
    fc.assert(
      fc.property(item, (of) => {
        const about = { ...body, point: of.point }
        const packed = throughLog(packRecommendation(about, basisFor(of)))
        assert.deepEqual(unpackRecommendation(packed), about)
        const basis = basisOf(packed, of.id)!
        assert.deepEqual(known(basis.item), known(of))
        assert.deepEqual(basisFor(basis.item), { ...basis, item: basis.item })
      }),
      { numRuns: 300 },
    )
  })

  it('keeps where the answer came from', () => {
    const whole: DecisionBasis = {
      ...basisFor(unit({ sku: null })),
      fellBack: [{ level: 'L0', engine: 'mlflow', why: 'timed out' }],
      interval: { group: 'electronics|resell', alpha: 0.0955 },
      probeShare: 0.02,
      factor: 0.4,
    }
    const packed = throughLog(packRecommendation(recommend(unit()), whole))
    assert.deepEqual(basisOf(packed, 'unit-1'), whole)
  })

  it('needs some hundred bytes for a unit, and none for what is not known', () => {
    const plain = JSON.stringify(packRecommendation(recommend(unit()), null)).length
    const kept = JSON.stringify(packRecommendation(recommend(unit()), basisFor(unit()))).length
    assert.ok(kept - plain < 350, String(kept - plain))
  })

  it('reads what was written before: named versions, no basis', () => {
    const body = recommend(unit())
    const old = { ...packRecommendation(body, null), dataVersions: { policy: '1' } }
    assert.deepEqual(unpackRecommendation(throughLog(old)), { ...body, dataVersions: { policy: '1' } })
    assert.equal(basisOf(old, 'unit-1'), null)
  })
})
