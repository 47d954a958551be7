import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { exportJWK, importPKCS8, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { AppError } from '#kernel/errors.ts'
import { forgetAttempts, openAttempts } from '#platform/auth/attempts.ts'
import { newApiKey, readApiKey, withChecksum } from '#platform/auth/api-keys.ts'
import { demoUsers, ensureDemoUsers, ensureFirstAdmin } from '#platform/auth/demo-users.ts'
import { openIdentity } from '#platform/auth/identity.ts'
import { checkPassword } from '#platform/auth/passwords.ts'
import { mayDo, permissions } from '#platform/auth/roles.ts'
import { closeSession, refreshSession } from '#platform/auth/sessions.ts'
import { insertKey, readKey, revokeKey, shortenKey } from '#platform/auth/key-store.ts'
import { endSessionsOf } from '#platform/auth/session-store.ts'
import { readUser, readUserByEmail, updateUser } from '#platform/auth/store.ts'
import { openSecondFactors } from '#platform/auth/second-factor/second-factors.ts'
import { codeOf, stepAt } from '#platform/auth/second-factor/totp.ts'
import { openSigningKeys } from '#platform/auth/signing-keys.ts'
import { openTokens } from '#platform/auth/tokens.ts'
import { openVault } from '#platform/auth/vault.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { retireKeys, rotateKeys } from '#platform/secrets/rotate.ts'
import { removeOldRows } from '#platform/retention/store.ts'
import { givenClient } from '../support/given.ts'
import { attempt, enter, givenUser, openTestIdentity, type TestIdentity } from '../support/identity.ts'

const problemIs = (problem: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error))
  assert.equal(error.problem, problem)
  return true
}
const bearer = (text: string) => ({ bearer: text, cookie: null })
const refusedToken = problemIs('token_invalid')

async function eventTypes({ ctx }: TestIdentity): Promise<string[]> {
  const events = await ctx.events.read(0, 1000)
  return events.map((event) => event.type)
}

test('a token says who asks; hubs and clients come from the present row', async (t) => {
  const all = await openTestIdentity(t)
  const worker = await givenUser(all)
  const { accessToken, sessionId } = await enter(all.sessions, attempt(worker.email))
  const actor = await all.identity.authenticate(bearer(accessToken))
  assert.deepEqual(actor, {
    kind: 'user',
    id: worker.id,
    role: 'worker',
    hubIds: [],
    clientIds: null,
    scopes: [],
    sessionId,
  })
  assert.equal((await all.identity.authenticate({ bearer: null, cookie: accessToken })).id, worker.id)
  const admin = await enter(all.sessions, attempt((await givenUser(all, { role: 'admin' })).email))
  assert.equal((await all.identity.authenticate(bearer(admin.accessToken))).hubIds, null)
  const analyst = await enter(all.sessions, attempt((await givenUser(all, { role: 'analyst' })).email))
  assert.equal((await all.identity.authenticate(bearer(analyst.accessToken))).hubIds, null)
})

