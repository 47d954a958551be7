import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { codeOf, stepAt } from '#platform/auth/second-factor/totp.ts'
import { openTestApp, type TestApp } from '../support/app.ts'
import { givenUser, password } from '../support/identity.ts'
import { companySettings, givenOidcFile, startCompany, type Company } from '../support/oidc.ts'

type Cookies = Record<string, string>

async function openCompanyApp(t: TestContext, more: object = {}, env: Record<string, string> = {}) {
  const company = await startCompany(t)
  const app = await openTestApp(t, { SMARTRETURNS_OIDC_FILE: givenOidcFile(t, companySettings(company, more)), ...env })
  return { company, app }
}

/** Goes to the provider; answers where it sends the browser, and the cookie that the browser keeps meanwhile. */
async function begin({ server }: TestApp, next = '/returns') {
  const response = await server.inject(`/api/auth/company/acme?next=${encodeURIComponent(next)}`)
  assert.equal(response.statusCode, 303, response.body)
  const journey = response.cookies.find(({ name }) => name === 'sr_journey')!
  return { url: new URL(String(response.headers.location)), journey, cookies: { sr_journey: journey.value } }
}

async function comeBack({ server }: TestApp, url: URL, cookies: Cookies) {
  const response = await server.inject({ url: url.pathname + url.search, cookies })
  assert.equal(response.statusCode, 303, response.body)
  return {
    location: String(response.headers.location),
    cookies: Object.fromEntries(response.cookies.map(({ name, value }) => [name, value])),
  }
}

async function signIn(app: TestApp, company: Company, account: string) {
  const { url, cookies } = await begin(app)
  return comeBack(app, await company.signIn(url.href, account), cookies)
}

async function meOf({ server }: TestApp, cookies: Cookies) {
  const response = await server.inject({ url: '/api/auth/me', cookies: { sr_access: cookies['sr_access']! } })
  return response.json<{ id: string; role: string; email: string; hubIds: string[] | null; code?: string }>()
}

const problem = (code: string) => `/login?problem=${code}`

test('a person of a company signs in by code, PKCE, state and nonce, and is known by the verified address', async (t) => {
  const { app, company } = await openCompanyApp(t)
  const user = await givenUser(app, { role: 'manager' })
  await app.ctx.db.query("update users set email = 'ravi@acme.example' where id = $1", [user.id])
  company.accounts['ravi'] = { email: 'Ravi@Acme.example', email_verified: true }
  const providers = await app.server.inject('/api/auth/providers')
  assert.deepEqual(providers.json(), { providers: [{ id: 'acme', name: 'Acme Retail' }] })

  const { url, journey, cookies } = await begin(app, '/returns?stage=received')
  const asked = Object.fromEntries(url.searchParams)
  assert.equal(asked['response_type'], 'code')
  assert.equal(asked['code_challenge_method'], 'S256')
  for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(asked[name]!.length >= 43, name)
  assert.deepEqual([journey.httpOnly, journey.sameSite, journey.path], [true, 'Lax', '/api/auth/company'])
  for (const name of ['state', 'nonce']) assert.equal(journey.value.includes(asked[name]!), false)

  const back = await company.signIn(url.href, 'ravi')
  const done = await comeBack(app, back, cookies)
  assert.equal(done.location, '/returns?stage=received')
  const me = await meOf(app, done.cookies)
  assert.deepEqual([me.id, me.role], [user.id, 'manager'])
  const sessions = await app.server.inject({ url: '/api/auth/sessions', cookies: done.cookies })
  assert.equal(sessions.json<{ data: { method: string }[] }>().data[0]!.method, 'company')

  // Known by issuer and subject from now on, whatever the address becomes.
  company.accounts['ravi'] = { email: 'other@acme.example', email_verified: false }
  assert.equal((await meOf(app, (await signIn(app, company, 'ravi')).cookies)).id, user.id)
  const types = (await app.ctx.events.readStream(`user-${user.id}`)).map(({ type }) => type)
  assert.deepEqual(types, ['UserCreated', 'CompanyLoginLinked'])
  const log = JSON.stringify(await app.ctx.events.read(0, 1000))
  assert.equal(/acme\.example/i.test(log), false)
})

