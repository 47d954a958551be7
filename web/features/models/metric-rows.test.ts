import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricTables, partsOf } from './metric-rows.ts'

test('figures become rows by what they measure, and columns by what they were measured on', () => {
  const tables = metricTables({
    rows: 40_000,
    'gate.coverage': 0.9,
    'splits.shift_price.grade_ece': 0.02,
    'splits.test.grade_ece': 0.01,
    'splits.test.grade_log_loss': 1,
  })
  assert.deepEqual(tables.groups, ['test', 'shift_price'])
  assert.deepEqual(tables.calibration, [{ name: 'grade_ece', values: [0.01, 0.02] }])
  assert.deepEqual(tables.accuracy, [{ name: 'grade_log_loss', values: [1, null] }])
  assert.deepEqual(tables.single, [
    ['rows', 40_000],
    ['gate.coverage', 0.9],
  ])
})

test('a name is taken apart into of what, which measure, and when', () => {
  assert.deepEqual(partsOf('price_coverage_worst_t0'), { of: 'price', measure: 'coverage_worst', at: 't0' })
  assert.deepEqual(partsOf('repair_need_t1_log_loss'), { of: 'repair_need', measure: 'log_loss', at: 't1' })
  assert.deepEqual(partsOf('sale_in_horizon_ece'), { of: 'sale_in_horizon', measure: 'ece', at: null })
  assert.deepEqual(partsOf('something'), { of: 'something', measure: '', at: null })
})
