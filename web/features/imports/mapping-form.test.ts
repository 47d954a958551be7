import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkMapping } from '../../../src/services/returns/index.ts'
import type { ImportSurvey } from './api.ts'
import { mappingOf, missingOf, startOf } from './mapping-form.ts'

const survey: ImportSurvey = {
  format: 'csv',
  delimiter: ';',
  encoding: 'utf-8',
  header: ['Client Ref', 'Day', 'Amount'],
  rows: [],
  mapping: null,
  fits: [],
  targets: {
    returns: [
      { name: 'clientRef', form: 'text', isRequired: true, column: 'Client Ref' },
      { name: 'requestedAt', form: 'time', isRequired: false, column: null },
      { name: 'price', form: 'money', isRequired: false, column: null },
    ],
    orders: [],
    products: [],
  },
}

test('what is called alike is filled in, the rest is chosen, and the server takes the mapping', () => {
  const start = startOf(survey, 'returns')
  assert.deepEqual(missingOf(survey, start), [])
  assert.deepEqual(missingOf(survey, { ...start, columns: {} }), ['clientRef'])
  const body = mappingOf(survey, {
    ...start,
    name: 'my-shop',
    columns: { ...start.columns, requestedAt: 'Day' },
    formats: { requestedAt: 'DD-MM-YY', price: 'unused' },
  })
  assert.deepEqual(body.columns, {
    clientRef: { from: 'Client Ref', required: true },
    requestedAt: { from: 'Day', format: 'DD-MM-YY' },
  })
  assert.equal(checkMapping(body).ok, true)
})
