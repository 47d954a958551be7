import {
  errors,
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  importSPKI,
  jwtVerify,
  SignJWT,
  type JWK,
} from 'jose'
import { createHash, randomUUID } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Database } from '../db/port.ts'

export const accessSeconds = 15 * 60
const issuer = 'smartreturns'
const audience = 'smartreturns-api'
const deviceAudience = 'smartreturns-device'
export const deviceDays = 365
const keyName = 'token_signing_key'
/** Clocks of two machines may differ by so much (RFC 8725 asks to bound it). */
const skewSeconds = 60

export type Claims = {
  readonly userId: string
  readonly sessionId: string
  readonly epoch: number
  readonly expiresAtMs: number
}

export type Tokens = {
  readonly sign: (claims: Omit<Claims, 'expiresAtMs'>, nowMs: number) => Promise<string>
  /** Throws `AppError('unauthenticated')` for anything but a live token of ours. */
  readonly verify: (token: string, nowMs: number) => Promise<Claims>
  /** What a browser keeps to be known as one that this user has signed in from. */
  readonly signDevice: (userId: string, nowMs: number) => Promise<string>
  /** The id of a device of this user; null for anything else. */
  readonly readDevice: (token: string, userId: string, nowMs: number) => Promise<string | null>
  readonly jwks: () => { readonly keys: readonly JWK[] }
}

type Box = { readonly sealBytes: (plain: Uint8Array) => Buffer; readonly openBytes: (sealed: Uint8Array) => Buffer }

/** EdDSA access tokens (RFC 9068 type `at+jwt`). The key is made at the first start and kept sealed in the database. */
export async function openTokens(db: Database, box: Box, at: Date): Promise<Tokens> {
  const pems = await signingKey(db, box, at)
  const privateKey = await importPKCS8(pems.private, 'EdDSA')
  const publicKey = await importSPKI(pems.public, 'EdDSA', { extractable: true })
  const kid = createHash('sha256').update(pems.public).digest('base64url').slice(0, 16)
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }
  return {
    sign: ({ userId, sessionId, epoch }, nowMs) => {
      const second = Math.floor(nowMs / 1000)
      return new SignJWT({ sid: sessionId, epo: epoch })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt(second)
        .setNotBefore(second)
        .setExpirationTime(second + accessSeconds)
        .sign(privateKey)
    },
    verify: async (token, nowMs) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ['EdDSA'],
          typ: 'at+jwt',
          issuer,
          audience,
          clockTolerance: skewSeconds,
          currentDate: new Date(nowMs),
          requiredClaims: ['sub', 'exp', 'nbf', 'iat'],
        })
        const { sub, sid, epo, exp } = payload
        if (typeof sub !== 'string' || typeof sid !== 'string' || typeof epo !== 'number')
          throw new Error('claims are missing')
        // The tolerance is for clocks that are behind; nobody gets a longer life by it.
        if (exp! * 1000 <= nowMs) throw new Error('it has expired')
        return { userId: sub, sessionId: sid, epoch: epo, expiresAtMs: exp! * 1000 }
      } catch (error) {
        throw new AppError('unauthenticated', 'the access token is not valid or has expired', {
          problem: 'token_invalid',
          cause: error,
        })
      }
    },
    signDevice: (userId, nowMs) => {
      const second = Math.floor(nowMs / 1000)
      return new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA', typ: 'device+jwt', kid })
        .setIssuer(issuer)
        .setAudience(deviceAudience)
        .setSubject(userId)
        .setJti(randomUUID())
        .setExpirationTime(second + deviceDays * 86_400)
        .sign(privateKey)
    },
    readDevice: async (token, userId, nowMs) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ['EdDSA'],
          typ: 'device+jwt',
          issuer,
          audience: deviceAudience,
          subject: userId,
          currentDate: new Date(nowMs),
          requiredClaims: ['exp', 'jti'],
        })
        return payload.jti!
      } catch (error) {
        // Anything but a good token of this user is a device that we don't know: no failure, only no privilege.
        if (error instanceof errors.JOSEError) return null
        throw error
      }
    },
    jwks: () => ({ keys: [jwk] }),
  }
}

async function signingKey(db: Database, box: Box, at: Date): Promise<{ private: string; public: string }> {
  const read = async () => {
    const [row] = await db.query<{ sealed: Buffer }>('select sealed from installation_secrets where name = $1', [
      keyName,
    ])
    return row === undefined
      ? null
      : (JSON.parse(box.openBytes(row.sealed).toString()) as { private: string; public: string })
  }
  const known = await read()
  if (known !== null) return known
  const pair = await generateKeyPair('EdDSA', { extractable: true })
  const pems = { private: await exportPKCS8(pair.privateKey), public: await exportSPKI(pair.publicKey) }
  await db.query(
    'insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3) on conflict do nothing',
    [keyName, box.sealBytes(Buffer.from(JSON.stringify(pems))), at],
  )
  return (await read())!
}
