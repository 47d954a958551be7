import type { ModelValue, ShadowReport } from '#contracts/shadow.ts'
import { columnsOf } from '#kernel/columns.ts'
import type { Database, Queryable, Transaction } from '#platform/db/port.ts'

export type ShadowScore = {
  readonly modelVersion: string
  readonly returnId: string
  readonly version: number
  readonly at: string
  readonly disposition: string
  readonly channel: string
  readonly servedDisposition: string
  readonly servedChannel: string
  readonly utilityMinor: number
  readonly servedUtilityMinor: number | null
  readonly confidence: number | null
}

const columns = columnsOf<ShadowScore>([
  'modelVersion',
  'returnId',
  'version',
  'at',
  'disposition',
  'channel',
  'servedDisposition',
  'servedChannel',
  'utilityMinor',
  'servedUtilityMinor',
  'confidence',
])

/** Where in the log a model's scoring stands; one that is new begins `eventsBack` before its end. */
export async function readShadowCursor(db: Database, modelVersion: string, eventsBack: number): Promise<number> {
  const [row] = await db.query<{ seq: number }>(
    `insert into shadow_cursors (model_version, seq) select $1, greatest(0, seq - $2::bigint) from log_head
     on conflict (model_version) do update set seq = shadow_cursors.seq returning seq`,
    [modelVersion, eventsBack],
  )
  return row!.seq
}

/** A return that was removed meanwhile is passed over. */
export async function writeShadowScores(
  tx: Transaction,
  modelVersion: string,
  rows: readonly ShadowScore[],
  seq: number,
): Promise<void> {
  if (rows.length > 0)
    await tx.query({
      name: 'insert_shadow_scores',
      text: `insert into shadow_scores (${columns.list}) select ${columns.select('s')}
        from json_populate_recordset(null::shadow_scores, $1::json) s join return_items i on i.id = s.return_id
        on conflict do nothing`,
      values: [columns.toJson(rows)],
    })
  await tx.query('update shadow_cursors set seq = greatest(seq, $2) where model_version = $1', [modelVersion, seq])
}

export async function forgetShadowScores(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from shadow_scores where at < $1', [before])
}

export async function writeModelValue(db: Queryable, value: ModelValue): Promise<void> {
  await db.query(
    `insert into shadow_values (model_version, against_version, at, value) values ($1, $2, $3, $4)
     on conflict (model_version, at) do update set against_version = excluded.against_version, value = excluded.value`,
    [value.modelVersion, value.againstVersion, value.at, JSON.stringify(value)],
  )
}

/** The last value of each model that was tried, by version. */
export async function readModelValues(db: Queryable): Promise<Map<string, ModelValue>> {
  const rows = await db.query<{ value: ModelValue }>(
    'select distinct on (model_version) value from shadow_values order by model_version, at desc',
  )
  return new Map(rows.map(({ value }) => [value.modelVersion, value]))
}

const movesShown = 10
/** What is shown is of these days, so that the sums stay quick. */
const lately = `at >= (select max(at) from shadow_scores) - interval '28 days'`

/** What each model that was scored beside the serving one lately would have done otherwise. */
export async function readShadow(db: Queryable): Promise<ShadowReport[]> {
  const totals = await db.query<Omit<ShadowReport, 'moves' | 'value'>>(
    `select model_version as "modelVersion", count(*) as units, min(at)::text as since,
       avg((disposition = served_disposition)::integer)::double precision as "dispositionAgreement",
       avg((disposition = served_disposition and channel = served_channel)::integer)::double precision as agreement,
       count(*) filter (where served_utility_minor is null) as "servedExcluded",
       coalesce(avg(utility_minor - served_utility_minor), 0) as "utilityGainMinor"
     from shadow_scores where ${lately} group by 1 order by 1`,
  )
  const moves = await db.query<ShadowReport['moves'][number] & { modelVersion: string }>(
    `select model_version as "modelVersion", served_disposition as "from", disposition as "to", count(*) as units,
       coalesce(avg(utility_minor - served_utility_minor), 0) as "utilityGainMinor"
     from shadow_scores where ${lately} and disposition <> served_disposition group by 1, 2, 3 order by 1, 4 desc, 2, 3`,
  )
  const values = await readModelValues(db)
  return totals.map((total) => ({
    ...total,
    since: new Date(total.since).toISOString(),
    moves: moves
      .filter((move) => move.modelVersion === total.modelVersion)
      .slice(0, movesShown)
      .map(({ from, to, units, utilityGainMinor }) => ({ from, to, units, utilityGainMinor })),
    value: values.get(total.modelVersion) ?? null,
  }))
}
