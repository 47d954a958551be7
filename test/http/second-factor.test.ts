import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { codeOf, stepAt } from '#platform/auth/second-factor/totp.ts'
import { openTestApp, type TestApp } from '../support/app.ts'
import { givenUser, password } from '../support/identity.ts'

const short = 'kelp-42x'

function codeNamed(response: LightMyRequestResponse): string | undefined {
  return response.json<{ code?: string }>().code
}

function bytesOf(secret: string): Buffer {
  const bits = Array.from(secret, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** What the app of this secret shows, after the code of before has gone. */
function next({ ctx }: TestApp, secret: string): string {
  ctx.clock.ms += 30_000
  return codeOf(bytesOf(secret), stepAt(ctx.now()))
}

const post = ({ server }: TestApp, url: string, payload: object, headers: Record<string, string> = {}) =>
  server.inject({ method: 'POST', url, payload, headers })

const login = (app: TestApp, email: string, word = password, headers: Record<string, string> = {}) =>
  post(app, '/api/auth/login', { email, password: word }, headers)

async function tokenOf(response: LightMyRequestResponse): Promise<Record<string, string>> {
  assert.equal(response.statusCode, 200, response.body)
  return { authorization: `Bearer ${response.json<{ accessToken: string }>().accessToken}` }
}

/** A user with a second factor; answers the secret and the recovery codes. */
async function givenSecondFactor(app: TestApp, email: string) {
  const bearer = await tokenOf(await login(app, email))
  const begun = await post(app, '/api/auth/second-factor', { current: password }, bearer)
  assert.equal(begun.statusCode, 200, begun.body)
  const { secret, uri, qr } = begun.json<{ secret: string; uri: string; qr: string }>()
  const confirmed = await post(app, '/api/auth/second-factor/confirm', { code: next(app, secret) }, bearer)
  assert.equal(confirmed.statusCode, 200, confirmed.body)
  return { secret, uri, qr, bearer, ...confirmed.json<{ recoveryCodes: string[] }>() }
}

async function ticketOf(app: TestApp, email: string, word = password): Promise<string> {
  const response = await login(app, email, word)
  assert.equal(response.statusCode, 202, response.body)
  return response.json<{ ticket: string }>().ticket
}

test('a second factor is set up with the password and the first code, and asked for from then on', async (t) => {
  const app = await openTestApp(t)
  const { server, ctx } = app
  const user = await givenUser(app)
  const other = await tokenOf(await login(app, user.email))
  const bearer = await tokenOf(await login(app, user.email))
  const begin = (current: string) => post(app, '/api/auth/second-factor', { current }, bearer)
  assert.equal(codeNamed(await begin('wrong')), 'password_wrong')
  const { secret, uri, qr } = (await begin(password)).json<{ secret: string; uri: string; qr: string }>()
  assert.match(qr, /^<svg /)
  assert.ok(uri.includes(secret) && uri.startsWith('otpauth://totp/'))
  assert.equal((await login(app, user.email)).statusCode, 200, 'it does not count before its first code')
  const confirm = (code: string) => post(app, '/api/auth/second-factor/confirm', { code }, bearer)
  assert.equal(codeNamed(await confirm('000000')), 'code_wrong')
  const confirmed = await confirm(next(app, secret))
  assert.equal(confirmed.statusCode, 200, confirmed.body)
  const { recoveryCodes } = confirmed.json<{ recoveryCodes: string[] }>()
  assert.equal(new Set(recoveryCodes).size, 10)
  for (const code of recoveryCodes) assert.match(code, /^[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}$/)

  ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', headers: bearer })).statusCode, 200, 'this session goes on')
  assert.equal((await server.inject({ url: '/api/auth/me', headers: other })).statusCode, 401, 'the others end')
  assert.equal(codeNamed(await begin(password)), 'second_factor_present')
  assert.deepEqual(
    ctx.mail.sent.map(({ letter }) => letter.kind),
    ['second_factor_set'],
  )

  const ticket = await ticketOf(app, user.email)
  assert.equal(
    (await server.inject({ url: '/api/auth/me', headers: { authorization: `Bearer ${ticket}` } })).statusCode,
    401,
  )
  const finish = (code: string, given = ticket) => post(app, '/api/auth/login/second-factor', { ticket: given, code })
  assert.equal(codeNamed(await finish('000000')), 'code_refused')
  const code = next(app, secret)
  const session = await finish(code)
  assert.equal(session.statusCode, 200, session.body)
  assert.ok(session.cookies.some(({ name }) => name === 'sr_access'))
  assert.equal(codeNamed(await finish(code)), 'code_refused', 'a code counts once')
  assert.equal(codeNamed(await finish(next(app, secret), 'ey.no.ticket')), 'ticket_refused')
  ctx.clock.ms += 601_000
  assert.equal(codeNamed(await finish(next(app, secret))), 'ticket_refused', 'ten minutes later')

  const [row] = await ctx.db.query<{ sealed: Buffer }>('select secret_sealed as sealed from second_factors')
  assert.equal(row!.sealed.includes(bytesOf(secret)), false)
  const log = JSON.stringify(await ctx.events.read(0, 1000))
  for (const word of [secret, ...recoveryCodes]) assert.equal(log.includes(word), false)
})

test('recovery codes count once each, are kept as hashes, and are renewed together', async (t) => {
  const app = await openTestApp(t)
  const { server, ctx } = app
  const user = await givenUser(app)
  const { secret, recoveryCodes } = await givenSecondFactor(app, user.email)
  const [one, two] = recoveryCodes as [string, string]
  const finish = async (code: string) =>
    post(app, '/api/auth/login/second-factor', { ticket: await ticketOf(app, user.email), code })
  const bearer = await tokenOf(await finish(one.toLowerCase().replaceAll('-', ' ')))
  assert.equal(codeNamed(await finish(one)), 'code_refused')
  const left = async () =>
    (await server.inject({ url: '/api/auth/second-factor', headers: bearer })).json<{ recoveryCodesLeft: number }>()
      .recoveryCodesLeft
  assert.equal(await left(), 9)
  const stored = JSON.stringify(
    await ctx.db.query("select encode(code_hash, 'escape') as hash from recovery_codes where used_at is null"),
  )
  assert.equal(stored.includes(two), false)

  const renew = (body: object) => post(app, '/api/auth/second-factor/recovery-codes', body, bearer)
  assert.equal(codeNamed(await renew({ current: 'wrong', code: next(app, secret) })), 'password_wrong')
  assert.equal(codeNamed(await renew({ current: password, code: '000000' })), 'code_wrong')
  const renewed = await renew({ current: password, code: next(app, secret) })
  assert.equal(renewed.statusCode, 200, renewed.body)
  assert.equal(await left(), 10)
  assert.equal(codeNamed(await finish(two)), 'code_refused', 'those of before have ended')
  await tokenOf(await finish(renewed.json<{ recoveryCodes: string[] }>().recoveryCodes[0]!))
  const types = (await ctx.events.readStream(`user-${user.id}`)).map(({ type }) => type)
  assert.deepEqual(types, [
    'UserCreated',
    'SecondFactorSet',
    'RecoveryCodeUsed',
    'RecoveryCodesRenewed',
    'RecoveryCodeUsed',
  ])
})

test('row 44: codes are guessed as slowly as passwords, and a right password gives no new tries', async (t) => {
  const app = await openTestApp(t)
  const user = await givenUser(app)
  const { secret } = await givenSecondFactor(app, user.email)
  const statuses: number[] = []
  for (let i = 0; i < 8; i++) {
    const response = await login(app, user.email)
    if (response.statusCode !== 202) {
      statuses.push(response.statusCode)
      continue
    }
    const { ticket } = response.json<{ ticket: string }>()
    statuses.push((await post(app, '/api/auth/login/second-factor', { ticket, code: `00000${i}` })).statusCode)
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429])
  app.ctx.clock.ms += 60_000
  const ticket = await ticketOf(app, user.email)
  await tokenOf(await post(app, '/api/auth/login/second-factor', { ticket, code: next(app, secret) }))
})

test('administrators must have a second factor where the setting says so', async (t) => {
  const app = await openTestApp(t, { SMARTRETURNS_ADMIN_SECOND_FACTOR: '1' })
  const { server, ctx } = app
  const worker = await givenUser(app)
  assert.equal((await login(app, worker.email)).statusCode, 200, 'others may do without')
  const admin = await givenUser(app, { role: 'admin' })
  const first = await login(app, admin.email)
  assert.equal(first.statusCode, 202)
  assert.deepEqual(first.cookies, [])
  const { ticket, step } = first.json<{ ticket: string; step: string }>()
  assert.equal(step, 'second_factor_setup')
  assert.equal(codeNamed(await post(app, '/api/auth/login/second-factor/setup', {})), 'ticket_refused')
  const setup = await post(app, '/api/auth/login/second-factor/setup', { ticket })
  assert.equal(setup.statusCode, 200, setup.body)
  const { secret } = setup.json<{ secret: string }>()
  const finish = (code: string) => post(app, '/api/auth/login/second-factor', { ticket, code })
  assert.equal(codeNamed(await finish('000000')), 'code_refused')
  const done = await finish(next(app, secret))
  const bearer = await tokenOf(done)
  assert.equal(done.json<{ recoveryCodes: string[] }>().recoveryCodes.length, 10)
  assert.equal((await server.inject({ url: '/api/users', headers: bearer })).statusCode, 200)
  assert.equal(codeNamed(await finish(next(app, secret))), 'ticket_refused', 'a ticket for a setup sets up once')
  assert.equal(
    codeNamed(await post(app, '/api/auth/login/second-factor/setup', { ticket })),
    'ticket_refused',
    'nor does it write over the secret',
  )
  const remove = await post(
    app,
    '/api/auth/second-factor/remove',
    { current: password, code: next(app, secret) },
    bearer,
  )
  assert.equal(codeNamed(remove), 'second_factor_needed')

  // A session of a time when the setting was off, or from before the promotion.
  await ctx.db.query('update sessions set has_second_factor = false')
  ctx.clock.ms += 1000
  assert.equal(codeNamed(await server.inject({ url: '/api/users', headers: bearer })), 'second_factor_needed')
  const { refreshToken } = done.json<{ refreshToken: string }>()
  assert.equal(codeNamed(await post(app, '/api/auth/refresh', { refreshToken })), 'refresh_refused')
})

test('beside a second factor a password of eight characters is enough; alone it is not', async (t) => {
  const app = await openTestApp(t)
  const { server } = app
  const user = await givenUser(app)
  const { secret, bearer } = await givenSecondFactor(app, user.email)
  const change = (headers: Record<string, string>, current: string, to: string) =>
    post(app, '/api/auth/password', { current, password: to }, headers)
  assert.equal((await change(bearer, password, 'short')).statusCode, 400)
  assert.equal((await change(bearer, password, short)).statusCode, 204)
  const enter = async () => {
    const ticket = await ticketOf(app, user.email, short)
    return tokenOf(await post(app, '/api/auth/login/second-factor', { ticket, code: next(app, secret) }))
  }
  const again = await enter()
  const remove = async () =>
    post(app, '/api/auth/second-factor/remove', { current: short, code: next(app, secret) }, again)
  assert.equal(codeNamed(await remove()), 'password_short')

  // Somebody else takes the factor away: the short password opens nothing until there is another one.
  const admin = await tokenOf(await login(app, (await givenUser(app, { role: 'admin' })).email))
  const url = `/api/users/${user.id}/second-factor`
  assert.equal((await server.inject({ method: 'DELETE', url, headers: admin })).statusCode, 204)
  assert.equal(codeNamed(await server.inject({ method: 'DELETE', url, headers: admin })), 'second_factor_absent')
  app.ctx.clock.ms += 1000
  assert.equal((await server.inject({ url: '/api/auth/me', headers: again })).statusCode, 401)
  const response = await login(app, user.email, short)
  assert.deepEqual([response.statusCode, response.json<{ step: string }>().step], [202, 'second_factor_setup'])
})

test('a second factor is removed by its owner with password and code', async (t) => {
  const app = await openTestApp(t)
  const user = await givenUser(app)
  const { secret, bearer } = await givenSecondFactor(app, user.email)
  const remove = (body: object) => post(app, '/api/auth/second-factor/remove', body, bearer)
  assert.equal(codeNamed(await remove({ current: 'wrong', code: next(app, secret) })), 'password_wrong')
  assert.equal(codeNamed(await remove({ current: password, code: '000000' })), 'code_wrong')
  assert.equal((await remove({ current: password, code: next(app, secret) })).statusCode, 204)
  assert.equal((await login(app, user.email)).statusCode, 200)
  const [row] = await app.ctx.db.query<{ n: number }>('select count(*) as n from recovery_codes')
  assert.equal(row!.n, 0)
})
