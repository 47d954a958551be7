import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predictionColumns, predictionWidth } from '#contracts/prediction.ts'
import { goodRow } from '../../../test/support/predictions.ts'
import { checkPredictions } from './check-predictions.ts'

const at = (name: string) => {
  const place = predictionColumns.indexOf(name)
  return place < 0 ? assert.fail(`no column ${name}`) : place
}
const unknown = [{ grade: null }]
const problemWith = (column: string, value: number, grade: 'B' | null = null) =>
  checkPredictions([{ grade }], goodRow().with(at(column), value))?.problem ?? null

test('a sound answer passes, for every grade that a unit can have', () => {
  for (const grade of [null, 'S', 'A', 'B', 'C', 'D', 'E', 'Q'] as const)
    assert.equal(checkPredictions([{ grade }], goodRow()), null)
  assert.equal(checkPredictions([], new Float64Array()), null)
})

test('each column is held to its range, and no number passes for one', () => {
  for (const column of predictionColumns) {
    assert.equal(problemWith(column, Number.NaN), 'not_a_number', column)
    assert.equal(problemWith(column, Number.POSITIVE_INFINITY), 'not_a_number', column)
    assert.ok(problemWith(column, 1e6) !== null, column)
    assert.ok(problemWith(column, -1e6) !== null, column)
  }
})

test('a confidence of 7, probabilities that are none, quantiles out of order', () => {
  assert.equal(problemWith('abuse', 7), 'out_of_range')
  assert.equal(problemWith('grade_A', 0.9), 'probabilities')
  assert.equal(problemWith('grade_A', 0.2015), 'probabilities')
  assert.equal(problemWith('grade_A', 0.2005), null)
  assert.equal(problemWith('repair_success_C', -0.01), 'out_of_range')
  assert.equal(problemWith('price_open_box_C_q25', -3), 'quantiles')
  assert.equal(problemWith('repair_cost_D_q95', -5), 'quantiles')
  assert.equal(problemWith('price_new_A_q95', 40), 'out_of_range')
})

test('once a grade is known, the others may be left out, and only they', () => {
  const left = goodRow()
  for (const [place, name] of predictionColumns.entries())
    if (/^(price_\w+|sale|repair_need|repair_cost|repair_success|grade)_[ACDE](_q\d\d)?$/.test(name))
      left[place] = Number.NaN
  assert.equal(checkPredictions([{ grade: 'B' }], left), null)
  assert.equal(checkPredictions(unknown, left)?.problem, 'not_a_number')
  assert.equal(checkPredictions([{ grade: 'C' }], left)?.problem, 'not_a_number')
  assert.equal(checkPredictions([{ grade: 'Q' }], left)?.problem, 'not_a_number')
  assert.equal(problemWith('price_lot_B_q50', Number.NaN, 'B'), 'not_a_number')
  assert.equal(problemWith('price_lot_C_q50', 99, 'B'), 'out_of_range')
})

test('every unit is looked at, and the count must be right', () => {
  const three = new Float64Array(3 * predictionWidth)
  for (let i = 0; i < 3; i++) three.set(goodRow(), i * predictionWidth)
  const items = [...unknown, ...unknown, ...unknown]
  assert.equal(checkPredictions(items, three), null)
  assert.match(
    checkPredictions(items, three.with(2 * predictionWidth + at('abuse'), 2))!.detail,
    /^unit 2: abuse is 2$/,
  )
  assert.equal(checkPredictions(items, three.subarray(1))?.problem, 'wrong_count')
  assert.equal(checkPredictions(unknown, three)?.problem, 'wrong_count')
})
