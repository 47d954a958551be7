import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { openTestApp, type TestApp } from '../support/app.ts'
import { givenUser, password } from '../support/identity.ts'

const fresh = 'four grey herons by the river'

function codeNamed(response: LightMyRequestResponse): string | undefined {
  return response.json<{ code?: string }>().code
}

const post = ({ server }: TestApp, url: string, payload: object, headers: Record<string, string> = {}) =>
  server.inject({ method: 'POST', url, payload, headers })

const login = (app: TestApp, email: string, word = password) => post(app, '/api/auth/login', { email, password: word })

async function bearerOf(app: TestApp, email: string): Promise<Record<string, string>> {
  const response = await login(app, email)
  assert.equal(response.statusCode, 200, response.body)
  return { authorization: `Bearer ${response.json<{ accessToken: string }>().accessToken}` }
}

/** What the newest letter carries behind the `#` of its link. */
function linkIn({ ctx }: TestApp): string {
  const { letter } = ctx.mail.sent.at(-1)!
  assert.ok('link' in letter)
  assert.match(letter.link, /^http:\/\/localhost:3000\/password#srl_[\w-]{43}$/)
  return letter.link.split('#')[1]!
}

const forgotten = (app: TestApp, email: string) => post(app, '/api/auth/password/forgotten', { email })
const choose = (app: TestApp, token: string, word = fresh) =>
  post(app, '/api/auth/password/choose', { token, password: word })

test('an invited person chooses a password once, by a link that expires', async (t) => {
  const app = await openTestApp(t)
  const { ctx, server } = app
  const admin = await bearerOf(app, (await givenUser(app, { role: 'admin' })).email)
  const body = { email: 'new.person@example.com', name: 'New Person', role: 'worker' }
  const made = await post(app, '/api/users', body, { ...admin, 'idempotency-key': 'invite' })
  assert.equal(made.statusCode, 201, made.body)
  await post(app, '/api/users', body, { ...admin, 'idempotency-key': 'invite' })
  assert.equal(ctx.mail.sent.length, 1, 'a repeat writes no second letter')
  const user = made.json<{ id: string; hasPassword: boolean }>()
  assert.equal(user.hasPassword, false)
  assert.deepEqual([ctx.mail.sent[0]!.to, ctx.mail.sent[0]!.letter.kind], [body.email, 'invitation'])
  assert.equal((await login(app, body.email, '')).statusCode, 400)
  assert.equal((await login(app, body.email, 'x')).statusCode, 401, 'without a password nothing opens')

  const first = linkIn(app)
  const again = await post(app, `/api/users/${user.id}/invitation`, {}, admin)
  assert.equal(again.statusCode, 204, again.body)
  assert.equal(codeNamed(await choose(app, first)), 'link_refused', 'the newer link counts')
  const token = linkIn(app)
  const told = await post(app, '/api/auth/password/link', { token })
  assert.deepEqual(told.json(), { purpose: 'invitation', email: body.email, name: body.name, passwordMin: 15 })
  assert.equal(codeNamed(await choose(app, token, 'new person new')), 'password_refused')
  assert.equal((await choose(app, token)).statusCode, 204)
  assert.equal(codeNamed(await choose(app, token, 'another long pass phrase')), 'link_refused', 'once')
  assert.equal(codeNamed(await post(app, '/api/auth/password/link', { token })), 'link_refused')
  assert.equal((await login(app, body.email, fresh)).statusCode, 200)
  assert.equal(codeNamed(await post(app, `/api/users/${user.id}/invitation`, {}, admin)), 'already_accepted')

  const late = await post(app, '/api/users', { ...body, email: 'late@example.com' }, admin)
  assert.equal(late.statusCode, 201)
  const lateToken = linkIn(app)
  ctx.clock.ms += 7 * 86_400_000
  assert.equal(codeNamed(await choose(app, lateToken)), 'link_refused', 'after seven days')
  const stored = JSON.stringify(await ctx.db.query("select encode(token_hash, 'escape') as hash from one_time_links"))
  assert.equal(stored.includes(lateToken), false)
  const log = JSON.stringify(await ctx.events.read(0, 1000))
  for (const word of [lateToken, token, 'New Person', body.email]) assert.equal(log.includes(word), false, word)
  assert.ok(server)
})

test('a forgotten password: the same answer and time for an address that nobody has', async (t) => {
  const app = await openTestApp(t)
  const user = await givenUser(app)
  const took = async (email: string) => {
    const start = performance.now()
    const response = await forgotten(app, email)
    return { ms: performance.now() - start, status: response.statusCode, text: response.body }
  }
  await took('warm@example.com')
  const [known, unknown] = [await took(user.email), await took('nobody@example.com')]
  assert.deepEqual([known.status, known.text], [202, 'null'])
  assert.deepEqual([unknown.status, unknown.text], [known.status, known.text])
  assert.ok(known.ms >= 245 && unknown.ms >= 245, `known ${known.ms} ms, unknown ${unknown.ms} ms`)
  assert.equal(app.ctx.mail.sent.length, 1)

  // Nobody fills another's mailbox, and whoever asks shuts nobody out.
  await forgotten(app, user.email)
  assert.equal(app.ctx.mail.sent.length, 1)
  assert.equal((await login(app, user.email)).statusCode, 200)
})

test('a reset ends the sessions of before, clears the delay, and tells the person', async (t) => {
  const app = await openTestApp(t)
  const { ctx, server } = app
  const user = await givenUser(app)
  const session = await bearerOf(app, user.email)
  for (let i = 0; i < 6; i++) await login(app, user.email, `guess ${i}`)
  assert.equal((await login(app, user.email)).statusCode, 429)
  await forgotten(app, user.email)
  const token = linkIn(app)
  const five = await Promise.all(Array.from({ length: 5 }, () => choose(app, token)))
  assert.deepEqual(
    five.map((response) => response.statusCode).toSorted((a, b) => a - b),
    [204, 422, 422, 422, 422],
    'of five at once one does',
  )
  ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', headers: session })).statusCode, 401)
  assert.equal((await login(app, user.email)).statusCode, 401, 'the password of before')
  assert.equal((await login(app, user.email, fresh)).statusCode, 200)
  assert.equal(ctx.mail.sent.at(-1)!.letter.kind, 'password_changed')

  ctx.clock.ms += 3 * 60_000
  await forgotten(app, user.email)
  const late = linkIn(app)
  ctx.clock.ms += 3_600_000
  assert.equal(codeNamed(await choose(app, late)), 'link_refused', 'after an hour')
})

test('no letter for who is disabled, a demo login, or vouched for by a company', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const [disabled, demo, company] = [await givenUser(app), await givenUser(app, { isDemo: true }), await givenUser(app)]
  await ctx.db.query('update users set is_active = false where id = $1', [disabled.id])
  await ctx.db.query('update users set password_hash = null where id = $1', [company.id])
  await ctx.db.query(
    `insert into user_identities (issuer, subject, user_id, sets_role, created_at, last_used_at)
     values ('https://id.example.com', 's', $1, true, now(), now())`,
    [company.id],
  )
  for (const { email } of [disabled, demo, company]) assert.equal((await forgotten(app, email)).statusCode, 202)
  assert.deepEqual(ctx.mail.sent, [])
})

