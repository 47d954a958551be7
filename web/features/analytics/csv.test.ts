import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvOf } from './csv.ts'

test('cells are quoted where they must be, and no text becomes a formula', () => {
  assert.equal(
    csvOf([
      ['a', 'b,c', 'd"e'],
      [1, null, -2.5],
      ['=1+1', '-x', 'ok'],
    ]),
    'a,"b,c","d""e"\r\n1,,-2.5\r\n\'=1+1,\'-x,ok\r\n',
  )
})
