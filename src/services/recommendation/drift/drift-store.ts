import type { DriftReport } from '#contracts/drift.ts'
import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { Queryable } from '#platform/db/port.ts'

export type DecidedUnit = {
  readonly returnId: string
  readonly point: 't0' | 't1' | 't2'
  readonly at: Date
  readonly body: PackedRecommendation
}

export type Stretch = { readonly from: Date; readonly to: Date }

/** First advice of units in a stretch of time, `limit` at most, the newest or the oldest of them. */
export async function readFirstAdvice(
  db: Queryable,
  { from, to }: Stretch,
  limit: number,
  order: 'newest' | 'oldest',
): Promise<DecidedUnit[]> {
  const rows = await db.query<Omit<DecidedUnit, 'body'> & { data: { body: PackedRecommendation } }>(
    `select a.return_id as "returnId", a.point, a.created_at as "at", e.data
     from (select return_id, point, created_at, version from ai_recommendations
       where point = 't0' and created_at >= $1 and created_at < $2
       order by created_at ${order === 'newest' ? 'desc' : 'asc'} limit $3) a
     join events e on e.stream = 'return-' || a.return_id and e.version = a.version`,
    [from, to, limit],
  )
  return rows.map(({ data, ...row }) => ({ ...row, body: data.body }))
}

/** The grade that the check of each of these units found. */
export async function readFoundGrades(db: Queryable, returnIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.query<{ id: string; grade: string }>(
    'select id, grade from return_items where id = any($1::uuid[]) and grade is not null',
    [returnIds],
  )
  return new Map(rows.map(({ id, grade }) => [id, grade]))
}

export async function writeDriftReport(db: Queryable, report: DriftReport): Promise<void> {
  await db.query('insert into drift_reports (engine, at, level, body) values ($1, $2, $3, $4)', [
    report.engine,
    report.at,
    report.level,
    JSON.stringify(report),
  ])
}

/** The last report of each engine. */
export async function readDriftReports(db: Queryable): Promise<DriftReport[]> {
  const rows = await db.query<{ body: DriftReport }>(
    'select distinct on (engine) body from drift_reports order by engine, at desc, id desc',
  )
  return rows.map(({ body }) => body)
}