test('an administrator resets a login: the password is worthless at once, and others cannot', async (t) => {
  const app = await openTestApp(t)
  const { ctx, server } = app
  const admin = await bearerOf(app, (await givenUser(app, { role: 'admin' })).email)
  const manager = await bearerOf(app, (await givenUser(app, { role: 'manager' })).email)
  const user = await givenUser(app)
  const session = await bearerOf(app, user.email)
  const url = `/api/users/${user.id}/password-reset`
  assert.equal((await post(app, url, {}, manager)).statusCode, 403)
  assert.equal(
    (await post(app, '/api/users/01920000-0000-7000-8000-000000000009/password-reset', {}, admin)).statusCode,
    404,
  )
  assert.equal((await post(app, url, {}, admin)).statusCode, 204)
  ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', headers: session })).statusCode, 401)
  assert.equal((await login(app, user.email)).statusCode, 401)
  assert.equal((await choose(app, linkIn(app))).statusCode, 204)
  assert.equal((await login(app, user.email, fresh)).statusCode, 200)

  const again = {
    authorization: `Bearer ${(await login(app, user.email, fresh)).json<{ accessToken: string }>().accessToken}`,
  }
  const end = (headers: Record<string, string>) =>
    server.inject({ method: 'DELETE', url: `/api/users/${user.id}/sessions`, headers })
  assert.equal((await end(manager)).statusCode, 403)
  assert.equal((await end(admin)).statusCode, 204)
  ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', headers: again })).statusCode, 401)
})

test('links come from our own pages only, whatever host a request names', async (t) => {
  const app = await openTestApp(t, { SMARTRETURNS_URL: 'https://returns.example.com/' })
  const user = await givenUser(app)
  await app.server.inject({
    method: 'POST',
    url: '/api/auth/password/forgotten',
    payload: { email: user.email },
    headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  })
  const { letter } = app.ctx.mail.sent[0]!
  assert.ok('link' in letter && letter.link.startsWith('https://returns.example.com/password#'))
  const token = `srl_${'A'.repeat(43)}`
  for (const [url, body] of [
    ['forgotten', { email: user.email }],
    ['choose', { token, password: fresh }],
    ['link', { token }],
  ] as const) {
    const response = await post(app, `/api/auth/password/${url}`, body, { 'sec-fetch-site': 'cross-site' })
    assert.equal(codeNamed(response), 'cross_site', url)
  }
})