test('row 42: tokens that are none, forged, of another kind, or expired are refused', async (t) => {
  const { ctx, signingKeys, tokens, identity, sessions } = await openTestIdentity(t)
  const user = await givenUser({ ctx })
  const { accessToken, sessionId } = await enter(sessions, attempt(user.email))
  const second = Math.floor(ctx.now() / 1000)
  const claims: JWTPayload = {
    iss: 'smartreturns',
    aud: 'smartreturns-api',
    sub: user.id,
    sid: sessionId,
    epo: 1,
    iat: second,
    nbf: second,
    exp: second + 900,
  }
  const [published] = (await tokens.jwks(ctx.now())).keys
  const kid = published!.kid!
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid } as const

  // Our own key, so that nothing but the changed claim can be the reason.
  const ours = await importPKCS8(await signingKeys.privateKey(kid), 'EdDSA')
  const sign = (payload: JWTPayload, protectedHeader: object = header) =>
    new SignJWT(payload).setProtectedHeader({ ...header, ...protectedHeader }).sign(ours)
  assert.equal((await identity.authenticate(bearer(await sign(claims)))).id, user.id)

  const theirs = generateKeyPairSync('ed25519')
  const jwk = await exportJWK(theirs.publicKey)
  const publicPem = published!.x!
  const { exp: _, ...withoutEnd } = claims
  const bad: Record<string, string> = {
    'alg none': new UnsecuredJWT(claims).encode(),
    'alg none with our header': `${Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')}.${accessToken.split('.')[1]}.`,
    'another key': await new SignJWT(claims).setProtectedHeader(header).sign(theirs.privateKey),
    'another key in the header': await new SignJWT(claims)
      .setProtectedHeader({ ...header, jwk })
      .sign(theirs.privateKey),
    'another key by address': await new SignJWT(claims)
      .setProtectedHeader({ ...header, jku: 'http://127.0.0.1/keys' })
      .sign(theirs.privateKey),
    'HMAC with our public key': await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .sign(Buffer.from(publicPem, 'base64url')),
    'changed payload': accessToken.replace(
      /\.[^.]+\./,
      `.${Buffer.from(JSON.stringify({ ...claims, epo: 9 })).toString('base64url')}.`,
    ),
    'another audience': await sign({ ...claims, aud: 'elsewhere' }),
    'another issuer': await sign({ ...claims, iss: 'elsewhere' }),
    'another type': await sign(claims, { typ: 'JWT' }),
    'a device token': await tokens.signDevice(user.id, ctx.now()),
    expired: await sign({ ...claims, iat: second - 901, nbf: second - 901, exp: second - 1 }),
    'not yet valid': await sign({ ...claims, nbf: second + 600 }),
    'without an end': await sign(withoutEnd),
    'without a session': await sign({ ...claims, sid: undefined }),
    'no token at all': 'abc',
    'an unknown critical header': await new SignJWT(claims)
      .setProtectedHeader({ ...header, crit: ['b64'], b64: true })
      .sign(theirs.privateKey),
  }
  for (const [name, token] of Object.entries(bad))
    await assert.rejects(identity.authenticate(bearer(token)), refusedToken, name)
  await assert.rejects(identity.authenticate({ bearer: null, cookie: null }), problemIs('credentials_missing'))
  await assert.rejects(identity.authenticate({ bearer: '', cookie: accessToken }), problemIs('credentials_missing'))

  assert.equal((await identity.authenticate(bearer(accessToken))).id, user.id)
  ctx.clock.ms += 15 * 60_000
  await assert.rejects(identity.authenticate(bearer(accessToken)), refusedToken, 'a remembered token ends at its time')
})

test('the signing key is sealed, shared by processes, and the same after a restart', async (t) => {
  const { ctx, vault, signingKeys, tokens, sessions } = await openTestIdentity(t)
  const user = await givenUser({ ctx })
  const { accessToken } = await enter(sessions, attempt(user.email))
  const again = await openTokens({ db: ctx.db, vault, signingKeys, now: ctx.now })
  const [one, two] = [await again.jwks(ctx.now()), await tokens.jwks(ctx.now())]
  assert.deepEqual(one, two)
  assert.equal('d' in one.keys[0]!, false)
  assert.equal((await again.verify(accessToken, ctx.now())).userId, user.id)
  const rows = await ctx.db.query<{ sealed: Buffer }>('select sealed from installation_secrets')
  assert.ok(rows.length > 1)
  for (const { sealed } of rows) assert.equal(sealed.includes('PRIVATE KEY'), false)
})

test('row 43: a refresh token that is used twice ends the whole family', async (t) => {
  const all = await openTestIdentity(t)
  const { sessions, identity, ctx } = all
  const user = await givenUser(all)
  const first = await enter(sessions, attempt(user.email))
  const second = await refreshSession(sessions, first.refreshToken, 'r')
  assert.notEqual(second.refreshToken, first.refreshToken)
  await assert.rejects(refreshSession(sessions, first.refreshToken, 'r'), problemIs('refresh_refused'))
  await assert.rejects(refreshSession(sessions, second.refreshToken, 'r'), problemIs('refresh_refused'))
  await assert.rejects(identity.authenticate(bearer(second.accessToken)), problemIs('session_ended'))
  assert.equal((await eventTypes(all)).filter((type) => type === 'RefreshReused').length, 1)

  const other = await enter(sessions, attempt(user.email))
  ctx.clock.ms += 30 * 86_400_000
  await assert.rejects(refreshSession(sessions, other.refreshToken, 'r'), problemIs('refresh_refused'), 'after 30 days')
})

