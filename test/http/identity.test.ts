import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { ensureDemoUsers } from '#platform/auth/demo-users.ts'
import { rolePermissions } from '#platform/auth/roles.ts'
import { openTestApp, type TestApp } from '../support/app.ts'
import { givenClient } from '../support/given.ts'
import { givenUser, password } from '../support/identity.ts'

type Cookies = Record<string, string>

function cookiesOf(response: LightMyRequestResponse): Cookies {
  return Object.fromEntries(response.cookies.map(({ name, value }) => [name, value]))
}

function codeOf(response: LightMyRequestResponse): string | undefined {
  return response.json<{ code?: string }>().code
}

async function login({ server }: TestApp, email: string, given: { password?: string; cookies?: Cookies } = {}) {
  return server.inject({
    method: 'POST',
    url: '/api/auth/login',
    payload: { email, password: given.password ?? password },
    cookies: given.cookies ?? {},
  })
}

async function givenToken(
  app: TestApp,
  role: 'admin' | 'manager' | 'worker' | 'analyst',
): Promise<{ id: string; token: string }> {
  const user = await givenUser(app, { role })
  const response = await login(app, user.email)
  assert.equal(response.statusCode, 200, response.body)
  return { id: user.id, token: response.json<{ accessToken: string }>().accessToken }
}

