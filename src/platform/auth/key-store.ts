import type { Queryable, Transaction } from '../db/port.ts'

export type KeyRow = {
  readonly id: string
  readonly environment: 'live' | 'test'
  readonly secretHash: Buffer
  readonly name: string
  readonly clientId: string
  /** None means all hubs of the client's goods. */
  readonly hubIds: readonly string[]
  readonly scopes: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

const keyColumns = `k.id, k.environment, k.secret_hash as "secretHash", k.name, k.client_id as "clientId", k.hub_ids as "hubIds", k.scopes, k.created_at as "createdAt",
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
    `insert into api_keys (id, environment, secret_hash, name, client_id, hub_ids, scopes, created_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [k.id, k.environment, k.secretHash, k.name, k.clientId, k.hubIds, k.scopes, k.createdBy, k.createdAt, k.expiresAt],
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