test('sessions are forgotten some time after their end, with the addresses they came from', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, sessions } = all
  const user = await givenUser(all)
  const ended = await enter(sessions, attempt(user.email))
  await closeSession(sessions, { id: ended.sessionId, userId: user.id }, 'r')
  ctx.clock.ms += 31 * 86_400_000
  const live = await enter(sessions, attempt(user.email))
  await refreshSession(sessions, live.refreshToken, 'r')
  assert.equal(await removeOldRows(ctx.db, 'sessions', new Date(ctx.now() - 30 * 86_400_000), 100), 1)
  const left = await ctx.db.query<{ id: string }>('select id from sessions')
  assert.deepEqual(
    left.map(({ id }) => id),
    [live.sessionId],
  )
  await assert.rejects(
    refreshSession(sessions, live.refreshToken, 'r'),
    problemIs('refresh_refused'),
    'used tokens are known on',
  )
})

test('row 43: of five refreshes at once one wins, and the session lives on', async (t) => {
  const all = await openTestIdentity(t)
  const user = await givenUser(all)
  const { refreshToken } = await enter(all.sessions, attempt(user.email))
  const settled = await Promise.allSettled(
    Array.from({ length: 5 }, () => refreshSession(all.sessions, refreshToken, 'r')),
  )
  const won = settled.filter((one) => one.status === 'fulfilled')
  assert.equal(won.length, 1)
  for (const one of settled) if (one.status === 'rejected') problemIs('refresh_under_way')(one.reason)
  await refreshSession(all.sessions, won[0]!.value.refreshToken, 'r')
})

test('a refresh in another process holds the token: it is busy, not stolen', async (t) => {
  const all = await openTestIdentity(t)
  const user = await givenUser(all)
  const { refreshToken } = await enter(all.sessions, attempt(user.email))
  await all.ctx.db.transaction(async (tx) => {
    await tx.query('select 1 from refresh_tokens where user_id = $1 for update', [user.id])
    await assert.rejects(refreshSession(all.sessions, refreshToken, 'r'), problemIs('refresh_under_way'))
  })
  await refreshSession(all.sessions, refreshToken, 'r')
})

test('row 45: a disabled user, a changed role, and a sign-out count within a second', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, identity, sessions } = all
  const change = async (id: string, to: object, endsSessions: boolean) =>
    ctx.db.transaction(async (tx) => {
      const before = (await readUser(tx, id, true))!
      await updateUser(tx, { ...before, ...to, version: before.version + 1, tokenEpoch: before.tokenEpoch + 1 })
      if (endsSessions) await endSessionsOf(tx, id, new Date(ctx.now()))
    })

  for (const to of [{ isActive: false }, { role: 'analyst' }]) {
    const user = await givenUser(all)
    const session = await enter(sessions, attempt(user.email))
    await identity.authenticate(bearer(session.accessToken))
    await change(user.id, to, true)
    ctx.clock.ms += 1000
    await assert.rejects(identity.authenticate(bearer(session.accessToken)), problemIs('session_ended'))
    await assert.rejects(refreshSession(sessions, session.refreshToken, 'r'), problemIs('refresh_refused'))
  }
  const user = await givenUser(all)
  const session = await enter(sessions, attempt(user.email))
  await identity.authenticate(bearer(session.accessToken))
  await closeSession(sessions, { id: session.sessionId, userId: user.id }, 'r')
  await closeSession(sessions, { id: session.sessionId, userId: user.id }, 'r')
  ctx.clock.ms += 1000
  await assert.rejects(identity.authenticate(bearer(session.accessToken)), problemIs('session_ended'))
  assert.equal((await eventTypes(all)).filter((type) => type === 'SignedOut').length, 1)
})

