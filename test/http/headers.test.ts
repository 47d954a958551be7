import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestApp, type Answer } from '../support/app.ts'
import { givenClient } from '../support/given.ts'

const page = 'https://desk.example.com'

test('headers of every answer', async (t) => {
  const app = await openTestApp(t)
  const admin = await app.as('admin')
  const answers: Answer[] = [
    await admin('GET', '/api/returns'),
    await app.call('GET', '/api/returns'),
    await app.call('GET', '/api/nothing'),
    await admin('POST', '/api/returns', '{'),
  ]
  for (const { status, headers } of answers) {
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, `${status}`)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['referrer-policy'], 'same-origin')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['strict-transport-security'], undefined, 'in clear it would mean nothing')
    assert.equal(headers['x-powered-by'], undefined)
    assert.equal(headers['server'], undefined)
    assert.ok(headers['x-request-id'])
  }

  await t.test('HSTS where the browser came by TLS, by the word of a proxy that is trusted', async () => {
    const behind = await openTestApp(t, { SMARTRETURNS_TRUSTED_PROXIES: '10.0.0.0/8' })
    const ask = (remoteAddress: string, proto: string) =>
      behind.server.inject({
        method: 'GET',
        url: '/api/version',
        remoteAddress,
        headers: { 'x-forwarded-proto': proto },
      })
    assert.match(String((await ask('10.0.0.1', 'https')).headers['strict-transport-security']), /max-age=31536000/)
    assert.equal((await ask('10.0.0.1', 'http')).headers['strict-transport-security'], undefined)
    assert.equal((await ask('192.0.2.1', 'https')).headers['strict-transport-security'], undefined)
  })
})

test('CORS: the listed origins, with a token of their own, and nobody else', async (t) => {
  const app = await openTestApp(t, { SMARTRETURNS_ORIGINS: `${page},https://other.example.com` })
  const ask = (method: 'GET' | 'OPTIONS', origin: string, headers: Record<string, string> = {}) =>
    app.server.inject({ method, url: '/api/returns', headers: { origin, ...headers } })
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
  const listed = await ask('OPTIONS', page, preflight)
  assert.equal(listed.statusCode, 204)
  assert.equal(listed.headers['access-control-allow-origin'], page)
  assert.match(String(listed.headers['access-control-allow-headers']), /authorization/)
  assert.equal(listed.headers['access-control-allow-credentials'], undefined, 'cookies never cross origins')
  assert.equal(listed.headers['vary'], 'origin')
  const answered = await ask('GET', page)
  assert.equal(answered.statusCode, 401)
  assert.equal(answered.headers['access-control-allow-origin'], page)
  for (const origin of [
    'https://evil.example.com',
    'null',
    `${page}.evil.com`,
    'https://desk.example.com:8443',
    'http://desk.example.com',
  ]) {
    const other = await ask('OPTIONS', origin, preflight)
    assert.equal(other.headers['access-control-allow-origin'], undefined, origin)
    assert.equal(other.statusCode, 405)
  }
  const none = await openTestApp(t)
  const answer = await none.server.inject({
    method: 'OPTIONS',
    url: '/api/returns',
    headers: { origin: page, ...preflight },
  })
  assert.equal(answer.headers['access-control-allow-origin'], undefined)
})

test('row 52: a foreign page cannot make a browser write', async (t) => {
  const app = await openTestApp(t)
  await app.as('admin')
  const login = { email: 'admin1@example.test', password: 'a pass phrase of the tests' }
  const signedIn = await app.server.inject({ method: 'POST', url: '/api/auth/login', payload: login })
  const cookies = signedIn.cookies as unknown as { name: string; value: string; sameSite: string; httpOnly: boolean }[]
  assert.ok(cookies.length > 0 && cookies.every((one) => one.sameSite === 'Strict' && one.httpOnly))
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const clientId = await givenClient(app.ctx)
  const write = (headers: Record<string, string>, url = '/api/webhooks', payload: object = { clientId }) =>
    app.server.inject({ method: 'POST', url, headers: { cookie, host: 'desk.example.com', ...headers }, payload })
  const foreign = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example.com' },
    { origin: 'null' },
    { origin: 'http://desk.example.com.evil.com' },
  ]
  for (const headers of foreign) {
    const answer = await write(headers)
    assert.deepEqual([answer.statusCode, answer.json().code], [403, 'cross_site'], JSON.stringify(headers))
    // Nobody signs a reader in as somebody else.
    const other = await write(headers, '/api/auth/login', login)
    assert.deepEqual([other.statusCode, other.json().code], [403, 'cross_site'], JSON.stringify(headers))
  }
  for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: 'http://desk.example.com' }])
    assert.equal((await write(headers)).statusCode, 400, 'only the body is wrong')
  // A form cannot send JSON, and what a form can send is not taken.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    assert.ok(
      [400, 415].includes((await write({ 'content-type': type, 'sec-fetch-site': 'same-origin' })).statusCode),
      type,
    )
  // A token in a header is sent by no browser of itself.
  const token = signedIn.json().accessToken
  assert.equal(
    (await write({ cookie: '', authorization: `Bearer ${token}`, 'sec-fetch-site': 'cross-site' })).statusCode,
    400,
  )
})