test('what comes back is refused without its browser, with another state, twice, and too late', async (t) => {
  const { app, company } = await openCompanyApp(t, { createsUsers: true, defaultRole: 'worker' })
  company.accounts['asha'] = { email: 'asha@acme.example', email_verified: true }
  const one = await begin(app)
  const back = await company.signIn(one.url.href, 'asha')
  assert.equal((await comeBack(app, back, {})).location, problem('company_journey_lost'), 'another browser')
  const two = await begin(app)
  const mixed = await comeBack(app, back, two.cookies)
  assert.equal(mixed.location, problem('company_refused'), 'the state of another journey')
  assert.equal('sr_access' in mixed.cookies, false)
  const changed = new URL(back)
  changed.searchParams.set('iss', 'https://id.example.com')
  assert.equal((await comeBack(app, changed, one.cookies)).location, problem('company_refused'), 'another issuer')
  assert.equal((await comeBack(app, back, one.cookies)).location, '/returns')
  assert.equal((await comeBack(app, back, one.cookies)).location, problem('company_refused'), 'a code counts once')
  const denied = new URL(back.origin + back.pathname)
  denied.search = `error=access_denied&state=${two.url.searchParams.get('state')!}&iss=${company.issuer}`
  assert.equal((await comeBack(app, denied, two.cookies)).location, problem('company_refused'))

  const late = await begin(app)
  const lateBack = await company.signIn(late.url.href, 'asha')
  app.ctx.clock.ms += 601_000
  assert.equal((await comeBack(app, lateBack, late.cookies)).location, problem('company_journey_lost'))
  const forged = { sr_journey: Buffer.from(JSON.stringify({ provider: 'acme' })).toString('base64url') }
  assert.equal((await comeBack(app, lateBack, forged)).location, problem('company_journey_lost'))
  const refusals = (await app.ctx.events.read(0, 1000)).filter(({ type }) => type === 'SignInRefused')
  assert.equal(refusals.length, 7)
})

test('a code that another client began with opens nothing: its verifier is missing', async (t) => {
  const { app, company } = await openCompanyApp(t, { createsUsers: true, defaultRole: 'worker' })
  company.accounts['asha'] = { email: 'asha@acme.example', email_verified: true }
  const { url, cookies } = await begin(app)
  // The thief has state and nonce right, and a challenge of his own.
  url.searchParams.set('code_challenge', 'A'.repeat(43))
  assert.equal(
    (await comeBack(app, await company.signIn(url.href, 'asha'), cookies)).location,
    problem('company_refused'),
  )
  const again = await begin(app)
  again.url.searchParams.set('nonce', 'B'.repeat(43))
  const back = await company.signIn(again.url.href, 'asha')
  assert.equal((await comeBack(app, back, again.cookies)).location, problem('company_refused'), 'another nonce')
})

test('who may come: verified addresses of the own domains, users that are known or may be made', async (t) => {
  const { app, company } = await openCompanyApp(t)
  const foreign = await givenUser(app, { role: 'admin' })
  const disabled = await givenUser(app)
  await app.ctx.db.query("update users set email = 'off@acme.example', is_active = false where id = $1", [disabled.id])
  company.accounts['a'] = { email: foreign.email, email_verified: true }
  company.accounts['b'] = { email: 'asha@acme.example' }
  company.accounts['c'] = { email: 'asha@acme.example', email_verified: false }
  company.accounts['d'] = { email_verified: true }
  company.accounts['e'] = { email: 'asha@acme.example', email_verified: true }
  company.accounts['f'] = { email: 'asha@acme.example@example.com', email_verified: true }
  company.accounts['g'] = { email: 'off@acme.example', email_verified: true }
  const expected = {
    a: 'email_foreign',
    b: 'email_unverified',
    c: 'email_unverified',
    d: 'email_unverified',
    e: 'company_user_unknown',
    f: 'email_foreign',
    g: 'company_user_disabled',
  }
  for (const [account, code] of Object.entries(expected)) {
    const { location, cookies } = await signIn(app, company, account)
    assert.equal(location, problem(code), account)
    assert.equal('sr_access' in cookies, false)
  }
})

