import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { openOutboxMail } from '#integrations/mail/outbox.ts'
import { openVault } from '#platform/auth/vault.ts'
import { openTestApp, type TestApp } from '../support/app.ts'
import { givenUser, password } from '../support/identity.ts'

const fresh = 'four grey herons by the river'

function run(app: TestApp, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const script = join(import.meta.dirname, '..', 'support', 'users-cli.ts')
  const args = [script, app.ctx.db.connectionString, app.masterKeyFile, ...words]
  return new Promise((done) =>
    execFile(process.execPath, args, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out: out.trim(), err }),
    ),
  )
}

const login = ({ call }: TestApp, email: string, word: string) =>
  call('POST', '/api/auth/login', { email, password: word })

const choose = ({ call }: TestApp, url: string, word = fresh) =>
  call('POST', '/api/auth/password/choose', { token: url.split('#')[1], password: word })

test('the command line makes the first administrator and lets a locked-out one in again', async (t) => {
  const app = await openTestApp(t)
  const email = 'first@example.com'
  const invited = await run(app, 'users', 'invite', email, '--name', 'First Admin')
  assert.equal(invited.code, 0, invited.err)
  assert.match(invited.out, /^http:\/\/localhost:3000\/password#srl_[\w-]{43}$/)
  assert.deepEqual(app.ctx.mail.sent, [], 'who can read the terminal hands it over')
  assert.equal((await choose(app, invited.out)).status, 204)
  const session = await login(app, email, fresh)
  assert.equal(session.body.user.role, 'admin')
  const refused = await run(app, 'users', 'invite', email)
  assert.deepEqual([refused.code, /has a password already/.test(refused.err)], [1, true])

  const bearer = { authorization: `Bearer ${session.body.accessToken}` }
  const begun = await app.call('POST', '/api/auth/second-factor', { current: fresh }, bearer)
  assert.equal(begun.status, 200)
  const reset = await run(app, 'users', 'reset', email, '--second-factor')
  assert.equal(reset.code, 0, reset.err)
  app.ctx.clock.ms += 1000
  assert.equal((await app.call('GET', '/api/auth/me', undefined, bearer)).status, 401)
  assert.equal((await login(app, email, fresh)).status, 401)
  assert.equal((await choose(app, reset.out, 'another pass phrase of hers')).status, 204)
  assert.equal((await login(app, email, 'another pass phrase of hers')).status, 200)
  const unknown = await run(app, 'users', 'reset', 'nobody@example.com')
  assert.deepEqual([unknown.code, /there is no user/.test(unknown.err)], [1, true])
  const wrong = await run(app, 'users', 'invite', 'x@example.com', '--role', 'root')
  assert.deepEqual([wrong.code, /root is no role/.test(wrong.err)], [1, true])
  const types = (await app.ctx.events.read(0, 1000)).filter(({ stream }) => stream.startsWith('user-'))
  for (const word of ['first@example.com', 'First Admin', invited.out.split('#')[1]!])
    assert.equal(JSON.stringify(types).includes(word), false, word)
})

test('the command line lists users, ends sessions, and turns the signing keys', async (t) => {
  const app = await openTestApp(t)
  const user = await givenUser(app)
  const session = await login(app, user.email, password)
  const listed = JSON.parse((await run(app, 'users', 'list', '--json')).out) as Record<string, unknown>[]
  assert.deepEqual(
    listed.map(({ email, role, hasPassword, hasSecondFactor }) => ({ email, role, hasPassword, hasSecondFactor })),
    [{ email: user.email, role: 'worker', hasPassword: true, hasSecondFactor: false }],
  )
  const ended = await run(app, 'users', 'end-sessions', user.email)
  assert.equal(ended.code, 0, ended.err)
  app.ctx.clock.ms += 1000
  const bearer = { authorization: `Bearer ${session.body.accessToken}` }
  assert.equal((await app.call('GET', '/api/auth/me', undefined, bearer)).status, 401)

  const next = (await run(app, 'signing-keys', 'rotate')).out
  app.ctx.clock.ms += 5000
  const keys = (await app.call('GET', '/.well-known/jwks.json')).body.keys as { kid: string }[]
  assert.deepEqual([keys.length, keys.some(({ kid }) => kid === next)], [2, true])
  assert.equal((await run(app, 'signing-keys', 'revoke', next)).code, 0)
  const text = (await run(app, 'signing-keys', 'list')).out
  assert.match(text, new RegExp(`^${next} .*revoked `, 'm'))
  assert.equal((await run(app, 'signing-keys', 'revoke', 'nothing')).code, 1)
})

test('the command line shows the letters that wait for a carrier', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  assert.match((await run(app, 'mail')).err, /no letter waits/)
  const vault = await openVault(ctx.db, ctx.secrets, new Date(ctx.now()))
  // The other process has a clock of its own, which starts where ours did.
  ctx.clock.ms -= 60_000
  const mail = openOutboxMail({ db: ctx.db, sealing: vault, now: ctx.now })
  const letter = { kind: 'invitation', name: 'Asha', link: 'http://localhost:3000/password#srl_x', days: 7 } as const
  const expiresAt = new Date(ctx.now() + 86_400_000)
  await ctx.db.transaction((tx) => mail.send(tx, [{ to: 'asha@example.com', letter, expiresAt }]))
  const text = await run(app, 'mail')
  assert.equal(text.code, 0, text.err)
  for (const word of ['To: asha@example.com', letter.link]) assert.ok(text.out.includes(word), word)
  const [row] = JSON.parse((await run(app, 'mail', '--json')).out) as { to: string; expiresAt: string }[]
  assert.deepEqual([row!.to, row!.expiresAt], ['asha@example.com', expiresAt.toISOString()])
})
