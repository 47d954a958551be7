import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base32, codeOf, matchStep, otpauthUri, stepAt } from './totp.ts'

// RFC 6238, appendix B: the last six of the eight digits that stand there.
const secret = Buffer.from('12345678901234567890')
const vectors: readonly (readonly [number, string])[] = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
]

test('codes are those of RFC 6238', () => {
  for (const [seconds, code] of vectors) assert.equal(codeOf(secret, stepAt(seconds * 1000)), code)
})

test('a code counts one step early or late, and once', () => {
  const nowMs = 1_234_567_890_000
  const step = stepAt(nowMs)
  for (const off of [-1, 0, 1])
    assert.equal(matchStep(secret, codeOf(secret, step + off), { nowMs, lastStep: 0 }), step + off)
  for (const off of [-2, 2]) assert.equal(matchStep(secret, codeOf(secret, step + off), { nowMs, lastStep: 0 }), null)
  assert.equal(matchStep(secret, codeOf(secret, step), { nowMs, lastStep: step }), null, 'used before')
  assert.equal(matchStep(secret, codeOf(secret, step - 1), { nowMs, lastStep: step }), null, 'older than the last')
  for (const text of ['', '28708', '2870821', '28708a', '２８７０８２']) {
    assert.equal(matchStep(secret, text, { nowMs: 59_000, lastStep: 0 }), null, text)
  }
})

test('base32 is that of RFC 4648 without padding', () => {
  const words = { '': '', f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' }
  for (const [plain, text] of Object.entries(words)) assert.equal(base32(Buffer.from(plain)), text)
})

test('an app reads issuer, account and secret', () => {
  const uri = new URL(otpauthUri('asha@example.com', 'MZXW6YTBOI'))
  assert.equal(decodeURIComponent(uri.pathname), '/SmartReturns:asha@example.com')
  assert.deepEqual([uri.searchParams.get('secret'), uri.searchParams.get('issuer')], ['MZXW6YTBOI', 'SmartReturns'])
})