test('the role comes by the claim, follows it, and ends the sessions of before', async (t) => {
  const hubIds = ['01920000-0000-7000-8000-000000000001']
  const { app, company } = await openCompanyApp(t, {
    createsUsers: true,
    roleClaim: 'groups',
    roles: { 'hub-leads': 'manager', 'hub-staff': 'worker' },
    hubIds,
  })
  company.accounts['asha'] = {
    email: 'asha@acme.example',
    email_verified: true,
    name: 'Asha K.',
    groups: ['hub-staff'],
  }
  company.accounts['none'] = { email: 'none@acme.example', email_verified: true, groups: ['cooks'] }
  assert.equal((await signIn(app, company, 'none')).location, problem('company_role_missing'))
  const first = await signIn(app, company, 'asha')
  const me = await meOf(app, first.cookies)
  assert.deepEqual([me.role, me.email, me.hubIds], ['worker', 'asha@acme.example', hubIds])
  const byPassword = await app.call('POST', '/api/auth/login', { email: 'asha@acme.example', password })
  assert.equal(byPassword.status, 401, 'there is no password')

  company.accounts['asha'] = { ...company.accounts['asha'], groups: ['hub-staff', 'hub-leads'] }
  const second = await signIn(app, company, 'asha')
  assert.deepEqual(await meOf(app, second.cookies).then(({ id, role }) => [id, role]), [me.id, 'manager'])
  app.ctx.clock.ms += 1000
  assert.equal((await meOf(app, first.cookies)).code, 'session_ended')
  company.accounts['asha'] = { ...company.accounts['asha'], groups: [] }
  assert.equal((await signIn(app, company, 'asha')).location, problem('company_role_missing'))
})

test('an administrator of a company needs a second factor here, unless the company has asked for one', async (t) => {
  const more = { createsUsers: true, defaultRole: 'admin' }
  const { app, company } = await openCompanyApp(t, more, { SMARTRETURNS_ADMIN_SECOND_FACTOR: '1' })
  company.accounts['one'] = { email: 'one@acme.example', email_verified: true }
  company.accounts['two'] = { email: 'two@acme.example', email_verified: true, amr: ['pwd', 'mfa'] }
  const two = await signIn(app, company, 'two')
  assert.equal(two.location, '/returns')
  assert.equal((await meOf(app, two.cookies)).role, 'admin')

  const one = await signIn(app, company, 'one')
  assert.equal(one.location, '/login?step=second_factor_setup&next=%2Freturns')
  assert.equal('sr_access' in one.cookies, false)
  const cookies = { sr_ticket: one.cookies['sr_ticket']! }
  const post = (url: string, payload: object) => app.server.inject({ method: 'POST', url, payload, cookies })
  const setup = await post('/api/auth/login/second-factor/setup', {})
  assert.equal(setup.statusCode, 200, setup.body)
  const { secret } = setup.json<{ secret: string }>()
  const bits = Array.from(secret, (c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
  const bytes = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const done = await post('/api/auth/login/second-factor', { code: codeOf(bytes, stepAt(app.ctx.now())) })
  assert.equal(done.statusCode, 200, done.body)
  assert.equal(done.json<{ user: { role: string } }>().user.role, 'admin')
})

test('a provider that does not answer is told as such, and another name is none', async (t) => {
  const { app, company } = await openCompanyApp(t)
  await company.stop()
  const gone = await app.server.inject('/api/auth/company/acme')
  assert.deepEqual([gone.statusCode, gone.headers.location], [303, problem('provider_unavailable')])
  assert.equal((await app.server.inject('/api/auth/company/other')).statusCode, 404)
  for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', '/%0d%0aset-cookie:x', 'x']) {
    const response = await app.server.inject(
      `/api/auth/company/acme?next=${next.includes('%') ? next : encodeURIComponent(next)}`,
    )
    assert.equal(response.statusCode, 400, next)
  }
})