test('row 44: failures in a row make everybody wait alike, but for a device that is known', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, sessions, tokens } = all
  const user = await givenUser(all)
  const device = await tokens.signDevice(user.id, ctx.now())
  for (const email of [user.email, 'nobody@example.com']) {
    for (let i = 0; i < 5; i++)
      await assert.rejects(
        enter(sessions, attempt(email, { password: 'wrong' })),
        problemIs('login_refused'),
        `${email} ${i}`,
      )
    await assert.rejects(enter(sessions, attempt(email)), problemIs('login_delayed'))
  }
  const strange = await tokens.signDevice('01920000-0000-7000-8000-000000000001', ctx.now())
  await assert.rejects(
    enter(sessions, attempt(user.email, { device: strange })),
    problemIs('login_delayed'),
    'the device of another',
  )
  await enter(sessions, attempt(user.email, { device }))
  assert.equal((await readUser(ctx.db, user.id))!.failedLogins, 5, 'who guesses elsewhere gets no new tries')

  ctx.clock.ms += 1000
  await assert.rejects(enter(sessions, attempt(user.email, { password: 'wrong' })), problemIs('login_refused'))
  ctx.clock.ms += 1000
  await assert.rejects(enter(sessions, attempt(user.email)), problemIs('login_delayed'), 'now two seconds')
  ctx.clock.ms += 1000
  await enter(sessions, attempt(user.email))
  assert.equal((await readUser(ctx.db, user.id))!.failedLogins, 0)

  for (let i = 0; i < 5; i++)
    await assert.rejects(
      enter(sessions, attempt(user.email, { password: 'wrong', device })),
      problemIs('login_refused'),
    )
  await assert.rejects(
    enter(sessions, attempt(user.email, { device })),
    problemIs('login_delayed'),
    'a known device has a count too',
  )
})

test('row 44: guesses count the same in all processes, for addresses of nobody too', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, sessions } = all
  const other = { ...sessions, attempts: openAttempts(ctx.db) }
  const user = await givenUser(all)
  for (const email of [user.email, 'nobody@example.com']) {
    for (let i = 0; i < 5; i++)
      await assert.rejects(enter(i % 2 === 0 ? sessions : other, attempt(email, { password: 'wrong' })))
    for (const process of [sessions, other])
      await assert.rejects(enter(process, attempt(email)), problemIs('login_delayed'), email)
  }
  const kept = JSON.stringify(await ctx.db.query('select key from sign_in_attempts'))
  assert.equal(kept.includes('nobody'), false)
  await forgetAttempts(ctx.db, new Date(ctx.now() + 1))
  await assert.rejects(enter(sessions, attempt('nobody@example.com')), problemIs('login_refused'))
})

test('a session ends after ninety days, however much it is used', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, sessions } = all
  const user = await givenUser(all)
  let { refreshToken } = await enter(sessions, attempt(user.email))
  for (let days = 0; days < 80; days += 20) {
    ctx.clock.ms += 20 * 86_400_000
    refreshToken = (await refreshSession(sessions, refreshToken, 'r')).refreshToken
  }
  ctx.clock.ms += 11 * 86_400_000
  await assert.rejects(refreshSession(sessions, refreshToken, 'r'), problemIs('refresh_refused'))
})

test('guesses that are sent at once count each', async (t) => {
  const all = await openTestIdentity(t)
  const user = await givenUser(all)
  await Promise.allSettled(
    Array.from({ length: 6 }, (_, i) => enter(all.sessions, attempt(user.email, { password: `guess ${i}` }))),
  )
  const row = (await readUser(all.ctx.db, user.id))!
  assert.equal(row.failedLogins, 6)
  const waitMs = row.lockedUntil!.getTime() - all.ctx.clock.ms
  assert.ok(waitMs > 1900 && waitMs <= 2000, `${waitMs} ms`)
})

test('an unknown address costs the time of a known one', async (t) => {
  const all = await openTestIdentity(t)
  const user = await givenUser(all)
  const took = async (email: string) => {
    const times: number[] = []
    for (let i = 0; i < 4; i++) {
      const start = performance.now()
      await assert.rejects(enter(all.sessions, attempt(email, { password: 'wrong' })))
      times.push(performance.now() - start)
    }
    return Math.min(...times)
  }
  const [known, unknown] = [await took(user.email), await took('nobody@example.com')]
  assert.ok(unknown > known / 3, `unknown ${unknown} ms, known ${known} ms`)
})

