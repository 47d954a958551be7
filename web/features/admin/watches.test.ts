import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeDead, judgeEngines, judgeJobs, judgeKeys, judgeLog, judgeWebhooks } from './watches.ts'

const when = (instant: string) => instant
const now = Date.parse('2026-11-27T12:00:00Z')

test('a database that does not answer needs a look', () => {
  const engines = { database: 'postgres', jobs: 'pg-boss', cache: 'memory', blobs: 'disk' }
  assert.deepEqual(judgeEngines({ status: 'ok', engines }).values, engines)
  assert.equal(judgeEngines({ status: 'ok', engines }).needsLook, false)
  assert.equal(judgeEngines({ status: 'degraded', engines }).needsLook, true)
})

test('failed jobs are counted among the newest, the last one is told', () => {
  const job = (state: 'done' | 'failed' | 'running', createdAt: string) => ({ state, createdAt })
  assert.deepEqual(judgeJobs([], when).words, 'failedJobsNone')
  assert.equal(judgeJobs([job('done', 'b'), job('running', 'a')], when).needsLook, false)
  const found = judgeJobs([job('done', 'c'), job('failed', 'b'), job('failed', 'a')], when)
  assert.deepEqual(found, { words: 'failedJobsLook', values: { failed: 2, count: 3, when: 'b' }, needsLook: true })
})

test('dead letters wait for somebody', () => {
  assert.equal(judgeDead([]).needsLook, false)
  assert.deepEqual(judgeDead([1, 2]), { words: 'deadLook', values: { count: 2 }, needsLook: true })
})

test('an address that fails needs a look; one that a person switched off does not', () => {
  const address = (isActive: boolean, disabledReason: string | null, failures: number) => ({
    isActive,
    disabledReason,
    failures,
  })
  assert.equal(judgeWebhooks([]).words, 'webhooksNone')
  assert.equal(judgeWebhooks([address(false, 'by_person', 3)]).words, 'webhooksNone')
  assert.equal(judgeWebhooks([address(true, null, 0)]).needsLook, false)
  for (const bad of [address(true, null, 1), address(false, 'failing', 9), address(false, 'gone', 1)])
    assert.deepEqual(judgeWebhooks([address(true, null, 0), bad]).values, { failing: 1, count: 2 })
})

test('a key that ends soon needs a look; ended and revoked ones do not count', () => {
  const key = (expiresAt: string, revokedAt: string | null = null) => ({ expiresAt, revokedAt })
  assert.equal(judgeKeys([], now, when).words, 'keysNone')
  assert.equal(judgeKeys([key('2026-11-26T00:00:00Z'), key('2026-12-01T00:00:00Z', 'x')], now, when).words, 'keysNone')
  assert.equal(judgeKeys([key('2026-12-11T12:00:00.001Z')], now, when).needsLook, false)
  const found = judgeKeys([key('2026-12-11T11:59:59Z'), key('2026-12-02T00:00:00Z')], now, when)
  assert.deepEqual(found.values, { ending: 2, days: 14, when: '2026-12-02T00:00:00Z' })
})

test('records without a signature for three minutes need a look', () => {
  const newest = (at: string, size: number) => ({ at, size, root: '', note: '' })
  assert.equal(judgeLog({ records: 4, newest: null }, now, when).words, 'logNone')
  assert.equal(judgeLog({ records: 9, newest: newest('2026-11-27T11:57:01Z', 8) }, now, when).needsLook, false)
  assert.equal(judgeLog({ records: 9, newest: newest('2026-11-27T11:56:59Z', 8) }, now, when).needsLook, true)
  assert.equal(judgeLog({ records: 8, newest: newest('2026-11-20T00:00:00Z', 8) }, now, when).needsLook, false)
})
