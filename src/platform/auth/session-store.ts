import type { Queryable, Transaction } from '../db/port.ts'
import { userColumns, type UserRow } from './store.ts'

export async function insertSession(
  tx: Transaction,
  s: {
    id: string
    userId: string
    at: Date
    expiresAt: Date
    address: string
    agent: string
    method: 'password' | 'company'
    hasSecondFactor: boolean
  },
): Promise<void> {
  await tx.query(
    `insert into sessions (id, user_id, created_at, last_used_at, expires_at, address, agent, method, has_second_factor)
     values ($1, $2, $3, $3, $4, $5, $6, $7, $8)`,
    [s.id, s.userId, s.at, s.expiresAt, s.address, s.agent, s.method, s.hasSecondFactor],
  )
}

export async function insertRefresh(
  tx: Transaction,
  r: { hash: Buffer; family: string; userId: string; at: Date; expiresAt: Date },
): Promise<void> {
  await tx.query(
    'insert into refresh_tokens (token_hash, family, user_id, created_at, expires_at) values ($1, $2, $3, $4, $5)',
    [r.hash, r.family, r.userId, r.at, r.expiresAt],
  )
}

export type RefreshRow = {
  readonly family: string
  readonly userId: string
  readonly expiresAt: Date
  readonly usedAt: Date | null
  readonly revokedAt: Date | null
  readonly endedAt: Date | null
  /** Of the session. */
  readonly hadSecondFactor: boolean
  readonly startedAt: Date
}

/** Locks the token: of several that use it at once, one is first. `busy` when another transaction has it. */
export async function readRefresh(tx: Transaction, hash: Buffer): Promise<RefreshRow | 'busy' | null> {
  const rows = await tx.query<RefreshRow>(
    `select t.family, t.user_id as "userId", t.expires_at as "expiresAt", t.used_at as "usedAt", t.revoked_at as "revokedAt", s.ended_at as "endedAt",
       s.has_second_factor as "hadSecondFactor", s.created_at as "startedAt"
     from refresh_tokens t join sessions s on s.id = t.family where t.token_hash = $1 for update of t skip locked`,
    [hash],
  )
  if (rows[0] !== undefined) return rows[0]
  const known = await tx.query('select 1 from refresh_tokens where token_hash = $1', [hash])
  return known.length > 0 ? 'busy' : null
}

export async function markRefreshUsed(tx: Transaction, hash: Buffer, at: Date): Promise<void> {
  await tx.query('update refresh_tokens set used_at = $2 where token_hash = $1', [hash, at])
}

/** Ends a session with its refresh tokens; false when it had ended before. */
export async function endSession(tx: Transaction, id: string, at: Date): Promise<boolean> {
  await tx.query('update refresh_tokens set revoked_at = $2 where family = $1 and revoked_at is null', [id, at])
  const rows = await tx.query('update sessions set ended_at = $2 where id = $1 and ended_at is null returning id', [
    id,
    at,
  ])
  return rows.length === 1
}

/** Ends all sessions of a user but the one to be kept; answers which were live. */
export async function endSessionsOf(
  tx: Transaction,
  userId: string,
  at: Date,
  kept: string | null = null,
): Promise<string[]> {
  await tx.query(
    `update refresh_tokens set revoked_at = $2
     where user_id = $1 and revoked_at is null and ($3::uuid is null or family <> $3)`,
    [userId, at, kept],
  )
  const rows = await tx.query<{ id: string }>(
    `update sessions set ended_at = $2 where user_id = $1 and ended_at is null and ($3::uuid is null or id <> $3)
     returning id`,
    [userId, at, kept],
  )
  return rows.map(({ id }) => id)
}

/** A session lives as long as its last refresh token. */
export async function touchSession(tx: Transaction, id: string, at: Date, expiresAt: Date): Promise<void> {
  await tx.query('update sessions set last_used_at = $2, expires_at = $3 where id = $1', [id, at, expiresAt])
}

export type SessionRow = {
  readonly id: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
  readonly agent: string | null
  readonly address: string | null
  readonly method: 'password' | 'company'
  readonly hasSecondFactor: boolean
}

export async function readSessions(db: Queryable, userId: string, at: Date): Promise<SessionRow[]> {
  return db.query<SessionRow>(
    `select id, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt", agent,
       address, method, has_second_factor as "hasSecondFactor" from sessions
     where user_id = $1 and ended_at is null and expires_at > $2 order by created_at desc limit 100`,
    [userId, at],
  )
}

/** From now on this session counts as one with a second factor. */
export async function markSecondFactor(tx: Transaction, id: string): Promise<void> {
  await tx.query('update sessions set has_second_factor = true where id = $1', [id])
}

export type LiveRow = UserRow & { readonly endedAt: Date | null; readonly hadSecondFactor: boolean }

/** What a token's holder may do at this moment; null when user or session is no more. */
export async function readLive(db: Queryable, userId: string, sessionId: string): Promise<LiveRow | null> {
  const rows = await db.query<LiveRow>(
    `select u.*, s.ended_at as "endedAt", s.has_second_factor as "hadSecondFactor"
     from (select ${userColumns} from users where id = $1) u join sessions s on s.user_id = u.id and s.id = $2`,
    [userId, sessionId],
  )
  return rows[0] ?? null
}
