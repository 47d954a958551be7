import type { Queryable, Transaction } from '../../db/port.ts'

export type FactorRow = {
  readonly secretSealed: Buffer
  readonly confirmedAt: Date | null
  readonly lastStep: number
}

export async function readFactor(db: Queryable, userId: string, forChange = false): Promise<FactorRow | null> {
  const [row] = await db.query<FactorRow>(
    `select secret_sealed as "secretSealed", confirmed_at as "confirmedAt", last_step as "lastStep" from second_factors
     where user_id = $1${forChange ? ' for update' : ''}`,
    [userId],
  )
  return row ?? null
}

/** A secret that waits for its first code; one that is in use is never written over. */
export async function upsertPendingFactor(
  tx: Transaction,
  factor: { readonly userId: string; readonly secretSealed: Buffer; readonly at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into second_factors as f (user_id, secret_sealed, created_at) values ($1, $2, $3)
     on conflict (user_id) do update set secret_sealed = excluded.secret_sealed, created_at = excluded.created_at, last_step = 0
       where f.confirmed_at is null returning user_id`,
    [factor.userId, factor.secretSealed, factor.at],
  )
  return rows.length === 1
}

export async function markStep(tx: Transaction, userId: string, step: number, confirmedAt: Date): Promise<void> {
  await tx.query(
    'update second_factors set last_step = $2, confirmed_at = coalesce(confirmed_at, $3) where user_id = $1',
    [userId, step, confirmedAt],
  )
}

export async function deleteFactor(tx: Transaction, userId: string): Promise<boolean> {
  await tx.query('delete from recovery_codes where user_id = $1', [userId])
  const rows = await tx.query<{ isInUse: boolean }>(
    'delete from second_factors where user_id = $1 returning confirmed_at is not null as "isInUse"',
    [userId],
  )
  return rows[0]?.isInUse ?? false
}

export async function replaceRecoveryCodes(
  tx: Transaction,
  userId: string,
  hashes: readonly Buffer[],
  at: Date,
): Promise<void> {
  await tx.query('delete from recovery_codes where user_id = $1', [userId])
  await tx.query(
    'insert into recovery_codes (user_id, code_hash, created_at) select $1, hash, $3 from unnest($2::bytea[]) as h (hash)',
    [userId, hashes, at],
  )
}

/** False when it is no code of this user, or was used before. */
export async function useRecoveryCode(tx: Transaction, userId: string, hash: Buffer, at: Date): Promise<boolean> {
  const rows = await tx.query(
    'update recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null returning user_id',
    [userId, hash, at],
  )
  return rows.length === 1
}

export async function countRecoveryCodes(db: Queryable, userId: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    'select count(*) as n from recovery_codes where user_id = $1 and used_at is null',
    [userId],
  )
  return row!.n
}
