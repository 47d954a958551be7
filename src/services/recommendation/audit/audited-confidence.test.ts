import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { randomFrom } from '#kernel/random.ts'
import { auditItem, auditItemsMin, auditReport, type AuditItem } from './audited-confidence.ts'

const option = (disposition: string, channel: string) => ({ disposition, channel })
const body = (confidence: number | null) =>
  ({ confidence, options: [option('resell', 'amazon'), option('liquidate', 'lots')] }) as never
const said = (disposition: string, valueMinor: number, channel: string | null = null) =>
  ({ disposition, channel, valueMinor }) as never

test('an item says whether people found the first option best', () => {
  assert.deepEqual(auditItem(body(0.7), [said('resell', 100), said('liquidate', 90)]), { raw: 0.7, isBest: true })
  assert.deepEqual(auditItem(body(0.7), [said('resell', 80, 'amazon'), said('parts', 90)]), { raw: 0.7, isBest: false })
  // Another channel is another option.
  assert.equal(auditItem(body(0.7), [said('resell', 100, 'flipkart'), said('parts', 90)]), null)
  assert.equal(auditItem(body(0.7), [said('liquidate', 100), said('parts', 90)]), null)
  assert.equal(auditItem(body(null), [said('resell', 100), said('parts', 90)]), null)
})

function items(seed: number, count: number, chance: (raw: number) => number): AuditItem[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => {
    const raw = random()
    return { raw, isBest: random() < chance(raw) }
  })
}

test('a map is fitted when there are enough items, and finds the chance behind the share', () => {
  assert.equal(
    auditReport(
      items(1, auditItemsMin - 1, (raw) => raw),
      3,
    ).confidence,
    null,
  )
  assert.deepEqual(auditReport([], 2), { items: 0, leftOut: 2, shareBest: null, ece: null, bins: [], confidence: null })
  const honest = auditReport(
    items(2, 4000, (raw) => raw),
    0,
  )
  assert.ok(honest.ece! < 0.03)
  const boastful = auditReport(
    items(3, 4000, (raw) => raw ** 2),
    0,
  )
  assert.ok(boastful.ece! > 0.1)
  const { knots } = boastful.confidence!
  for (const [raw, chance] of knots.slice(1, -1)) assert.ok(Math.abs(chance - raw ** 2) < 0.08, `${raw}: ${chance}`)
})

test('knots rise in both, whatever was found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: auditItemsMin, max: 600 }), (seed, count) => {
      const {
        confidence,
        bins,
        items: n,
      } = auditReport(
        items(seed, count, () => 0.5),
        0,
      )
      assert.equal(
        bins.reduce((sum, bin) => sum + bin.items, 0),
        n,
      )
      const { knots } = confidence!
      assert.deepEqual([knots[0]![0], knots.at(-1)![0]], [0, 1])
      knots.forEach(([raw, chance], i) => {
        assert.ok(chance >= 0 && chance <= 1)
        if (i > 0) assert.ok(raw >= knots[i - 1]![0] && chance >= knots[i - 1]![1])
      })
    }),
    { numRuns: 40 },
  )
})
