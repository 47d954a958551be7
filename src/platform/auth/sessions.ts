import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Database, Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import { isPassword } from './passwords.ts'
import {
  endSession, insertRefresh, insertSession, markRefreshUsed, readRefresh, readUser, readUserByEmail, recordLoginAttempt, touchSession, type UserRow,
} from './store.ts'
import { accessSeconds, type Tokens } from './tokens.ts'

export const refreshDays = 30
const failuresFree = 5
const delayMaxSeconds = 900

type SessionContext = { readonly db: Database; readonly events: EventLog; readonly tokens: Tokens; readonly now: () => number; readonly nameOf: (email: string) => string }
export type SignedIn = { readonly accessToken: string; readonly refreshToken: string; readonly expiresIn: number; readonly user: UserRow; readonly sessionId: string }

const refused = () => new AppError('unauthenticated', 'the address or the password is not right', { problem: 'login_refused' })

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Signs a person in. After five failures in a row each further one doubles the wait, up to 15 minutes. */
export async function signIn(
  ctx: SessionContext,
  input: { readonly email: string; readonly password: string; readonly address: string; readonly agent: string; readonly requestId: string },
): Promise<SignedIn> {
  const user = await readUserByEmail(ctx.db, input.email)
  const nowMs = ctx.now()
  const waitMs = (user?.lockedUntil?.getTime() ?? 0) - nowMs
  const isRight = await isPassword(input.password, user?.passwordHash ?? null)
  if (user !== null && waitMs > 0) {
    throw new AppError('rate_limited', 'too many attempts; wait before the next one', { retryAfterSeconds: Math.ceil(waitMs / 1000), problem: 'login_delayed' })
  }
  if (user === null || !isRight || !user.isActive) {
    await refuse(ctx, user, input, nowMs)
    throw refused()
  }
  const sessionId = uuidv7(nowMs)
  const refreshToken = await ctx.db.transaction(async (tx) => {
    await recordLoginAttempt(tx, user.id, 0, null)
    const at = new Date(nowMs)
    await insertSession(tx, {
      id: sessionId, userId: user.id, at, expiresAt: new Date(nowMs + refreshDays * 86_400_000), address: input.address, agent: input.agent.slice(0, 200),
    })
    const token = await newRefresh(tx, sessionId, user.id, nowMs)
    const data = { by: { kind: 'user', id: user.id }, requestId: input.requestId }
    await ctx.events.append(tx, [{ stream: `session-${sessionId}`, version: 1, type: 'SignedIn', data }], at)
    return token
  })
  return { accessToken: await ctx.tokens.sign({ userId: user.id, sessionId, epoch: user.tokenEpoch }, nowMs), refreshToken, expiresIn: accessSeconds, user, sessionId }
}

async function refuse(ctx: SessionContext, user: UserRow | null, input: { readonly email: string; readonly requestId: string }, nowMs: number): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    if (user !== null) {
      const failed = user.failedLogins + 1
      const delay = failed < failuresFree ? 0 : Math.min(delayMaxSeconds, 2 ** (failed - failuresFree))
      await recordLoginAttempt(tx, user.id, failed, delay === 0 ? null : new Date(nowMs + delay * 1000))
    }
    // Whose address it was is told by a keyed hash only: it may be nobody's, or a password typed in the wrong field.
    const data = { by: { kind: 'system', id: 'login' }, requestId: input.requestId, userId: user?.id ?? null, addressHash: ctx.nameOf(input.email.toLowerCase()) }
    await ctx.events.append(tx, [{ stream: `login-${uuidv7(nowMs)}`, version: 1, type: 'SignInRefused', data }], new Date(nowMs))
  })
}

async function newRefresh(tx: Transaction, family: string, userId: string, nowMs: number): Promise<string> {
  const token = `srr_${randomBytes(32).toString('base64url')}`
  await insertRefresh(tx, { hash: digest(token), family, userId, at: new Date(nowMs), expiresAt: new Date(nowMs + refreshDays * 86_400_000) })
  return token
}

/**
 * Exchanges a refresh token for a new pair. The second use of one means that two hold it: the whole family ends and
 * both must sign in again (RFC 9700).
 */
export async function refreshSession(ctx: SessionContext, token: string, requestId: string): Promise<SignedIn> {
  const nowMs = ctx.now()
  const hash = digest(token)
  const outcome = await ctx.db.transaction(async (tx) => {
    const row = await readRefresh(tx, hash)
    if (row === null || row.revokedAt !== null || row.endedAt !== null || row.expiresAt.getTime() <= nowMs) return null
    if (row.usedAt !== null) {
      await endSession(tx, row.family, new Date(nowMs))
      const data = { by: { kind: 'user', id: row.userId }, requestId, sessionId: row.family }
      await ctx.events.append(tx, [{ stream: `reuse-${uuidv7(nowMs)}`, version: 1, type: 'RefreshReused', data }], new Date(nowMs))
      return null
    }
    const user = await readUser(tx, row.userId)
    if (user === null || !user.isActive) return null
    await markRefreshUsed(tx, hash, new Date(nowMs))
    await touchSession(tx, row.family, new Date(nowMs))
    return { user, sessionId: row.family, refreshToken: await newRefresh(tx, row.family, user.id, nowMs) }
  })
  if (outcome === null) throw new AppError('unauthenticated', 'sign in again', { problem: 'refresh_refused' })
  const { user, sessionId, refreshToken } = outcome
  return { accessToken: await ctx.tokens.sign({ userId: user.id, sessionId, epoch: user.tokenEpoch }, nowMs), refreshToken, expiresIn: accessSeconds, user, sessionId }
}
