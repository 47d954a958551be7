import assert from 'node:assert/strict'
import { test } from 'node:test'
import { periodOf, queryOf } from './view.ts'

test('a period is whole weeks of days in India, today included', () => {
  // 20:00 UTC is tomorrow in India.
  const now = Date.parse('2026-11-25T20:00:00Z')
  assert.deepEqual(periodOf('7', now), { from: '2026-11-20', to: '2026-11-26' })
  assert.deepEqual(periodOf('28', now), { from: '2026-10-30', to: '2026-11-26' })
})

test('the view becomes the query of the API', () => {
  const now = Date.parse('2026-11-25T10:00:00Z')
  assert.equal(
    queryOf({ days: '7', hub: 'h1' }, now, { measure: 'returns' }),
    'from=2026-11-19&to=2026-11-25&hubId=h1&measure=returns',
  )
})
