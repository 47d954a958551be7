import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { usualRetries, type Retries } from './port.ts'
import { fullJitter, halfJitter, waitStep, wholeWait } from './waits.ts'

const retries: Retries = { attempts: 9, firstWaitMs: 2000, longestWaitMs: 100_000 }

/** Chance with a beginning that is always the same (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('waits double with each failure, up to the longest', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => wholeWait(retries, failures)),
    [2000, 4000, 8000, 16_000, 32_000, 64_000, 100_000, 100_000, 100_000],
  )
})

for (const [name, jitter, from] of [
  ['full jitter', fullJitter, 0],
  ['half jitter', halfJitter, 0.5],
] as const)
  test(`${name}: waits lie anywhere between ${from} and the whole, and none more often than others`, () => {
    const random = seeded(20_261_127)
    for (const failures of [1, 3, 6]) {
      const whole = wholeWait(retries, failures)
      const waits = Array.from({ length: 10_000 }, () => jitter(retries, failures, random))
      const tenths = Array.from({ length: 10 }, () => 0)
      for (const wait of waits) {
        const place = (wait / whole - from) / (1 - from)
        assert.ok(place >= -1e-3 && place <= 1, `${wait} of ${whole}`)
        tenths[Math.min(9, Math.max(0, Math.floor(place * 10)))]! += 1
      }
      // Chi-square with 9 degrees of freedom: above 27.9 once in a thousand, and the seed is fixed.
      const chiSquare = tenths.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
      assert.ok(chiSquare < 27.9, `${tenths.join(' ')}: ${chiSquare}`)
    }
  })

test('the queues for lengths of wait are few, and none lets go early or much too late', () => {
  const steps = new Set<number>()
  for (let ms = 0; ms <= usualRetries.longestWaitMs; ms += 7) steps.add(waitStep(ms))
  assert.ok(steps.size <= 310, `${steps.size} queues`)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
      const step = waitStep(ms)
      assert.ok(Number.isInteger(step) && step >= ms && step <= Math.max(10, ms * 1.1), `${ms} waits ${step}`)
    }),
  )
})