test('API keys: checksum, secret, environment, expiry, revocation, inactive client', async (t) => {
  const { ctx, identity } = await openTestIdentity(t)
  const clientId = await givenClient(ctx)
  const atMs = ctx.now()
  const give = async (days = 90) => {
    const key = newApiKey('live')
    const createdAt = new Date(ctx.now())
    await ctx.db.transaction((tx) =>
      insertKey(tx, {
        id: key.id,
        environment: 'live',
        secretHash: key.secretHash,
        name: 'shop',
        clientId,
        hubIds: [],
        scopes: ['returns:read'],
        createdAt,
        expiresAt: new Date(ctx.now() + days * 86_400_000),
        createdBy: null,
      }),
    )
    return key
  }
  const refused = problemIs('api_key_invalid')
  const key = await give()
  assert.match(key.text, /^sr_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/)
  const actor = await identity.authenticate(bearer(key.text))
  assert.deepEqual(actor, {
    kind: 'api_key',
    id: key.id,
    role: 'integration',
    hubIds: null,
    clientIds: [clientId],
    scopes: ['returns:read'],
  })
  assert.deepEqual(
    permissions.filter((p) => mayDo(actor, p)),
    ['returns:read', 'self'],
  )
  assert.ok((await readKey(ctx.db, key.id))!.lastUsedAt!.getTime() >= atMs)

  const last = key.text.at(-1)!
  await assert.rejects(
    identity.authenticate(bearer(key.text.slice(0, -1) + (last === 'a' ? 'b' : 'a'))),
    refused,
    'checksum',
  )
  const stranger = newApiKey('live')
  await assert.rejects(identity.authenticate(bearer(stranger.text)), refused, 'unknown id')
  // A right checksum over the id of another key: only the secret is wrong.
  const forged = withChecksum(`sr_live_${key.id}_${stranger.text.split('_')[3]!}`)
  assert.equal(readApiKey(forged)?.id, key.id)
  await assert.rejects(identity.authenticate(bearer(forged)), refused, 'secret')
  await assert.rejects(
    identity.authenticate({ bearer: null, cookie: key.text }),
    problemIs('credentials_invalid'),
    'in a cookie',
  )

  await ctx.db.transaction((tx) => revokeKey(tx, key.id, new Date(ctx.now())))
  ctx.clock.ms += 1000
  await assert.rejects(identity.authenticate(bearer(key.text)), refused, 'revoked')

  const short = await give(1)
  await identity.authenticate(bearer(short.text))
  await ctx.db.transaction((tx) => shortenKey(tx, short.id, new Date(ctx.now() + 3_600_000)))
  ctx.clock.ms += 1000
  await identity.authenticate(bearer(short.text))
  ctx.clock.ms += 3_600_000
  await assert.rejects(identity.authenticate(bearer(short.text)), refused, 'expired')

  await assert.rejects(give(367), 'no key for longer than a year')
  const other = await give()
  await ctx.db.query('update clients set is_active = false where id = $1', [clientId])
  await assert.rejects(identity.authenticate(bearer(other.text)), refused, 'client is not active')
})

test('what is remembered asks nobody, and many at once ask the database once', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, sessions, tokens } = all
  const user = await givenUser(all)
  const { accessToken } = await enter(sessions, attempt(user.email))
  let queries = 0
  const db = {
    ...ctx.db,
    query: ((...given: Parameters<typeof ctx.db.query>) => (
      (queries += 1),
      ctx.db.query(...given)
    )) as typeof ctx.db.query,
  }
  const nowMs = ctx.now()
  const identity = openIdentity({ db, tokens, needsSecondFactor: false, now: () => nowMs })
  await Promise.all(Array.from({ length: 50 }, () => identity.authenticate(bearer(accessToken))))
  assert.equal(queries, 1)
  for (let i = 0; i < 100; i++) await identity.authenticate(bearer(accessToken))
  assert.equal(queries, 1)
})

test('a password is long, not common, and not made of the context', () => {
  const asha = { context: ['asha@example.com', 'Asha'], hasSecondFactor: false }
  const refused = problemIs('password_refused')
  for (const bad of [
    'short',
    'a'.repeat(20),
    'Password Password',
    '1234567890123456',
    'Correct-Horse-Battery-Staple',
    'smartreturns asha',
    'asha@example.com!!',
    'long enough '.repeat(11),
    '\u0041\u030a'.repeat(14),
  ]) {
    assert.throws(() => checkPassword(bad, asha), refused, bad)
  }
  checkPassword('nine red kites over the harbour', asha)
  checkPassword('नौ लाल पतंगें बंदरगाह पर', asha)
  // Beside a second factor eight are enough, but not if they are on the list of what was found elsewhere.
  const beside = { ...asha, hasSecondFactor: true }
  assert.throws(() => checkPassword('kelp-42x', asha), refused)
  checkPassword('kelp-42x', beside)
  checkPassword('!@#-%^&*', beside)
  checkPassword('\u0041\u030akelp-42', { ...beside })
  for (const bad of [
    'kelp-42',
    'password',
    'Password1',
    'iloveyou',
    'qwertyuiop',
    'dragondragon',
    'asha 1234',
    'example12',
  ])
    assert.throws(() => checkPassword(bad, beside), refused, bad)
  checkPassword('a'.repeat(8) + 'bcdefghijklmnop'.repeat(8), asha)
  assert.throws(() => checkPassword('abcdefg '.repeat(17), asha), refused, '136 characters')
})

