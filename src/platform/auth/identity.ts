import { AppError } from '#kernel/errors.ts'
import type { Database } from '../db/port.ts'
import type { Actor } from './actor.ts'
import { isSameSecret, readApiKey } from './api-keys.ts'
import type { Identity } from './port.ts'
import type { Claims } from './access-claims.ts'
import { readKey, touchKey } from './key-store.ts'
import { readLive } from './session-store.ts'
import { lacksSecondFactor } from './sessions.ts'
import type { UserRow } from './store.ts'
import type { Tokens } from './tokens.ts'

/** How long an answer of the database is believed, in ms: with the look-up itself, a disabled user or a revoked key is out within a second. */
const believedMs = 900
const entriesMax = 10_000
const touchEveryMs = 60_000

type Known = { readonly actor: Actor; readonly claims: Claims | null; checkedMs: number; expiresAtMs: number }

export type SessionActor = Actor & { readonly sessionId: string | null }

/** The session of a person; an API key has none. */
export function sessionOf(actor: Actor): string | null {
  return actor.kind === 'user' ? (actor as SessionActor).sessionId : null
}

/** Whose a user's rights are, as far as they are bound to hubs and clients. */
export function actorOfUser(
  user: Pick<UserRow, 'id' | 'role' | 'hubIds' | 'clientIds'>,
  sessionId: string | null,
): SessionActor {
  const isOfHub = user.role === 'worker' || user.role === 'manager'
  const isEverywhere = user.role === 'admin' || (!isOfHub && user.hubIds.length === 0)
  return {
    kind: 'user',
    id: user.id,
    role: user.role,
    hubIds: isEverywhere ? null : user.hubIds,
    // A client's own person without a client sees nothing, rather than everybody's goods.
    clientIds: user.clientIds.length === 0 && user.role !== 'client_viewer' ? null : user.clientIds,
    scopes: [],
    sessionId,
  }
}

/** Tells who credentials are of. A token's signature is checked once and remembered; its holder's rights are looked up every second. */
export function openIdentity(settings: {
  readonly db: Database
  readonly tokens: Tokens
  /** Whether administrators must have a second factor. */
  readonly needsSecondFactor: boolean
  readonly now: () => number
}): Identity {
  const { db, tokens, now } = settings
  const known = new Map<string, Known>()
  const touched = new Map<string, number>()
  // Requests that need the same look-up at the same moment share one.
  const lookups = new Map<string, Promise<Actor>>()

  const remember = (text: string, entry: Known): Actor => {
    known.delete(text)
    if (known.size >= entriesMax) known.delete(known.keys().next().value!)
    known.set(text, entry)
    return entry.actor
  }
  const unauthenticated = (problem: string, detail: string) => new AppError('unauthenticated', detail, { problem })

  async function byToken(text: string, before: Known | undefined): Promise<Actor> {
    const nowMs = now()
    const claims = before?.claims ?? (await tokens.verify(text, nowMs))
    if (!(await tokens.isTrusted(claims.kid, nowMs))) {
      known.delete(text)
      throw unauthenticated('token_invalid', 'the key of this access token was revoked: sign in again')
    }
    const live = await readLive(db, claims.userId, claims.sessionId)
    if (live === null || live.endedAt !== null || !live.isActive || live.tokenEpoch !== claims.epoch) {
      known.delete(text)
      throw unauthenticated('session_ended', 'the session has ended: sign in again')
    }
    if (lacksSecondFactor(settings, live, live.hadSecondFactor)) {
      known.delete(text)
      throw unauthenticated('second_factor_needed', 'administrators sign in with a second factor: sign in again')
    }
    return remember(text, {
      actor: actorOfUser(live, claims.sessionId),
      claims,
      checkedMs: nowMs,
      expiresAtMs: claims.expiresAtMs,
    })
  }

  async function byKey(text: string): Promise<Actor> {
    const read = readApiKey(text)
    // The clock is read first: what the database says is at least as new.
    const nowMs = now()
    const row = read === null ? null : await readKey(db, read.id)
    const isLive =
      row !== null &&
      read !== null &&
      isSameSecret(row.secretHash, read.secretHash) &&
      row.environment === read.environment &&
      (row.environment === 'live' || row.clientKind === 'sandbox') &&
      row.revokedAt === null &&
      row.expiresAt.getTime() > nowMs &&
      row.clientIsActive
    if (!isLive) {
      known.delete(text)
      throw unauthenticated('api_key_invalid', 'the API key is not valid, has expired or was revoked')
    }
    if (nowMs - (touched.get(row.id) ?? 0) > touchEveryMs) {
      touched.set(row.id, nowMs)
      await touchKey(db, row.id, new Date(nowMs))
    }
    const actor: Actor = {
      kind: 'api_key',
      id: row.id,
      role: 'integration',
      hubIds: row.hubIds.length === 0 ? null : row.hubIds,
      clientIds: [row.clientId],
      scopes: row.scopes,
    }
    return remember(text, { actor, claims: null, checkedMs: nowMs, expiresAtMs: row.expiresAt.getTime() })
  }

  function shared(text: string, look: (text: string) => Promise<Actor>): Promise<Actor> {
    const before = lookups.get(text)
    if (before !== undefined) return before
    const lookup = look(text).finally(() => lookups.delete(text))
    lookups.set(text, lookup)
    return lookup
  }

  return {
    authenticate: async ({ bearer, cookie }) => {
      const text = bearer ?? cookie
      if (text === null || text === '') throw unauthenticated('credentials_missing', 'sign in, or send an API key')
      const isKey = text.startsWith('sr_')
      if (isKey && bearer === null)
        throw unauthenticated('credentials_invalid', 'an API key goes into the Authorization header')
      const nowMs = now()
      const entry = known.get(text)
      if (entry !== undefined && entry.expiresAtMs <= nowMs) known.delete(text)
      else if (entry !== undefined && Math.abs(nowMs - entry.checkedMs) < believedMs) return entry.actor
      if (isKey) return shared(text, byKey)
      return shared(text, () => byToken(text, entry !== undefined && entry.expiresAtMs > nowMs ? entry : undefined))
    },
  }
}
