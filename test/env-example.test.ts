import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { envExample, readConfig, unknownSettings } from '../src/app/config.ts'

test('.env.example is what the settings say', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
  assert.equal(text.trimEnd(), envExample().trimEnd(), 'make it anew: smartreturns config example > .env.example')
})

test('all wrong settings are named at once, and secrets are not shown', () => {
  const wrong = { PORT: '99999999', SMARTRETURNS_LOG: 'loud', DATABASE_URL: 'mysql://me:secret@host/x' }
  assert.throws(
    () => readConfig(wrong),
    (error: Error) =>
      ['PORT', 'SMARTRETURNS_LOG', 'DATABASE_URL'].every((name) => error.message.includes(name)) &&
      !error.message.includes('secret'),
  )
  assert.deepEqual(unknownSettings({ SMARTRETURNS_DATE: 'x' }), [
    'SMARTRETURNS_DATE is not a setting; the nearest is SMARTRETURNS_DATA',
  ])
})

test('settings that weaken an installation, or are half of something, stop the start', () => {
  for (const [env, named] of [
    [{ NODE_ENV: 'production', SMARTRETURNS_OUTBOUND_LOOPBACK: '1' }, 'SMARTRETURNS_OUTBOUND_LOOPBACK'],
    [{ SMARTRETURNS_TLS_CERT: '/tls/cert.pem' }, 'SMARTRETURNS_TLS_KEY'],
    [{ SMARTRETURNS_TLS_KEY: '/tls/key.pem' }, 'SMARTRETURNS_TLS_CERT'],
  ] as const)
    assert.throws(
      () => readConfig(env),
      (error: Error) => error.message.includes(named),
      named,
    )
})
