import type { Queryable, Transaction } from '../../db/port.ts'

export type IdentityRow = { readonly userId: string; readonly setsRole: boolean }

export async function readIdentity(db: Queryable, issuer: string, subject: string): Promise<IdentityRow | null> {
  const [row] = await db.query<IdentityRow>(
    'select user_id as "userId", sets_role as "setsRole" from user_identities where issuer = $1 and subject = $2',
    [issuer, subject],
  )
  return row ?? null
}

export async function insertIdentity(
  tx: Transaction,
  identity: IdentityRow & { readonly issuer: string; readonly subject: string; readonly at: Date },
): Promise<void> {
  await tx.query(
    `insert into user_identities (issuer, subject, user_id, sets_role, created_at, last_used_at)
     values ($1, $2, $3, $4, $5, $5)`,
    [identity.issuer, identity.subject, identity.userId, identity.setsRole, identity.at],
  )
}

export async function touchIdentity(db: Queryable, issuer: string, subject: string, at: Date): Promise<void> {
  await db.query('update user_identities set last_used_at = $3 where issuer = $1 and subject = $2', [
    issuer,
    subject,
    at,
  ])
}

/** Whether a company vouches for this user. */
export async function hasIdentity(db: Queryable, userId: string): Promise<boolean> {
  return (await db.query('select 1 from user_identities where user_id = $1 limit 1', [userId])).length > 0
}
