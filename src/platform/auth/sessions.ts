import { originOf } from './origin.ts'
import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Database, Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import type { Attempts } from './attempts.ts'
import { accessSeconds } from './access-claims.ts'
import type { SecondFactors } from './second-factor/second-factors.ts'
import {
  endSession,
  endSessionsOf,
  insertRefresh,
  insertSession,
  markRefreshUsed,
  readRefresh,
  touchSession,
} from './session-store.ts'
import { readUser, type UserRow } from './store.ts'
import type { Tokens } from './tokens.ts'
import type { Doer } from './users.ts'

export const refreshDays = 30
/** However much it is used: then one signs in again. */
export const sessionDays = 90

export type SessionContext = {
  readonly db: Database
  readonly events: EventLog
  readonly tokens: Tokens
  readonly attempts: Attempts
  readonly secondFactors: SecondFactors
  /** Whether administrators must have a second factor. */
  readonly needsSecondFactor: boolean
  readonly now: () => number
  /** A keyed hash of an address, for places where the address may not stand. */
  readonly nameOf: (email: string) => string
  /** Whether the logins that everybody knows may be used. */
  readonly isDemo: boolean
}
export type SignedIn = {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresIn: number
  readonly user: UserRow
  readonly sessionId: string
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

export function maySignIn(ctx: Pick<SessionContext, 'isDemo'>, user: UserRow): boolean {
  return user.isActive && (!user.isDemo || ctx.isDemo)
}

/** Whether this user's first factor is not enough, whoever vouches for it. */
export function lacksSecondFactor(
  settings: { readonly needsSecondFactor: boolean },
  user: Pick<UserRow, 'role' | 'isDemo'>,
  hadSecondFactor: boolean,
): boolean {
  // A demo login is everybody's: a second factor would be that of whoever came first.
  return settings.needsSecondFactor && user.role === 'admin' && !user.isDemo && !hadSecondFactor
}

async function newRefresh(
  tx: Transaction,
  family: string,
  userId: string,
  time: { readonly nowMs: number; readonly endsAt: Date },
): Promise<string> {
  const token = `srr_${randomBytes(32).toString('base64url')}`
  await insertRefresh(tx, {
    hash: digest(token),
    family,
    userId,
    at: new Date(time.nowMs),
    expiresAt: time.endsAt,
  })
  return token
}

async function signedIn(
  ctx: SessionContext,
  user: UserRow,
  sessionId: string,
  refreshToken: string,
  nowMs: number,
): Promise<SignedIn> {
  const accessToken = await ctx.tokens.sign({ userId: user.id, sessionId, epoch: user.tokenEpoch }, nowMs)
  return { accessToken, refreshToken, expiresIn: accessSeconds, user, sessionId }
}

/** Opens a session of a user whose right to one was checked. */
export async function openSession(
  ctx: SessionContext,
  user: UserRow,
  from: {
    readonly address: string
    readonly agent: string
    readonly requestId: string
    readonly method: 'password' | 'company'
    readonly hasSecondFactor: boolean
  },
): Promise<SignedIn> {
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const sessionId = uuidv7(nowMs)
  const refreshToken = await ctx.db.transaction(async (tx) => {
    const expiresAt = new Date(nowMs + refreshDays * 86_400_000)
    await insertSession(tx, {
      id: sessionId,
      userId: user.id,
      at,
      expiresAt,
      address: from.address,
      agent: from.agent.slice(0, 200),
      method: from.method,
      hasSecondFactor: from.hasSecondFactor,
    })
    const token = await newRefresh(tx, sessionId, user.id, { nowMs, endsAt: expiresAt })
    const data = {
      by: { kind: 'user', id: user.id, from: originOf(from.address, from.agent) },
      requestId: from.requestId,
      method: from.method,
      hasSecondFactor: from.hasSecondFactor,
    }
    await ctx.events.append(tx, [{ stream: `session-${sessionId}`, version: 1, type: 'SignedIn', data }], at)
    return token
  })
  return signedIn(ctx, user, sessionId, refreshToken, nowMs)
}

// Tokens that are being exchanged in this process. Two tabs of one browser may send the same one at once, before the
// first is answered: that is no theft. The second is refused, and the session lives on.
const underWay = new Set<string>()

/**
 * Exchanges a refresh token for a new pair. A second use of one, after the first was answered, means that two hold it:
 * the whole family ends and both must sign in again (RFC 9700).
 */
export async function refreshSession(ctx: SessionContext, token: string, requestId: string): Promise<SignedIn> {
  const hash = digest(token)
  const name = hash.toString('base64')
  if (underWay.has(name)) throw refreshRefused('busy')
  underWay.add(name)
  try {
    return await exchange(ctx, hash, requestId)
  } finally {
    underWay.delete(name)
  }
}

function refreshRefused(why: 'busy' | 'refused'): AppError {
  return why === 'busy'
    ? new AppError('unauthenticated', 'this refresh token is being exchanged by another request: use its answer', {
        problem: 'refresh_under_way',
      })
    : new AppError('unauthenticated', 'sign in again', { problem: 'refresh_refused' })
}

async function exchange(ctx: SessionContext, hash: Buffer, requestId: string): Promise<SignedIn> {
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const outcome = await ctx.db.transaction(async (tx) => {
    const row = await readRefresh(tx, hash)
    if (row === 'busy') return row
    if (row === null || row.revokedAt !== null || row.endedAt !== null || row.expiresAt.getTime() <= nowMs)
      return 'refused'
    if (row.usedAt !== null) {
      await endSession(tx, row.family, at)
      const data = { by: { kind: 'user', id: row.userId }, requestId }
      await ctx.events.append(tx, [{ stream: `session-${row.family}`, version: 2, type: 'RefreshReused', data }], at)
      return 'refused'
    }
    const user = await readUser(tx, row.userId)
    if (user === null || !maySignIn(ctx, user) || lacksSecondFactor(ctx, user, row.hadSecondFactor)) return 'refused'
    const endsAtMs = Math.min(nowMs + refreshDays * 86_400_000, row.startedAt.getTime() + sessionDays * 86_400_000)
    if (endsAtMs <= nowMs) return 'refused'
    await markRefreshUsed(tx, hash, at)
    const endsAt = new Date(endsAtMs)
    await touchSession(tx, row.family, at, endsAt)
    return {
      user,
      sessionId: row.family,
      refreshToken: await newRefresh(tx, row.family, user.id, { nowMs, endsAt }),
    }
  })
  if (typeof outcome === 'string') throw refreshRefused(outcome)
  return signedIn(ctx, outcome.user, outcome.sessionId, outcome.refreshToken, nowMs)
}

/** Ends one session on its owner's word; nothing happens when it had ended. */
export async function closeSession(
  ctx: Pick<SessionContext, 'db' | 'events' | 'now'>,
  session: { readonly id: string; readonly userId: string },
  requestId: string,
): Promise<void> {
  const at = new Date(ctx.now())
  await ctx.db.transaction(async (tx) => {
    if (!(await endSession(tx, session.id, at))) return
    const data = { by: { kind: 'user', id: session.userId }, requestId }
    await ctx.events.append(tx, [{ stream: `session-${session.id}`, version: 2, type: 'SignedOut', data }], at)
  })
}

/** Ends all sessions of a person, on the person's own word or an administrator's. */
export async function closeSessions(
  ctx: Pick<SessionContext, 'db' | 'events' | 'now'>,
  userId: string,
  doer: Doer,
): Promise<void> {
  const at = new Date(ctx.now())
  await ctx.db.transaction(async (tx) => {
    const data = { ...doer }
    const ended = await endSessionsOf(tx, userId, at)
    await ctx.events.append(
      tx,
      ended.map((id) => ({ stream: `session-${id}`, version: 2, type: 'SignedOut', data })),
      at,
    )
  })
}
