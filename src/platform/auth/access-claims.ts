import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { AppError } from '#kernel/errors.ts'

export const accessSeconds = 15 * 60
export const issuer = 'smartreturns'
export const audience = 'smartreturns-api'
/** Clocks of two machines may differ by so much (RFC 8725 asks to bound it). */
const skewSeconds = 60

export type Claims = {
  readonly userId: string
  readonly sessionId: string
  readonly epoch: number
  readonly expiresAtMs: number
  /** The key that signed it. */
  readonly kid: string
}

/**
 * Reads an access token (RFC 9068) by keys that `keyOf` finds; throws `AppError('unauthenticated')` for anything but a
 * live one of ours. What a token's header says about keys (jwk, jku, x5u) is never followed: only its `kid` is looked up.
 */
export async function readClaims(keyOf: JWTVerifyGetKey, token: string, nowMs: number): Promise<Claims> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
      algorithms: ['EdDSA'],
      typ: 'at+jwt',
      issuer,
      audience,
      clockTolerance: skewSeconds,
      currentDate: new Date(nowMs),
      requiredClaims: ['sub', 'exp', 'nbf', 'iat'],
    })
    return claimsOf(payload, protectedHeader.kid, nowMs)
  } catch (error) {
    throw new AppError('unauthenticated', 'the access token is not valid or has expired', {
      problem: 'token_invalid',
      cause: error,
    })
  }
}

function claimsOf(payload: JWTPayload, kid: string | undefined, nowMs: number): Claims {
  const { sub, sid, epo, exp } = payload
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof epo !== 'number' || kid === undefined)
    throw new Error('claims are missing')
  // The tolerance is for clocks that are behind; nobody gets a longer life by it.
  if (exp! * 1000 <= nowMs) throw new Error('it has expired')
  return { userId: sub, sessionId: sid, epoch: epo, expiresAtMs: exp! * 1000, kid }
}
