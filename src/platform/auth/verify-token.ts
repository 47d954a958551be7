import { createRemoteJWKSet } from 'jose'
import { readClaims, type Claims } from './access-claims.ts'

export type TokenVerifier = (token: string, nowMs: number) => Promise<Claims>

/**
 * Verifies access tokens by the published keys alone: for a process that has neither our database nor our secrets. A
 * key that it does not know yet is fetched. Rights are not in a token: who needs them looks them up.
 */
export function openTokenVerifier(settings: { readonly jwksUrl: URL }): TokenVerifier {
  const keys = createRemoteJWKSet(settings.jwksUrl, {
    timeoutDuration: 5000,
    // Half of the time that a new key is published before it signs.
    cacheMaxAge: 5 * 60_000,
    cooldownDuration: 5000,
  })
  return (token, nowMs) => readClaims(keys, token, nowMs)
}
