import type { Role } from '#contracts/codes.ts'
import type { Queryable, Transaction } from '../db/port.ts'

export type UserRow = {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly passwordHash: string
  readonly hubIds: readonly string[]
  readonly clientIds: readonly string[]
  readonly isActive: boolean
  readonly isDemo: boolean
  readonly failedLogins: number
  readonly lockedUntil: Date | null
  readonly tokenEpoch: number
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const userColumns = `id, email, name, role, password_hash as "passwordHash", hub_ids as "hubIds", client_ids as "clientIds",
  is_active as "isActive", is_demo as "isDemo", failed_logins as "failedLogins", locked_until as "lockedUntil",
  token_epoch as "tokenEpoch", version, created_at as "createdAt", updated_at as "updatedAt"`

export async function readUserByEmail(db: Queryable, email: string): Promise<UserRow | null> {
  const rows = await db.query<UserRow>(`select ${userColumns} from users where email = lower($1)`, [email])
  return rows[0] ?? null
}

export async function readUser(db: Queryable, id: string, forChange = false): Promise<UserRow | null> {
  const rows = await db.query<UserRow>(
    `select ${userColumns} from users where id = $1${forChange ? ' for no key update' : ''}`,
    [id],
  )
  return rows[0] ?? null
}

/** Users by address, those after the user `after`: a cursor stands in URLs, where no address may be. */
export async function readUsers(db: Queryable, after: string | null, limit: number): Promise<UserRow[]> {
  return db.query<UserRow>(
    `select ${userColumns} from users where ($1::uuid is null or email > (select email from users where id = $1)) order by email limit $2`,
    [after, limit],
  )
}

/** What the people and keys behind these ids are called. */
export async function readNames(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ id: string; name: string }>(
    `select id::text, name from users where id::text = any($1) union all select id, name from api_keys where id = any($1)`,
    [ids],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export async function insertUser(
  tx: Transaction,
  user: Omit<UserRow, 'failedLogins' | 'lockedUntil' | 'tokenEpoch' | 'version' | 'updatedAt'>,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into users (id, email, name, role, password_hash, hub_ids, client_ids, is_active, is_demo, created_at, updated_at)
     values ($1, lower($2), $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict (email) do nothing returning id`,
    [
      user.id,
      user.email,
      user.name,
      user.role,
      user.passwordHash,
      user.hubIds,
      user.clientIds,
      user.isActive,
      user.isDemo,
      user.createdAt,
    ],
  )
  return rows.length === 1
}

export async function updateUser(tx: Transaction, user: UserRow): Promise<void> {
  await tx.query(
    `update users set name = $2, role = $3, password_hash = $4, hub_ids = $5, client_ids = $6, is_active = $7, token_epoch = $8,
       version = $9, updated_at = $10 where id = $1`,
    [
      user.id,
      user.name,
      user.role,
      user.passwordHash,
      user.hubIds,
      user.clientIds,
      user.isActive,
      user.tokenEpoch,
      user.version,
      user.updatedAt,
    ],
  )
}

/** Removes a user with sessions and refresh tokens; the API keys that the user made stay. */
export async function deleteUser(tx: Transaction, id: string): Promise<void> {
  await tx.query('update api_keys set created_by = null where created_by = $1', [id])
  await tx.query('delete from users where id = $1', [id])
}

/** One more failure in a row, counted by the database: guesses sent at once count each. Answers how many there are. */
export async function countFailure(db: Queryable, id: string): Promise<number> {
  const [row] = await db.query<{ failed: number }>(
    'update users set failed_logins = failed_logins + 1 where id = $1 returning failed_logins as failed',
    [id],
  )
  return row?.failed ?? 0
}

export async function delayLogins(db: Queryable, id: string, until: Date): Promise<void> {
  await db.query('update users set locked_until = greatest(locked_until, $2) where id = $1', [id, until])
}

export async function forgetFailures(db: Queryable, id: string): Promise<void> {
  await db.query(
    'update users set failed_logins = 0, locked_until = null where id = $1 and (failed_logins > 0 or locked_until is not null)',
    [id],
  )
}

export async function insertSession(
  tx: Transaction,
  s: { id: string; userId: string; at: Date; expiresAt: Date; address: string; agent: string },
): Promise<void> {
  await tx.query(
    `insert into sessions (id, user_id, created_at, last_used_at, expires_at, address, agent) values ($1, $2, $3, $3, $4, $5, $6)`,
    [s.id, s.userId, s.at, s.expiresAt, s.address, s.agent],
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
}

/** Locks the token: of several that use it at once, one is first. `busy` when another transaction has it. */
export async function readRefresh(tx: Transaction, hash: Buffer): Promise<RefreshRow | 'busy' | null> {
  const rows = await tx.query<RefreshRow>(
    `select t.family, t.user_id as "userId", t.expires_at as "expiresAt", t.used_at as "usedAt", t.revoked_at as "revokedAt", s.ended_at as "endedAt"
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

/** Ends all sessions of a user; answers which were live. */
export async function endSessionsOf(tx: Transaction, userId: string, at: Date): Promise<string[]> {
  await tx.query('update refresh_tokens set revoked_at = $2 where user_id = $1 and revoked_at is null', [userId, at])
  const rows = await tx.query<{ id: string }>(
    'update sessions set ended_at = $2 where user_id = $1 and ended_at is null returning id',
    [userId, at],
  )
  return rows.map(({ id }) => id)
}

/** A session lives as long as its last refresh token. */
export async function touchSession(tx: Transaction, id: string, at: Date, expiresAt: Date): Promise<void> {
  await tx.query('update sessions set last_used_at = $2, expires_at = $3 where id = $1', [id, at, expiresAt])
}

/** Removes sessions that ended or expired before `before`, with the addresses they came from, and tokens past their use. */
export async function forgetSessions(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from sessions where expires_at < $1 or ended_at < $1', [before])
  await db.query('delete from refresh_tokens where expires_at < $1', [before])
}

export type SessionRow = {
  readonly id: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
  readonly agent: string | null
}

export async function readSessions(db: Queryable, userId: string, at: Date): Promise<SessionRow[]> {
  return db.query<SessionRow>(
    `select id, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt", agent from sessions
     where user_id = $1 and ended_at is null and expires_at > $2 order by created_at desc limit 100`,
    [userId, at],
  )
}

/** What a token's holder may do at this moment; null when user or session is no more. */
export async function readLive(
  db: Queryable,
  userId: string,
  sessionId: string,
): Promise<(UserRow & { endedAt: Date | null }) | null> {
  const rows = await db.query<UserRow & { endedAt: Date | null }>(
    `select u.*, s.ended_at as "endedAt" from (select ${userColumns} from users where id = $1) u join sessions s on s.user_id = u.id and s.id = $2`,
    [userId, sessionId],
  )
  return rows[0] ?? null
}

export type KeyRow = {
  readonly id: string
  readonly environment: 'live' | 'test'
  readonly secretHash: Buffer
  readonly name: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

const keyColumns = `k.id, k.environment, k.secret_hash as "secretHash", k.name, k.client_id as "clientId", k.scopes, k.created_at as "createdAt",
  k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt"`

export async function readKey(
  db: Queryable,
  id: string,
): Promise<(KeyRow & { clientKind: string; clientIsActive: boolean }) | null> {
  const rows = await db.query<KeyRow & { clientKind: string; clientIsActive: boolean }>(
    `select ${keyColumns}, c.kind as "clientKind", c.is_active as "clientIsActive" from api_keys k join clients c on c.id = k.client_id where k.id = $1`,
    [id],
  )
  return rows[0] ?? null
}

export async function readKeys(db: Queryable): Promise<KeyRow[]> {
  return db.query<KeyRow>(`select ${keyColumns} from api_keys k order by k.created_at desc limit 500`)
}

export async function insertKey(
  tx: Transaction,
  k: Omit<KeyRow, 'lastUsedAt' | 'revokedAt'> & { createdBy: string | null },
): Promise<void> {
  await tx.query(
    `insert into api_keys (id, environment, secret_hash, name, client_id, scopes, created_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [k.id, k.environment, k.secretHash, k.name, k.clientId, k.scopes, k.createdBy, k.createdAt, k.expiresAt],
  )
}

export async function revokeKey(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const rows = await tx.query('update api_keys set revoked_at = $2 where id = $1 and revoked_at is null returning id', [
    id,
    at,
  ])
  return rows.length === 1
}

/** A key that is neither revoked nor expired, locked against a change. */
export async function lockLiveKey(tx: Transaction, id: string, at: Date): Promise<KeyRow | null> {
  const rows = await tx.query<KeyRow>(
    `select ${keyColumns} from api_keys k where k.id = $1 and k.revoked_at is null and k.expires_at > $2 for no key update`,
    [id, at],
  )
  return rows[0] ?? null
}

/** Brings the end of a key nearer, never further off. */
export async function shortenKey(tx: Transaction, id: string, until: Date): Promise<void> {
  await tx.query('update api_keys set expires_at = least(expires_at, $2) where id = $1', [id, until])
}

export async function touchKey(db: Queryable, id: string, at: Date): Promise<void> {
  await db.query('update api_keys set last_used_at = $2 where id = $1', [id, at])
}
