import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextAttempt, readRetryAfter, triedForMs, waitAfter } from './schedule.ts'

const hourMs = 3_600_000

test('a delivery is tried again with growing waits for 3 days, the last time at the very end', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (numbers) => {
      const random = () => numbers.next().value
      let [nowMs, attempts, last] = [0, 0, 0]
      for (;;) {
        attempts += 1
        const next = nextAttempt({ attempts, firstAttemptMs: 0, nowMs, retryAfterSeconds: null, random })
        if (next === null) break
        assert.ok(next > nowMs && next - nowMs <= 12 * hourMs)
        if (attempts <= 3) assert.ok(next - nowMs <= [10, 40, 160][attempts - 1]! * 1000)
        last = nowMs = next
        // A generator that always says 0 would ask every second for 3 days.
        if (attempts > 10_000) return
      }
      assert.equal(last, triedForMs)
      assert.ok(attempts >= 8, `${attempts} attempts`)
    }),
    { numRuns: 50 },
  )
})

test('the jitter is full: from almost nothing to the whole limit', () => {
  assert.equal(
    waitAfter(3, null, () => 0),
    1000,
  )
  assert.equal(
    waitAfter(3, null, () => 0.999_999),
    160_000,
  )
  assert.equal(
    waitAfter(30, null, () => 1),
    12 * hourMs,
  )
})

test('Retry-After is honoured, as seconds and as a date, up to a day', () => {
  const nowMs = Date.parse('2026-11-20T06:00:00Z')
  assert.equal(readRetryAfter('120', nowMs), 120)
  assert.equal(readRetryAfter('Fri, 20 Nov 2026 06:02:00 GMT', nowMs), 120)
  assert.equal(readRetryAfter('Fri, 20 Nov 2020 06:02:00 GMT', nowMs), 0)
  for (const wrong of [undefined, 'soon', '-1']) assert.ok((readRetryAfter(wrong, nowMs) ?? 0) === 0)
  assert.equal(
    waitAfter(1, 7200, () => 0),
    2 * hourMs,
  )
  assert.equal(
    waitAfter(1, 999_999_999, () => 0),
    24 * hourMs,
  )
})