test('demo logins are made once, bound later, and shut where the demo is off', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, sessions } = all
  await ensureDemoUsers(ctx, [])
  const hubIds = ['01920000-0000-7000-8000-000000000001', '01920000-0000-7000-8000-000000000002']
  await ensureDemoUsers(ctx, hubIds)
  await ensureDemoUsers(ctx, [])
  const [worker, manager] = await Promise.all(demoUsers.slice(0, 2).map(({ email }) => readUserByEmail(ctx.db, email)))
  assert.deepEqual(worker!.hubIds, hubIds.slice(0, 1))
  assert.deepEqual(manager!.hubIds, hubIds)
  const { email, password } = demoUsers[0]
  const session = await enter({ ...sessions, isDemo: true }, attempt(email, { password }))
  await assert.rejects(enter(sessions, attempt(email, { password })), problemIs('login_refused'))
  await assert.rejects(refreshSession(sessions, session.refreshToken, 'r'), problemIs('refresh_refused'))

  const admin = await ensureFirstAdmin(ctx, { email: undefined, password: undefined })
  await enter(sessions, attempt(admin!.email, { password: admin!.password }))
  assert.equal(await ensureFirstAdmin(ctx, { email: undefined, password: undefined }), null)
})

test('the log knows no address, no name and no secret', async (t) => {
  const all = await openTestIdentity(t)
  const user = await givenUser(all)
  const word = randomBytes(12).toString('hex')
  await assert.rejects(enter(all.sessions, attempt(user.email, { password: word })))
  await assert.rejects(enter(all.sessions, attempt(`${word}@example.com`)))
  const { refreshToken } = await enter(all.sessions, attempt(user.email))
  const text = JSON.stringify(await all.ctx.events.read(0, 1000))
  for (const secret of [user.email, word, 'A Person', refreshToken, '192.0.2.1', 'argon2'])
    assert.equal(text.includes(secret), false, secret)
  const stored = JSON.stringify(
    await all.ctx.db.query("select encode(token_hash, 'escape') as hash from refresh_tokens"),
  )
  assert.equal(stored.includes(refreshToken), false)
})

test('row 57: logins outlive the master key: tokens, second factors and known browsers are good after a rotation', async (t) => {
  const all = await openTestIdentity(t)
  const { ctx, sessions, masterKeyFile } = all
  const user = await givenUser(all)
  const { accessToken } = await enter(sessions, attempt(user.email))
  const device = await all.tokens.signDevice(user.id, ctx.now())
  const { secret } = await ctx.db.transaction((tx) => sessions.secondFactors.begin(tx, user))
  await rotateKeys({ ...ctx, secrets: all.secrets }, 'test')
  ctx.clock.ms += 11 * 60_000
  const { retired } = await retireKeys({ ...ctx, secrets: all.secrets }, 'test')
  assert.ok(retired > 0)

  // A process that starts now, and knows nothing of the key of before.
  const secrets = await openLocalSecrets({ db: ctx.db, masterKeyFile, now: ctx.now })
  const vault = await openVault(ctx.db, secrets, new Date(ctx.now()))
  const signingKeys = openSigningKeys({ ...ctx, box: secrets })
  const tokens = await openTokens({ db: ctx.db, vault, signingKeys, now: ctx.now })
  assert.equal((await tokens.verify(accessToken, ctx.now())).userId, user.id)
  assert.notEqual(await tokens.readDevice(device, user.id, ctx.now()), null)
  const claims = { userId: user.id, sessionId: '01920000-0000-7000-8000-000000000001', epoch: 1 }
  assert.equal((await all.tokens.verify(await tokens.sign(claims, ctx.now()), ctx.now())).userId, user.id)
  const factors = openSecondFactors({ db: ctx.db, vault, now: ctx.now })
  const bits = Array.from(secret, (c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
  const bytes = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const codes = await ctx.db.transaction((tx) => factors.confirm(tx, user.id, codeOf(bytes, stepAt(ctx.now()))))
  assert.equal(codes?.length, 10)
})
