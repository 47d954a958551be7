import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '../../src/app/config.ts'
import { readProviders } from '../../src/app/open-login.ts'
import { companySettings } from '../support/oidc.ts'

const root = resolve(import.meta.dirname, '..', '..')

/** What the program says when it does not start; null when it is there after all. */
async function refusal(env: Readonly<Record<string, string>>): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(root, 'src/app/serve.ts')], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', SMARTRETURNS_WEB: '0', PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const timer = setTimeout(() => child.kill('SIGTERM'), 30_000)
  const code = await new Promise<number | null>((done) => child.once('exit', done))
  clearTimeout(timer)
  return { code, said }
}

test('row 62: bad settings, unknown names and missing secrets stop the start with one clear line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-refuse-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const oidc = (name: string, ...providers: object[]) => ({
    SMARTRETURNS_OIDC_FILE: file(name, JSON.stringify({ providers })),
  })
  const acme = { issuer: 'https://id.acme.example' }
  const base = {
    SMARTRETURNS_DATA: join(folder, 'data'),
    SMARTRETURNS_MASTER_KEY_FILE: join(folder, 'master.key'),
  }
  const table: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['an unknown name', { SMARTRETURNS_TRUSTED_PROXY: '10.0.0.1' }, /the nearest is SMARTRETURNS_TRUSTED_PROXIES/],
    [
      'a role that is none',
      oidc('role.json', companySettings(acme, { defaultRole: 'root' })),
      /providers\.0\.defaultRole/,
    ],
    ['a weak password', { SMARTRETURNS_ADMIN_PASSWORD: 'password12345678' }, /among the first that are tried/],
    ['a key that is none', { SMARTRETURNS_MASTER_KEY_FILE: file('bad.key', 'secret') }, /bad\.key is not a master key/],
  ]
  for (const [name, env, says] of table) {
    const { code, said } = await refusal({ ...base, ...env })
    assert.equal(code, 1, `${name}: ${said}`)
    assert.match(said, says, name)
    assert.match(said, /^SmartReturns does not start: /, name)
    assert.equal(/\n\s+at /.test(said), false, `${name} shows no inner matters`)
    assert.equal(said.includes('a secret of the tests'), false, name)
  }

  const early: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['a bad number', { PORT: 'eighty' }, /settings are wrong:\n {2}PORT: got "eighty"/],
    ['a bad address', { SMARTRETURNS_URL: 'returns.example.com' }, /SMARTRETURNS_URL: got a value that is not shown/],
    ['a missing file', { SMARTRETURNS_OIDC_FILE: join(folder, 'none.json') }, /OIDC_FILE: .*none\.json cannot be read/],
    ['no JSON', { SMARTRETURNS_OIDC_FILE: file('text.json', 'issuer=x') }, /text\.json cannot be read as JSON/],
    ['no domains', oidc('domains.json', companySettings(acme, { emailDomains: [] })), /providers\.0\.emailDomains/],
    ['an open issuer', oidc('open.json', companySettings({ issuer: 'http://id.acme.example' })), /https/],
    ['an issuer here', oidc('here.json', companySettings({ issuer: 'http://127.0.0.1:9' })), /https in production/],
    ['the same id twice', oidc('twice.json', companySettings(acme), companySettings(acme)), /the same id/],
    ['roles without a claim', oidc('claim.json', companySettings(acme, { roles: { a: 'admin' } })), /roleClaim/],
  ]
  for (const [name, env, says] of early)
    assert.throws(() => readProviders(readConfig({ NODE_ENV: 'production', ...env })), says, name)
  const right = oidc('right.json', companySettings(acme, { roleClaim: 'groups', roles: { leads: 'manager' } }))
  assert.equal(readProviders(readConfig({ NODE_ENV: 'production', ...right })).length, 1)
})
