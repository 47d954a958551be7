import { importJWK, importPKCS8, SignJWT, type CryptoKey, type JWK, type JWTVerifyGetKey } from 'jose'
import type { Database } from '../db/port.ts'
import { accessSeconds, audience, issuer, readClaims, type Claims } from './access-claims.ts'
import { openBrowserTokens, type BrowserTokens } from './browser-tokens.ts'
import { readSigningKeys, type SigningKeys } from './signing-keys.ts'
import type { Vault } from './vault.ts'

/** How long the list of keys is believed. A key that is not in it is looked for at once. */
const believedMs = 5000
const missMs = 250

export type Tokens = BrowserTokens & {
  readonly sign: (claims: Omit<Claims, 'expiresAtMs' | 'kid'>, nowMs: number) => Promise<string>
  /** Throws `AppError('unauthenticated')` for anything but a live token of ours. */
  readonly verify: (token: string, nowMs: number) => Promise<Claims>
  /** Whether tokens of this key still count: a key may be revoked while they live. */
  readonly isTrusted: (kid: string, nowMs: number) => Promise<boolean>
  /** Public keys, those too that are yet to sign (RFC 7517). */
  readonly jwks: (nowMs: number) => Promise<{ readonly keys: readonly JWK[] }>
}

type Key = { readonly kid: string; readonly signsFromMs: number; readonly jwk: JWK; readonly verifying: CryptoKey }
type Ring = { readonly readMs: number; readonly keys: readonly Key[] }

/** EdDSA access tokens (RFC 9068 type `at+jwt`). Keys are rows: each process finds a new one by itself. */
export async function openTokens(settings: {
  readonly db: Database
  readonly vault: Vault
  readonly signingKeys: SigningKeys
  readonly now: () => number
}): Promise<Tokens> {
  const { db, vault, signingKeys, now } = settings
  if ((await readSigningKeys(db)).length === 0)
    await signingKeys.rotateIfOld({ by: { kind: 'system', id: 'setup' }, requestId: 'setup' })
  const privateKeys = new Map<string, CryptoKey>()
  const publicKeys = new Map<string, CryptoKey>()

  async function publicKey(kid: string, jwk: JWK): Promise<CryptoKey> {
    const known = publicKeys.get(kid)
    if (known !== undefined) return known
    // Only symmetric keys come as bytes.
    const key = (await importJWK(jwk, 'EdDSA')) as CryptoKey
    publicKeys.set(kid, key)
    return key
  }

  async function privateKey(kid: string): Promise<CryptoKey> {
    const known = privateKeys.get(kid)
    if (known !== undefined) return known
    const key = await importPKCS8(await signingKeys.privateKey(kid), 'EdDSA')
    privateKeys.set(kid, key)
    return key
  }

  async function read(nowMs: number): Promise<Ring> {
    const rows = await readSigningKeys(db)
    const live = rows.filter(
      (row) => row.revokedAt === null && (row.verifiesUntil === null || row.verifiesUntil.getTime() > nowMs),
    )
    const keys: Key[] = []
    for (const { kid, publicJwk, signsFrom } of live)
      keys.push({
        kid,
        signsFromMs: signsFrom.getTime(),
        jwk: publicJwk,
        verifying: await publicKey(kid, publicJwk),
      })
    return { readMs: nowMs, keys }
  }

  let ring = await read(now())
  let reading: Promise<Ring> | null = null
  const reread = (nowMs: number): Promise<Ring> => {
    reading ??= read(nowMs)
      .then((fresh) => (ring = fresh))
      .finally(() => (reading = null))
    return reading
  }
  const current = (nowMs: number): Promise<Ring> | Ring =>
    Math.abs(nowMs - ring.readMs) < believedMs ? ring : reread(nowMs)

  const signing = (from: Ring, nowMs: number) => from.keys.find((key) => key.signsFromMs <= nowMs)
  const [first] = ring.keys
  // A key that cannot sign is told at the start, not at the first login.
  await privateKey((signing(ring, now()) ?? first!).kid)

  async function find(kid: string, nowMs: number): Promise<Key | undefined> {
    const known = (await current(nowMs)).keys.find((key) => key.kid === kid)
    if (known !== undefined) return known
    // Made by another process a moment ago, or by nobody: for those there are few looks a second.
    if (Math.abs(nowMs - ring.readMs) < missMs) return undefined
    return (await reread(nowMs)).keys.find((key) => key.kid === kid)
  }

  return {
    ...openBrowserTokens(vault.derive('browser tokens')),
    sign: async ({ userId, sessionId, epoch }, nowMs) => {
      const { keys } = await current(nowMs)
      const { kid } = signing({ readMs: nowMs, keys }, nowMs) ?? keys[0]!
      const second = Math.floor(nowMs / 1000)
      return new SignJWT({ sid: sessionId, epo: epoch })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt(second)
        .setNotBefore(second)
        .setExpirationTime(second + accessSeconds)
        .sign(await privateKey(kid))
    },
    verify: (token, nowMs) => {
      const keyOf: JWTVerifyGetKey = async ({ kid }) => {
        const key = kid === undefined ? undefined : await find(kid, nowMs)
        if (key === undefined) throw new Error('it is signed by no key of ours')
        return key.verifying
      }
      return readClaims(keyOf, token, nowMs)
    },
    isTrusted: async (kid, nowMs) => (await current(nowMs)).keys.some((key) => key.kid === kid),
    jwks: async (nowMs) => ({ keys: (await current(nowMs)).keys.map(({ jwk }) => jwk) }),
  }
}
