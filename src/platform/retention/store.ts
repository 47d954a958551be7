import type { Database, Queryable, Transaction } from '../db/port.ts'

/** Rows of the platform's own tables that grow old: where they are, and when one is past its time (`$1`). */
const tables = {
  idempotency_keys: { table: 'idempotency_keys', isOld: 'created_at < $1' },
  // Those that live on by refreshing move their end on.
  sessions: { table: 'sessions', isOld: '(expires_at < $1 or ended_at < $1)' },
  refresh_tokens: { table: 'refresh_tokens', isOld: 'expires_at < $1' },
  jobs: { table: 'jobs', isOld: `state in ('done', 'failed', 'cancelled') and finished_at < $1` },
  webhook_deliveries: { table: 'webhook_deliveries', isOld: 'finished_at < $1' },
  inbox: { table: 'inbox', isOld: 'taken_at < $1' },
  retention_runs: { table: 'retention_runs', isOld: 'started_at < $1' },
} as const
export type OldRows = keyof typeof tables
export const oldRowClasses = Object.keys(tables) as OldRows[]

export async function countOldRows(db: Queryable, of: OldRows, before: Date): Promise<number> {
  const { table, isOld } = tables[of]
  const [row] = await db.query<{ n: number }>(`select count(*) as n from ${table} where ${isOld}`, [before])
  return row!.n
}

/** Removes at most `limit` rows; answers how many went. */
export async function removeOldRows(db: Queryable, of: OldRows, before: Date, limit: number): Promise<number> {
  const { table, isOld } = tables[of]
  const [row] = await db.query<{ n: number }>(
    `with gone as (delete from ${table} where ctid = any(array(select ctid from ${table} where ${isOld} limit $2)) returning 1)
     select count(*) as n from gone`,
    [before, limit],
  )
  return row!.n
}

export async function countOldNoteKeys(db: Queryable, before: Date): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from person_keys where person_id like 'note-%' and wrapped_key is not null and created_at < $1`,
    [before],
  )
  return row!.n
}

export async function readOldNoteKeys(db: Queryable, before: Date, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select person_id as id from person_keys where person_id like 'note-%' and wrapped_key is not null and created_at < $1 limit $2`,
    [before, limit],
  )
  return rows.map((row) => row.id)
}

export type PolicyRow = {
  readonly dataClass: string
  readonly days: number
  readonly isActive: boolean
  readonly version: number
  readonly updatedAt: Date
}

export function readPolicyRows(db: Queryable): Promise<PolicyRow[]> {
  return db.query<PolicyRow>(
    `select data_class as "dataClass", days, is_active as "isActive", version, updated_at as "updatedAt" from retention_policies`,
  )
}

/** Writes the policy where it is still at the version that was seen (0: nobody has changed it yet). */
export async function writePolicyRow(
  tx: Transaction,
  policy: Omit<PolicyRow, 'version'> & { readonly updatedBy: string },
  seen: number,
): Promise<boolean> {
  const { dataClass, days, isActive, updatedBy, updatedAt } = policy
  const rows = await tx.query(
    `insert into retention_policies as p (data_class, days, is_active, version, updated_by, updated_at)
     select $1, $2, $3, 1, $4, $5 where $6 = 0 or exists (select 1 from retention_policies where data_class = $1)
     on conflict (data_class) do update set days = excluded.days, is_active = excluded.is_active, version = p.version + 1,
       updated_by = excluded.updated_by, updated_at = excluded.updated_at
     where p.version = $6 returning 1`,
    [dataClass, days, isActive, updatedBy, updatedAt, seen],
  )
  return rows.length > 0
}

export type RunRow = {
  readonly id: string
  readonly isDryRun: boolean
  readonly by: string
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly results: readonly unknown[]
}

export async function insertRun(db: Database, run: Omit<RunRow, 'finishedAt' | 'results'>): Promise<void> {
  await db.query('insert into retention_runs (id, is_dry_run, run_by, started_at) values ($1, $2, $3, $4)', [
    run.id,
    run.isDryRun,
    run.by,
    run.startedAt,
  ])
}

export async function finishRun(tx: Transaction, id: string, results: readonly unknown[], at: Date): Promise<void> {
  await tx.query('update retention_runs set results = $2, finished_at = $3 where id = $1', [
    id,
    JSON.stringify(results),
    at,
  ])
}

const runColumns = `id, is_dry_run as "isDryRun", run_by as by, started_at as "startedAt", finished_at as "finishedAt", results`

export function readRuns(db: Queryable, limit: number): Promise<RunRow[]> {
  return db.query<RunRow>(`select ${runColumns} from retention_runs order by started_at desc limit $1`, [limit])
}

/** The last run that removed for each class, where there was one. */
export function readLastRuns(
  db: Queryable,
): Promise<{ readonly dataClass: string; readonly at: Date; readonly removed: number }[]> {
  return db.query(
    `select distinct on (r.result ->> 'dataClass') r.result ->> 'dataClass' as "dataClass", finished_at as at,
       (r.result ->> 'removed')::bigint as removed
     from retention_runs cross join lateral jsonb_array_elements(results) as r (result)
     where not is_dry_run and finished_at is not null order by r.result ->> 'dataClass', finished_at desc`,
  )
}
