import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomePlace, outcomeWidth } from '#contracts/training-rows.ts'
import { randomFrom } from '#kernel/random.ts'
import { truthColumns } from '../simulator/world-files.ts'
import { offPolicyMetric } from './off-policy-metric.ts'

const options = [{ route: 'restock' }, { route: 'resell' }, { route: 'liquidate' }] as const
const features = 2

/** 800 units of 1,000 INR; `certain`: above this share of them nothing but the first option could be taken. */
function logged(certain: number) {
  const random = randomFrom(5)
  const count = 800
  const x1 = new Float32Array(count * features)
  const y = new Float32Array(count * outcomeWidth).fill(Number.NaN)
  const truth = new Float32Array(count * options.length * truthColumns.length).fill(Number.NaN)
  const decisions = Array.from({ length: count }, (_, i) => {
    const x = random()
    x1.set([x, random()], i * features)
    y[i * outcomeWidth + outcomePlace('reference_log')] = Math.log(1000)
    options.forEach((_, o) => {
      const place = (i * options.length + o) * truthColumns.length
      truth[place + truthColumns.indexOf('u')] = 1e5 * (0.3 + [0.4 * x, 0.3 * (1 - x), 0.05][o]! + 0.2 * random())
    })
    const isCertain = i < certain * count
    return {
      chosen: 0,
      propensities: isCertain ? [1, 0, null] : [0.8, 0.15, 0.05],
      utilities: [50_000, 45_000, 35_000],
      level: 'L2',
      seed: i,
    }
  })
  const manifest = { features: ['a', 'b'] } as never
  return { count, manifest, x1, y, truth, decisions }
}
const second = (count: number) => ({
  chosen: new Int32Array(count).fill(1),
  utilities: Array.from({ length: count }, () => [50_000, 45_000, 35_000]),
})

test('a candidate is valued from logs drawn anew, near what it truly brings', () => {
  const split = logged(0)
  const found = offPolicyMetric(split, options, second(split.count), 30)
  assert.deepEqual([found.units, found.leftOut, found.seeds], [800, 0, 30])
  assert.ok(found.error.dr < 0.02, `${found.error.dr}`)
  assert.ok(found.error.dr < found.error.ips)
  assert.ok(found.cover >= 0.8, `${found.cover}`)
  assert.equal(found.unsupportedShare, 0)
  assert.deepEqual(found, offPolicyMetric(split, options, second(split.count), 30))
})

test('what a log cannot show is told', () => {
  const split = logged(0.5)
  const found = offPolicyMetric(split, options, second(split.count), 5)
  assert.ok(Math.abs(found.certainShare - 0.5) < 0.05)
  assert.ok(Math.abs(found.unsupportedShare - 0.5) < 0.05)
  // Inverse chances lose that half; the reward model stands in.
  assert.ok(found.error.ips > 0.4)
  assert.ok(found.error.dr < 0.05, `${found.error.dr}`)
})

test('units without a known outcome of every route that was possible are left out', () => {
  const split = logged(0)
  split.decisions[0]!.chosen = -1
  split.truth[options.length * truthColumns.length + truthColumns.indexOf('u')] = Number.NaN
  const found = offPolicyMetric(split, options, second(split.count), 2)
  assert.deepEqual([found.units, found.leftOut], [798, 2])
  for (const decision of split.decisions) decision.chosen = -1
  assert.throws(() => offPolicyMetric(split, options, second(split.count), 2), /no logged unit/)
})
