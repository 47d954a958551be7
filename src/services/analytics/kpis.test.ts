import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cycleBuckets } from './kpi-columns.ts'
import { medianHours } from './kpis.ts'
import { addDays, bucketOf, bucketsOf, dayOf, periodOf, previousOf, startOf } from './periods.ts'

const bucketFor = (hours: number) =>
  Math.min(cycleBuckets - 1, Math.max(0, Math.ceil(Math.log(hours / 0.25) / Math.log(1.3))))

test('the median from classes lies in the class of the true median', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.3, max: 4000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (hours) => {
        const cycles = Array.from({ length: cycleBuckets }, () => 0)
        for (const h of hours) cycles[bucketFor(h)]! += 1
        const sorted = hours.toSorted((a, b) => a - b)
        const median = medianHours(cycles)!
        const [low, high] = [sorted[Math.ceil(hours.length / 2) - 1]!, sorted[Math.floor(hours.length / 2)]!]
        assert.ok(median >= low / 1.3001 && median <= high * 1.3001, `${median} of ${low} to ${high}`)
      },
    ),
  )
  assert.equal(medianHours(Array.from({ length: cycleBuckets }, () => 0)), null)
})

test('days are those of India, and each instant is in the day that its start opens', () => {
  assert.equal(dayOf(Date.parse('2026-11-20T18:29:59Z')), '2026-11-20')
  assert.equal(dayOf(Date.parse('2026-11-20T18:30:00Z')), '2026-11-21')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
      const day = dayOf(ms)
      assert.ok(startOf(day).getTime() <= ms && ms < startOf(addDays(day, 1)).getTime())
    }),
  )
})

test('the period before is as long, ends before, and has the same days of the week', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 3000 }), (days, start) => {
      const from = addDays('2024-01-01', start)
      const period = periodOf(from, addDays(from, days - 1), 0)
      const previous = previousOf(period)
      assert.equal(period.days, days)
      assert.equal(new Date(previous.from).getUTCDay(), new Date(period.from).getUTCDay())
      assert.ok(previous.to < period.from)
      assert.equal((Date.parse(previous.to) - Date.parse(previous.from)) / 86_400_000 + 1, days)
    }),
  )
})

test('buckets cover a period without holes', () => {
  for (const interval of ['day', 'week', 'month'] as const) {
    const period = periodOf('2026-01-31', '2026-12-01', 0)
    const buckets = bucketsOf(period, interval)
    for (let day = period.from; day <= period.to; day = addDays(day, 1))
      assert.ok(buckets.includes(bucketOf(day, interval)), `${interval} ${day}`)
    assert.deepEqual(buckets, [...new Set(buckets)].toSorted())
  }
  assert.deepEqual(bucketsOf(periodOf('2026-01-31', '2026-03-01', 0), 'month'), [
    '2026-01-01',
    '2026-02-01',
    '2026-03-01',
  ])
  assert.equal(bucketOf('2026-11-22', 'week'), '2026-11-16')
})