const as = (token: string, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${token}`, ...headers },
})

test('signing in sets cookies that scripts and other sites cannot use', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const user = await givenUser(app, { role: 'manager' })
  const response = await login(app, user.email)
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['cache-control'], 'no-store')
  const body = response.json<{
    accessToken: string
    expiresIn: number
    user: { id: string; permissions: string[]; hubIds: string[] }
  }>()
  assert.equal(body.expiresIn, 900)
  assert.deepEqual(body.user.permissions, rolePermissions.manager)
  assert.deepEqual(body.user.hubIds, [])
  const paths: Record<string, string> = { sr_access: '/', sr_refresh: '/api/auth', sr_device: '/api/auth/login' }
  assert.deepEqual(response.cookies.map(({ name }) => name).toSorted(), Object.keys(paths).toSorted())
  for (const cookie of response.cookies) {
    assert.equal(cookie.httpOnly, true)
    assert.equal(cookie.sameSite, 'Strict')
    assert.equal(cookie.path, paths[cookie.name])
  }
  const me = await server.inject({ url: '/api/auth/me', cookies: cookiesOf(response) })
  assert.equal(me.json<{ id: string }>().id, user.id)
  assert.equal((await server.inject({ url: '/api/auth/me', ...as(body.accessToken) })).statusCode, 200)
  assert.equal((await server.inject({ url: '/api/auth/me' })).statusCode, 401)
  const wrong = await login(app, user.email, { password: 'wrong' })
  assert.equal(wrong.statusCode, 401)
  assert.equal(codeOf(wrong), 'login_refused')
})

test('over https the cookies are secure', async (t) => {
  const app = await openTestApp(t, { SMARTRETURNS_TRUSTED_PROXIES: '127.0.0.1' })
  const user = await givenUser(app)
  const response = await app.server.inject({
    method: 'POST',
    url: '/api/auth/login',
    payload: { email: user.email, password },
    headers: { 'x-forwarded-proto': 'https' },
  })
  assert.deepEqual(response.cookies.map(({ name }) => name).toSorted(), [
    '__Host-sr_access',
    '__Secure-sr_device',
    '__Secure-sr_refresh',
  ])
  for (const cookie of response.cookies) assert.deepEqual([cookie.secure, cookie.domain], [true, undefined])
  const me = (cookies: Cookies) =>
    app.server.inject({ url: '/api/auth/me', cookies, headers: { 'x-forwarded-proto': 'https' } })
  const own = cookiesOf(response)
  assert.equal((await me(own)).statusCode, 200)
  assert.equal((await me({ sr_access: own['__Host-sr_access']! })).statusCode, 401, 'a planted name counts nothing')
  const refreshed = await app.server.inject({
    method: 'POST',
    url: '/api/auth/refresh',
    cookies: own,
    headers: { 'x-forwarded-proto': 'https' },
  })
  assert.equal(refreshed.statusCode, 200, refreshed.body)
})

test('a write by cookie must come from our own pages', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const user = await givenUser(app)
  const cookies = cookiesOf(await login(app, user.email))
  const logout = (headers: Record<string, string>) =>
    server.inject({ method: 'POST', url: '/api/auth/logout', cookies, headers })
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ]) {
    const response = await logout(headers)
    assert.equal(response.statusCode, 403, JSON.stringify(headers))
    assert.equal(codeOf(response), 'cross_site')
    const refresh = await server.inject({ method: 'POST', url: '/api/auth/refresh', cookies, headers })
    assert.equal(refresh.statusCode, 403)
  }
  assert.equal(
    (await server.inject({ url: '/api/auth/me', cookies, headers: { 'sec-fetch-site': 'cross-site' } })).statusCode,
    200,
    'reads change nothing',
  )
  const done = await logout({ 'sec-fetch-site': 'same-origin' })
  assert.equal(done.statusCode, 204)
  assert.equal(done.body, '')
  assert.deepEqual(cookiesOf(done), { sr_access: '', sr_refresh: '' })
  app.ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', cookies })).statusCode, 401)
})

test('row 43: refresh by cookie or body; five at once have one winner', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const user = await givenUser(app)
  const first = await login(app, user.email)
  const byCookie = await server.inject({ method: 'POST', url: '/api/auth/refresh', cookies: cookiesOf(first) })
  assert.equal(byCookie.statusCode, 200, byCookie.body)
  const { refreshToken } = byCookie.json<{ refreshToken: string }>()
  const refresh = (token: string) =>
    server.inject({ method: 'POST', url: '/api/auth/refresh', payload: { refreshToken: token } })
  const five = await Promise.all(Array.from({ length: 5 }, () => refresh(refreshToken)))
  assert.deepEqual(
    five.map((response) => response.statusCode).toSorted((a, b) => a - b),
    [200, 401, 401, 401, 401],
  )
  const last = five.find((response) => response.statusCode === 200)!.json<{ refreshToken: string }>().refreshToken
  assert.equal(codeOf(await refresh(refreshToken)), 'refresh_refused', 'used before: the family ends')
  assert.equal(codeOf(await refresh(last)), 'refresh_refused')
  assert.equal((await server.inject({ method: 'POST', url: '/api/auth/refresh' })).statusCode, 401)
})

test('a person lists and ends the own sessions only', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const user = await givenUser(app)
  const phone = cookiesOf(await login(app, user.email))
  const desk = cookiesOf(await login(app, user.email))
  const other = cookiesOf(await login(app, (await givenUser(app)).email))
  type Sessions = { data: { id: string; isCurrent: boolean }[] }
  const { data } = (await server.inject({ url: '/api/auth/sessions', cookies: desk })).json<Sessions>()
  assert.equal(data.length, 2)
  const lost = data.find((session) => !session.isCurrent)!
  const end = (cookies: Cookies) => server.inject({ method: 'DELETE', url: `/api/auth/sessions/${lost.id}`, cookies })
  assert.equal((await end(other)).statusCode, 404)
  assert.equal((await end(desk)).statusCode, 204)
  assert.equal((await end(desk)).statusCode, 404)
  app.ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', cookies: phone })).statusCode, 401)
  assert.equal((await server.inject({ url: '/api/auth/me', cookies: desk })).statusCode, 200)
})

test('a person ends all sessions at once, and each end is in the log', async (t) => {
  const app = await openTestApp(t)
  const { server, ctx } = app
  const user = await givenUser(app)
  const devices = [await login(app, user.email), await login(app, user.email)].map(cookiesOf)
  const other = cookiesOf(await login(app, (await givenUser(app)).email))
  const end = (cookies: Cookies, headers: Record<string, string> = {}) =>
    server.inject({ method: 'DELETE', url: '/api/auth/sessions', cookies, headers })
  assert.equal((await end(devices[0]!, { 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  const done = await end(devices[0]!)
  assert.equal(done.statusCode, 204)
  assert.deepEqual(cookiesOf(done), { sr_access: '', sr_refresh: '' })
  ctx.clock.ms += 1000
  for (const cookies of devices) {
    assert.equal((await server.inject({ url: '/api/auth/me', cookies })).statusCode, 401)
    const refresh = await server.inject({ method: 'POST', url: '/api/auth/refresh', cookies })
    assert.equal(codeOf(refresh), 'refresh_refused')
  }
  assert.equal((await server.inject({ url: '/api/auth/me', cookies: other })).statusCode, 200)
  const events = await ctx.events.read(0, 1000)
  assert.equal(events.filter((event) => event.type === 'SignedOut').length, 2)
})

test('a changed password ends all sessions', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const user = await givenUser(app)
  const cookies = cookiesOf(await login(app, user.email))
  const change = (current: string, next: string) =>
    server.inject({ method: 'POST', url: '/api/auth/password', cookies, payload: { current, password: next } })
  assert.equal(codeOf(await change('wrong', 'four grey herons by the river')), 'password_wrong')
  const short = await change(password, 'short')
  assert.equal(short.statusCode, 400)
  assert.equal(short.json<{ errors: { pointer: string; code: string }[] }>().errors[0]!.code, 'too_short')
  assert.equal((await change(password, 'four grey herons by the river')).statusCode, 204)
  app.ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', cookies })).statusCode, 401)
  assert.equal((await login(app, user.email)).statusCode, 401)
  assert.equal((await login(app, user.email, { password: 'four grey herons by the river' })).statusCode, 200)
})

test('row 44: guessing is slowed, a forged X-Forwarded-For does not help, and the owner still gets in', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const user = await givenUser(app)
  const device = cookiesOf(await login(app, user.email))
  const statuses: number[] = []
  for (let i = 0; i < 100; i++) {
    const response = await server.inject({
      method: 'POST',
      url: '/api/auth/login',
      payload: { email: user.email, password: `guess ${i}` },
      headers: { 'x-forwarded-for': `198.51.100.${i}` },
    })
    statuses.push(response.statusCode)
    if (response.statusCode === 429) assert.ok(Number(response.headers['retry-after']) >= 1)
  }
  assert.deepEqual(statuses.slice(0, 5), [401, 401, 401, 401, 401])
  assert.ok(statuses.slice(5).every((status) => status === 429))
  app.ctx.clock.ms += 60_000
  await server.inject({ method: 'POST', url: '/api/auth/login', payload: { email: user.email, password: 'guess' } })
  assert.equal((await login(app, user.email)).statusCode, 429)
  assert.equal((await login(app, user.email, { cookies: { sr_device: device['sr_device']! } })).statusCode, 200)
})

test('users: an administrator makes, changes by version, and disables them', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const admin = await givenToken(app, 'admin')
  const payload = { email: 'New.Person@Example.com', name: 'New Person', role: 'worker', password }
  const post = (body: object) => server.inject({ method: 'POST', url: '/api/users', payload: body, ...as(admin.token) })
  const made = await post(payload)
  assert.equal(made.statusCode, 201, made.body)
  const user = made.json<{ id: string; email: string; version: number }>()
  assert.equal(user.email, 'new.person@example.com')
  assert.equal('passwordHash' in user, false)
  assert.equal(codeOf(await post(payload)), 'email_taken')
  assert.equal(
    (await post({ ...payload, email: 'x@example.com', isDemo: true })).statusCode,
    400,
    'nothing but what the schema names',
  )
  assert.equal((await post({ ...payload, email: 'x@example.com', password: 'new person new' })).statusCode, 400)

  const url = `/api/users/${user.id}`
  const put = (body: object, headers: Record<string, string> = {}) =>
    server.inject({ method: 'PUT', url, payload: body, ...as(admin.token, headers) })
  const etag = String((await server.inject({ url, ...as(admin.token) })).headers.etag)
  assert.equal((await put({ name: 'Renamed' })).statusCode, 428)
  assert.equal((await put({ name: 'Renamed' }, { 'if-match': '"9"' })).statusCode, 412)
  assert.equal((await put({ name: 'Renamed', tokenEpoch: 1 }, { 'if-match': etag })).statusCode, 400)
  const renamed = await put({ name: 'Renamed' }, { 'if-match': etag })
  assert.equal(renamed.statusCode, 200, renamed.body)

  const session = cookiesOf(await login(app, user.email))
  assert.equal((await server.inject({ url: '/api/auth/me', cookies: session })).statusCode, 200)
  assert.equal((await put({ isActive: false }, { 'if-match': String(renamed.headers.etag) })).statusCode, 200)
  app.ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', cookies: session })).statusCode, 401)
  assert.equal((await login(app, user.email)).statusCode, 401)

  const own = `/api/users/${admin.id}`
  const demoted = await server.inject({
    method: 'PUT',
    url: own,
    payload: { role: 'worker' },
    ...as(admin.token, { 'if-match': '"1"' }),
  })
  assert.equal(codeOf(demoted), 'own_rights')

  const seen: string[] = []
  for (let next = '/api/users?limit=1'; next !== '';) {
    const { data, page } = (await server.inject({ url: next, ...as(admin.token) })).json<{
      data: { email: string }[]
      page: { nextCursor: string | null }
    }>()
    seen.push(...data.map(({ email }) => email))
    assert.doesNotMatch(next, /@|%40/)
    next = page.nextCursor === null ? '' : `/api/users?limit=1&cursor=${page.nextCursor}`
  }
  assert.deepEqual(seen, seen.toSorted())
  assert.equal(seen.length, 2)
})

test('a removed user is gone with name and address; what the person did stays in the log', async (t) => {
  const app = await openTestApp(t)
  const { server, ctx } = app
  const admin = await givenToken(app, 'admin')
  const gone = await givenUser(app, { role: 'admin' })
  const session = cookiesOf(await login(app, gone.email))
  const clientId = await givenClient(ctx)
  const key = await server.inject({
    method: 'POST',
    url: '/api/api-keys',
    payload: { name: 'shop', clientId, scopes: ['returns:read'] },
    cookies: session,
  })
  assert.equal(key.statusCode, 201, key.body)
  const remove = (id: string, headers: Record<string, string> = { 'if-match': '"1"' }) =>
    server.inject({ method: 'DELETE', url: `/api/users/${id}`, ...as(admin.token, headers) })
  assert.equal((await remove(gone.id, {})).statusCode, 428)
  assert.equal((await remove(gone.id, { 'if-match': '"7"' })).statusCode, 412)
  assert.equal(codeOf(await remove(admin.id)), 'own_rights')
  assert.equal((await remove(gone.id, { 'if-match': '"1"', 'idempotency-key': 'k' })).statusCode, 204)
  const again = await remove(gone.id, { 'if-match': '"1"', 'idempotency-key': 'k' })
  assert.deepEqual([again.statusCode, again.headers['idempotent-replayed']], [204, 'true'])
  assert.equal((await remove(gone.id)).statusCode, 404)
  assert.equal((await login(app, gone.email)).statusCode, 401)
  ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', cookies: session })).statusCode, 401)
  const keyText = key.json<{ key: string }>().key
  assert.equal(
    (await server.inject({ url: '/api/returns', ...as(keyText) })).statusCode,
    200,
    'the key is the client’s',
  )
  const last = (await ctx.events.readStream(`user-${gone.id}`)).at(-1)!
  const by = { kind: 'user', id: admin.id, from: '127.0.0.0/24 other' }
  assert.deepEqual([last.type, last.version, last.data['by']], ['UserRemoved', 2, by])
  const [row] = await ctx.db.query<{ n: number }>(
    'select count(*) as n from idempotency_keys where answer::text like $1',
    [`%${gone.email}%`],
  )
  assert.equal(row!.n, 0)
})

test('users: a repeat with its key has one effect, and neither password nor person is kept for it', async (t) => {
  const app = await openTestApp(t)
  const { server, ctx } = app
  const admin = await givenToken(app, 'admin')
  const payload = { email: 'repeat@example.com', name: 'Rita Peat', role: 'worker', password }
  const post = (body: object) =>
    server.inject({ method: 'POST', url: '/api/users', payload: body, ...as(admin.token, { 'idempotency-key': 'k1' }) })
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(payload)))
  const ids = new Set(answers.map((answer) => answer.json<{ id: string }>().id))
  assert.deepEqual([...new Set(answers.map((answer) => answer.statusCode))], [201])
  assert.equal(ids.size, 1)
  assert.equal(answers.filter((answer) => answer.headers['idempotent-replayed'] === 'true').length, 4)
  for (const body of [
    { ...payload, name: 'Another' },
    { ...payload, password: `${password} too` },
  ])
    assert.equal(codeOf(await post(body)), 'idempotency_key_reused')

  const url = `/api/users/${[...ids][0]!}`
  const put = (body: object) =>
    server.inject({
      method: 'PUT',
      url,
      payload: body,
      ...as(admin.token, { 'idempotency-key': 'k2', 'if-match': '"1"' }),
    })
  const changed = [await put({ name: 'Rita' }), await put({ name: 'Rita' })]
  assert.deepEqual(
    changed.map((answer) => [answer.statusCode, answer.headers.etag, answer.headers['idempotent-replayed']]),
    [
      [200, '"2"', undefined],
      [200, '"2"', 'true'],
    ],
  )
  const stored = JSON.stringify(await ctx.db.query('select fingerprint, answer from idempotency_keys'))
  for (const word of ['Rita', 'repeat@', password]) assert.equal(stored.includes(word), false, word)
})

test('row 45: a new name ends no session; other rights do', async (t) => {
  const app = await openTestApp(t)
  const { server, ctx } = app
  const admin = await givenToken(app, 'admin')
  const user = await givenUser(app, { role: 'worker', hubIds: ['01920000-0000-7000-8000-000000000001'] })
  const session = cookiesOf(await login(app, user.email))
  const put = (body: object, version: number) =>
    server.inject({
      method: 'PUT',
      url: `/api/users/${user.id}`,
      payload: body,
      ...as(admin.token, { 'if-match': `"${version}"` }),
    })
  const status = async () => {
    ctx.clock.ms += 1000
    return (await server.inject({ url: '/api/auth/me', cookies: session })).statusCode
  }
  const same = { name: 'N', role: 'worker', isActive: true, hubIds: ['01920000-0000-7000-8000-000000000001'] }
  assert.equal((await put(same, 1)).statusCode, 200)
  assert.equal(await status(), 200)
  assert.equal((await put({ ...same, hubIds: [] }, 2)).statusCode, 200)
  assert.equal(await status(), 401)
})

test('API keys: shown once, scoped, rotated with an overlap, revoked', async (t) => {
  const app = await openTestApp(t)
  const { server, ctx } = app
  const clientId = await givenClient(ctx)
  const admin = await givenToken(app, 'admin')
  type Key = { id: string; key: string; expiresAt: string }
  const post = (url: string, payload: object) => server.inject({ method: 'POST', url, payload, ...as(admin.token) })
  const made = await post('/api/api-keys', { name: 'shop', clientId, scopes: ['returns:read'] })
  assert.equal(made.statusCode, 201, made.body)
  assert.equal(made.headers['cache-control'], 'no-store')
  const old = made.json<Key>()
  const list = await server.inject({ url: '/api/api-keys', ...as(admin.token) })
  assert.equal(list.body.includes(old.key.split('_')[3]!), false)
  assert.equal(list.json<{ data: object[] }>().data.length, 1)
  for (const scope of ['users:manage', 'self', 'audit:read', 'clients:write']) {
    assert.equal((await post('/api/api-keys', { name: 'x', clientId, scopes: [scope] })).statusCode, 400, scope)
  }
  assert.equal(
    (await post('/api/api-keys', { name: 'x', clientId, scopes: ['returns:read'], expiresInDays: 366 })).statusCode,
    400,
  )
  assert.equal(
    codeOf(await post('/api/api-keys', { name: 'x', clientId, scopes: ['returns:read'], environment: 'test' })),
    'sandbox_needed',
  )
  assert.equal(
    codeOf(await post('/api/api-keys', { name: 'x', clientId: old.id.padEnd(8), scopes: ['returns:read'] })),
    'invalid',
  )

  const status = async (key: string, url = '/api/returns') => (await server.inject({ url, ...as(key) })).statusCode
  assert.equal(await status(old.key), 200)
  assert.equal(await status(old.key, '/api/hubs'), 403)
  assert.equal(await status(old.key, '/api/users'), 403)
  const repeat = () =>
    server.inject({
      method: 'POST',
      url: '/api/api-keys',
      payload: { name: 'repeated', clientId, scopes: ['hubs:read'] },
      ...as(admin.token, { 'idempotency-key': 'k1' }),
    })
  const [one, two] = [await repeat(), await repeat()]
  assert.deepEqual([one.statusCode, codeOf(two)], [201, 'key_shown_before'])
  const secret = one.json<Key>().key.split('_')[3]!
  const kept = JSON.stringify(await ctx.db.query('select answer from idempotency_keys'))
  assert.ok(kept.includes(one.json<Key>().id) && !kept.includes(secret))

  const me = (await server.inject({ url: '/api/auth/me', ...as(old.key) })).json<{
    kind: string
    clientIds: string[]
  }>()
  assert.deepEqual([me.kind, me.clientIds], ['api_key', [clientId]])

  const rotated = await post(`/api/api-keys/${old.id}/rotate`, { overlapHours: 1 })
  assert.equal(rotated.statusCode, 201, rotated.body)
  const next = rotated.json<Key>()
  assert.deepEqual([await status(old.key), await status(next.key)], [200, 200])
  ctx.clock.ms += 3_600_000
  assert.deepEqual([await status(old.key), await status(next.key)], [401, 200])
  const fresh = (await login(app, (await givenUser(app, { role: 'admin' })).email)).json<{
    accessToken: string
  }>().accessToken
  assert.equal(
    (await server.inject({ method: 'POST', url: `/api/api-keys/${old.id}/rotate`, payload: {}, ...as(fresh) }))
      .statusCode,
    404,
  )
  const revoke = (id: string) => server.inject({ method: 'DELETE', url: `/api/api-keys/${id}`, ...as(fresh) })
  assert.equal((await revoke(next.id)).statusCode, 204)
  assert.equal((await revoke(next.id)).statusCode, 404)
  assert.equal((await revoke(old.id)).statusCode, 204, 'after a rotation too')
  ctx.clock.ms += 1000
  assert.equal(await status(next.key), 401)
})

test('demo logins are told only where the demo is on, and nobody changes their password', async (t) => {
  const off = await openTestApp(t, { SMARTRETURNS_DEMO: '0' })
  assert.equal((await off.server.inject('/api/auth/demo')).statusCode, 404)
  const on = await openTestApp(t)
  await ensureDemoUsers(on.ctx, [])
  const { users } = (await on.server.inject('/api/auth/demo')).json<{ users: { email: string; password: string }[] }>()
  assert.equal(users.length, 4)
  for (const user of users) {
    const response = await login(on, user.email, { password: user.password })
    assert.equal(response.statusCode, 200)
    const change = await on.server.inject({
      method: 'POST',
      url: '/api/auth/password',
      payload: { current: user.password, password: 'four grey herons by the river' },
      cookies: cookiesOf(response),
    })
    assert.equal(codeOf(change), 'demo_login')
  }
})

test('the public keys are told without the private part', async (t) => {
  const { server } = await openTestApp(t)
  const { keys } = (await server.inject('/api/auth/jwks')).json<{ keys: Record<string, string>[] }>()
  assert.deepEqual(Object.keys(keys[0]!).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})
