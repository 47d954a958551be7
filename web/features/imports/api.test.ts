import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsCsv, errorsHeader } from '../../../src/services/returns/index.ts'
import { refusedOf } from './api.ts'

test('refused rows are read as the server writes them', () => {
  const refused = [
    { line: 3, column: 'Price, net', code: 'money_invalid', reason: 'no "amount" of money, it says', value: 'a,b' },
    { line: 12, column: '', code: 'not_recorded', reason: 'two\nlines', value: '' },
  ]
  const text = `${errorsHeader}${errorsCsv(refused)}`
  assert.deepEqual(
    refusedOf(text, 8),
    refused.map(({ line, column, reason }) => ({ line: String(line), column, reason })),
  )
  assert.equal(refusedOf(text, 1).length, 1)
  assert.deepEqual(refusedOf(errorsHeader, 8), [])
})
