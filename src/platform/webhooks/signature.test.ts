import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { newWebhookSecret, signWebhook, verifyWebhook } from './signature.ts'

const body = '{"type":"return.received","data":{"लेबल":"LP-1"}}'
const codeOf = (outcome: ReturnType<typeof verifyWebhook>) => (outcome.ok ? 'genuine' : outcome.rejection.code)

test('what we sign, the published library believes, with the old secret as with the new', () => {
  const [fresh, old] = [newWebhookSecret(), newWebhookSecret()]
  const headers = signWebhook([fresh, old], 'msg_1', Date.now(), body)
  for (const secret of [fresh, old]) assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body))
  assert.throws(() => new Webhook(newWebhookSecret()).verify(body, headers))
  assert.throws(() => new Webhook(fresh).verify(`${body} `, headers))
})

test('row 50: what the published library signs, we believe once it is genuine, fresh and unchanged', () => {
  const secret = newWebhookSecret()
  const atMs = Date.parse('2026-11-20T06:00:00Z')
  const signature = new Webhook(secret).sign('msg_2', new Date(atMs), body)
  const headers = {
    'webhook-id': 'msg_2',
    'webhook-timestamp': String(atMs / 1000),
    'webhook-signature': `v1a,abc ${signature}`,
  }
  const bytes = Buffer.from(body)
  const verify = (
    changed: Partial<Record<string, string>> = {},
    sent: Uint8Array = bytes,
    nowMs = atMs,
    secrets = [secret],
  ) => codeOf(verifyWebhook(secrets, { ...headers, ...changed }, sent, nowMs))
  assert.equal(verify(), 'genuine')
  assert.equal(verify({}, bytes, atMs, [newWebhookSecret(), secret]), 'genuine')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    assert.equal(verify({}, changed), 'webhook_forged', `byte ${at}`)
  }
  assert.equal(verify({}, bytes, atMs + 300_000), 'genuine')
  assert.equal(verify({}, bytes, atMs + 302_000), 'webhook_stale')
  assert.equal(verify({}, bytes, atMs - 302_000), 'webhook_stale')
  assert.equal(verify({ 'webhook-id': 'msg_3' }), 'webhook_forged')
  assert.equal(verify({ 'webhook-timestamp': String(atMs / 1000 + 1) }), 'webhook_forged')
  assert.equal(verify({}, bytes, atMs, [newWebhookSecret()]), 'webhook_forged')
  assert.equal(verify({ 'webhook-signature': 'v1,' }), 'webhook_forged')
  for (const wrong of [
    { 'webhook-id': '' },
    { 'webhook-id': 'a.b' },
    { 'webhook-timestamp': 'now' },
    { 'webhook-signature': '' },
  ])
    assert.equal(verify(wrong), 'webhook_unsigned')
  assert.equal(codeOf(verifyWebhook([secret], {}, bytes, atMs)), 'webhook_unsigned')
})
