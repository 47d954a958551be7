import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readActionCode, readForeignCode, readLocationCode } from './codes.ts'

test('GS1 codes are taken apart in all their writings', () => {
  const unit = { text: 'SN-77', serial: 'SN-77', gtins: ['08901234567894', '8901234567894'] }
  for (const raw of [
    '(01)08901234567894(21)SN-77',
    '(01)08901234567894(10)LOT9(21)SN-77',
    ']C1010890123456789421SN-77',
    ']d2010890123456789410LOT9\u001d21SN-77',
    ']Q321SN-77\u001d0108901234567894',
    'https://id.example.com/01/08901234567894/10/LOT9/21/SN-77?x=1',
  ])
    assert.deepEqual(readForeignCode(raw), unit, raw)
})

test('an article number is known in each of its lengths, and nothing else is one', () => {
  assert.deepEqual(readForeignCode(' 8901234567894 ').gtins, ['8901234567894', '08901234567894'])
  assert.deepEqual(readForeignCode('036000291452').gtins, [
    '036000291452',
    '36000291452'.padStart(13, '0'),
    '00036000291452',
  ])
  assert.deepEqual(readForeignCode('OD-118200').gtins, [])
  assert.deepEqual(readForeignCode('12345').gtins, [])
  assert.equal(readForeignCode(']C0AWB-1').text, 'AWB-1')
  // A code that only looks like elements is left whole.
  assert.equal(readForeignCode(']C199XY').text, '99XY')
  assert.equal(readForeignCode('2145678').text, '2145678')
})

test('actions and locations are told by their prefix', () => {
  assert.deepEqual(readActionCode('sr*answer*2'), { name: 'ANSWER', argument: '2' })
  assert.deepEqual(readActionCode('SR*UNDO'), { name: 'UNDO', argument: null })
  assert.equal(readActionCode('SR*'), null)
  assert.equal(readLocationCode('loc-bench-07'), 'LOC-BENCH-07')
  assert.equal(readLocationCode('LOC_1'), null)
})
