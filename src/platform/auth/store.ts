import type { Role } from '#contracts/codes.ts'
import type { Queryable, Transaction } from '../db/port.ts'

export type UserRow = {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: Role
  /** Null for who signs in by the own company, or has not accepted the invitation yet. */
  readonly passwordHash: string | null
  /** Whether the password may be the only factor. */
  readonly isPasswordLong: boolean
  readonly hasSecondFactor: boolean
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

export const userColumns = `id, email, name, role, password_hash as "passwordHash", is_password_long as "isPasswordLong",
  exists (select 1 from second_factors f where f.user_id = users.id and f.confirmed_at is not null) as "hasSecondFactor", hub_ids as "hubIds", client_ids as "clientIds",
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
  user: Omit<UserRow, 'failedLogins' | 'lockedUntil' | 'tokenEpoch' | 'version' | 'updatedAt' | 'hasSecondFactor'>,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into users (id, email, name, role, password_hash, hub_ids, client_ids, is_active, is_demo, created_at, updated_at, is_password_long)
     values ($1, lower($2), $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) on conflict (email) do nothing returning id`,
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
      user.isPasswordLong,
    ],
  )
  return rows.length === 1
}

export async function updateUser(tx: Transaction, user: UserRow): Promise<void> {
  await tx.query(
    `update users set name = $2, role = $3, password_hash = $4, hub_ids = $5, client_ids = $6, is_active = $7, token_epoch = $8,
       version = $9, updated_at = $10, is_password_long = $11 where id = $1`,
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
      user.isPasswordLong,
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
