import type { PolicyValueChange, PolicyVersion } from '#contracts/decision-policy.ts'
import type { Queryable, Transaction } from '#platform/db/port.ts'

export type PolicyPatch = { readonly version: number; readonly patch: unknown }

export async function readPolicyVersion(db: Queryable): Promise<number> {
  const [row] = await db.query<{ version: number | null }>(`select max(version) as version from decision_policies`)
  return row?.version ?? 0
}

/** All of them, first to last: together they lead from what ships to what serves. */
export function readPolicyPatches(db: Queryable): Promise<PolicyPatch[]> {
  return db.query<PolicyPatch>(`select version, patch from decision_policies order by version`)
}

/** Newest first; the names of those who are still there. */
export async function readPolicyVersions(db: Queryable, limit: number): Promise<PolicyVersion[]> {
  const rows = await db.query<Omit<PolicyVersion, 'at'> & { readonly at: Date }>(
    `select p.version, p.changed_at as at, p.changed_by as by, u.name as "byName", p.reason, p.changes
     from decision_policies p left join users u on u.id::text = p.changed_by
     order by p.version desc limit $1`,
    [limit],
  )
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

/** False where another version came first. */
export async function insertPolicyVersion(
  tx: Transaction,
  row: PolicyPatch & {
    readonly changes: readonly PolicyValueChange[]
    readonly reason: string
    readonly by: string
    readonly at: Date
  },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into decision_policies (version, patch, changes, reason, changed_by, changed_at)
     select $1, $2::jsonb, $3::jsonb, $4, $5, $6
     where $1::int = 1 + coalesce((select max(version) from decision_policies), 0)
     on conflict do nothing returning 1`,
    [row.version, JSON.stringify(row.patch), JSON.stringify(row.changes), row.reason, row.by, row.at],
  )
  return rows.length > 0
}
