import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { decodeProtectedHeader, SignJWT } from 'jose'
import { AppError } from '#kernel/errors.ts'
import { leadMs, rotateAfterDays } from '#platform/auth/signing-keys.ts'
import { openTokens } from '#platform/auth/tokens.ts'
import { openTestApp, type TestApp } from '../support/app.ts'
import { attempt, enter, givenUser, openTestIdentity, password, type TestIdentity } from '../support/identity.ts'

const doer = { by: { kind: 'system', id: 'test' }, requestId: 'test-request' }
const problemIs = (problem: string) => (error: unknown) => error instanceof AppError && error.problem === problem
const kidOf = (token: string) => decodeProtectedHeader(token).kid!
const bearer = (text: string) => ({ bearer: text, cookie: null })

/** Another process of the installation: its own memory, the same database and secrets. */
function otherProcess({ ctx, vault, signingKeys }: TestIdentity) {
  return openTokens({ db: ctx.db, vault, signingKeys, now: ctx.now })
}

test('a new key is published before it signs, and tokens of the old one live to their end', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, tokens, signingKeys, sessions, identity } = all
  const other = await otherProcess(all)
  const user = await givenUser(all)
  const before = (await enter(sessions, attempt(user.email))).accessToken
  const next = await signingKeys.rotate(doer)
  assert.notEqual(kidOf(before), next)
  ctx.clock.ms += 5000
  for (const process of [tokens, other])
    assert.deepEqual(
      (await process.jwks(ctx.now())).keys.map(({ kid }) => kid),
      [next, kidOf(before)],
    )
  const meanwhile = (await enter(sessions, attempt(user.email))).accessToken
  assert.equal(kidOf(meanwhile), kidOf(before), 'who verifies is given time to see the new one')

  ctx.clock.ms += leadMs
  const after = (await enter(sessions, attempt(user.email))).accessToken
  assert.equal(kidOf(after), next)
  for (const token of [meanwhile, after]) {
    assert.equal((await other.verify(token, ctx.now())).userId, user.id)
    await identity.authenticate(bearer(token))
  }
  ctx.clock.ms += 20 * 60_000
  assert.deepEqual(
    (await other.jwks(ctx.now())).keys.map(({ kid }) => kid),
    [next],
    'the old one goes when its last token has ended',
  )
  const types = (await ctx.events.readStream(`signingkey-${next}`)).map(({ type }) => type)
  assert.deepEqual(types, ['SigningKeyMade'])
})

test('no token is refused while keys follow one another under load', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, tokens, signingKeys } = all
  const processes = [tokens, await otherProcess(all), await otherProcess(all)]
  const user = await givenUser(all)
  const claims = { userId: user.id, sessionId: '01920000-0000-7000-8000-000000000001', epoch: 1 }
  const kids = new Set<string>()
  let verified = 0
  for (let minute = 0; minute < 120; minute++) {
    if (minute % 25 === 5) await signingKeys.rotate(doer)
    const signed = await Promise.all(processes.map((process) => process.sign(claims, ctx.now())))
    for (const token of signed) {
      kids.add(kidOf(token))
      for (const process of processes) verified += (await process.verify(token, ctx.now())).epoch
    }
    ctx.clock.ms += 60_000
  }
  assert.equal(verified, 120 * 9)
  assert.equal(kids.size, 6)
})

test('the schedule makes a key when the newest is old, and one of two processes does it', async (t) => {
  const { ctx, signingKeys } = await openTestIdentity(t)
  assert.equal(await signingKeys.rotateIfOld(doer), null)
  ctx.clock.ms += rotateAfterDays * 86_400_000
  const made = await Promise.all([signingKeys.rotateIfOld(doer), signingKeys.rotateIfOld(doer)])
  assert.equal(made.filter((kid) => kid !== null).length, 1)
  ctx.clock.ms += (rotateAfterDays + 2) * 86_400_000
  await signingKeys.rotateIfOld(doer)
  assert.equal((await signingKeys.list()).length, 2, 'those long past are forgotten')
  const rows = await ctx.db.query("select 1 from installation_secrets where name like 'token_signing_key:%'")
  assert.equal(rows.length, 2, 'with their private halves')
})

test('a revoked key ends its tokens at once; sessions go on by their refresh tokens', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, tokens, signingKeys, sessions, identity } = all
  const user = await givenUser(all)
  const { accessToken } = await enter(sessions, attempt(user.email))
  await identity.authenticate(bearer(accessToken))
  await signingKeys.revoke(kidOf(accessToken), doer)
  await assert.rejects(signingKeys.revoke(kidOf(accessToken), doer), problemIs('signing_key_unknown'))
  ctx.clock.ms += 5000
  await assert.rejects(identity.authenticate(bearer(accessToken)), problemIs('token_invalid'), 'remembered or not')
  await assert.rejects(tokens.verify(accessToken, ctx.now()), problemIs('token_invalid'))
  const next = await enter(sessions, attempt(user.email))
  await identity.authenticate(bearer(next.accessToken))
  assert.equal((await tokens.jwks(ctx.now())).keys.length, 1)
})

test('row 42: a weak signing key stops the start', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, secrets } = all
  const [{ kid } = { kid: '' }] = await all.signingKeys.list()
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  for (const weak of [String(rsa), 'secret', '']) {
    await ctx.db.query('update installation_secrets set sealed = $1 where name = $2', [
      secrets.sealBytes(Buffer.from(weak)),
      `token_signing_key:${kid}`,
    ])
    await assert.rejects(otherProcess(all), problemIs('signing_key_weak'), weak.slice(0, 20))
  }
})

async function startReader(t: TestContext, jwksUrl: string) {
  const child = fork(join(import.meta.dirname, '..', 'support', 'jwks-reader.ts'), [jwksUrl], { env: {} })
  t.after(() => child.kill())
  await once(child, 'message')
  return async (token: string, nowMs: number) => {
    const answer = once(child, 'message')
    child.send({ token, nowMs })
    const [message] = (await answer) as [{ claims?: { userId: string; kid: string }; refused?: string }]
    return message
  }
}

async function tokenOf({ server }: TestApp, email: string): Promise<string> {
  const response = await server.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password } })
  return response.json<{ accessToken: string }>().accessToken
}

test('a separate process verifies by the published keys alone, before and after a rotation', async (t) => {
  const app = await openTestApp(t)
  const { ctx, server } = app
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  const verify = await startReader(t, `http://127.0.0.1:${port}/.well-known/jwks.json`)
  const user = await givenUser(app)
  const token = await tokenOf(app, user.email)
  const first = await verify(token, ctx.now())
  assert.equal(first.claims?.userId, user.id, JSON.stringify(first))

  await app.login.signingKeys.rotate(doer)
  ctx.clock.ms += leadMs
  const next = await tokenOf(app, user.email)
  assert.notEqual(kidOf(next), kidOf(token))
  // The reader fetched the keys a moment ago, and asks again after its own pause of five seconds.
  await new Promise((resolve) => setTimeout(resolve, 5200))
  assert.equal((await verify(next, ctx.now())).claims?.kid, kidOf(next))
  assert.equal((await verify(token, ctx.now())).claims?.userId, user.id, 'the old one is still good')

  const forged = generateKeyPairSync('ed25519').privateKey
  const second = Math.floor(ctx.now() / 1000)
  const claims = { sid: 's', epo: 1, iss: 'smartreturns', aud: 'smartreturns-api', sub: user.id }
  const times = { iat: second, nbf: second, exp: second + 900 }
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: kidOf(next) }
  const bad = {
    forged: await new SignJWT({ ...claims, ...times }).setProtectedHeader(header).sign(forged),
    unknown: await new SignJWT({ ...claims, ...times }).setProtectedHeader({ ...header, kid: 'x' }).sign(forged),
    none: `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${next.split('.')[1]}.`,
  }
  for (const [name, text] of Object.entries(bad))
    assert.equal((await verify(text, ctx.now())).refused, 'token_invalid', name)
  ctx.clock.ms += 16 * 60_000
  assert.equal((await verify(next, ctx.now())).refused, 'token_invalid', 'expired')

  const answer = await server.inject('/.well-known/jwks.json')
  assert.equal(answer.headers['cache-control'], 'public, max-age=300')
  for (const key of answer.json<{ keys: Record<string, string>[] }>().keys)
    assert.deepEqual(Object.keys(key).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})
