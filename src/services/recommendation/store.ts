import type { DecisionBasis } from '#contracts/decision-basis.ts'
import { basisOf, unpackRecommendation, type PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { RecommendationBody } from '#contracts/recommendations.ts'
import { columnsOf } from '#kernel/columns.ts'
import type { Queryable, Statement, Transaction } from '#platform/db/port.ts'

export type RecommendationRow = {
  readonly id: string
  readonly returnId: string
  readonly version: number
  readonly point: 't0' | 't1' | 't2'
  readonly isCurrent: boolean
  readonly disposition: string
  readonly channel: string
  readonly currency: string
  readonly valueMeanMinor: number
  readonly valueP05Minor: number
  readonly valueP95Minor: number
  readonly confidence: number | null
  readonly needsReview: boolean
  readonly level: string
  readonly modelVersion: string
  readonly createdAt: string
}

const columns = columnsOf<RecommendationRow>([
  'id',
  'returnId',
  'version',
  'point',
  'isCurrent',
  'disposition',
  'channel',
  'currency',
  'valueMeanMinor',
  'valueP05Minor',
  'valueP95Minor',
  'confidence',
  'needsReview',
  'level',
  'modelVersion',
  'createdAt',
])

/** A new recommendation makes the one before it history. `isFirst` rows have none before them. */
export function recommendationStatements(
  rows: readonly (RecommendationRow & { readonly isFirst: boolean })[],
): Statement[] {
  if (rows.length === 0) return []
  const again = rows.filter((row) => !row.isFirst)
  const retire = {
    text: 'update ai_recommendations set is_current = false where return_id = any($1::uuid[]) and is_current',
    values: [again.map((row) => row.returnId)],
  }
  const insert = {
    name: 'insert_recommendations',
    text: `insert into ai_recommendations (${columns.list})
      select ${columns.list} from json_populate_recordset(null::ai_recommendations, $1::json)`,
    values: [columns.toJson(rows)],
  }
  return again.length === 0 ? [insert] : [retire, insert]
}

export type FeedbackRow = {
  readonly id: string
  readonly recommendation_id: string
  readonly return_id: string
  readonly kind: string
  readonly disposition: string | null
  readonly reason_code: string | null
  readonly realised_value_minor: number | null
  readonly by_id: string
  readonly created_at: string
}

export function feedbackStatements(rows: readonly FeedbackRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      name: 'write_feedback',
      text: `insert into recommendation_feedback (id, recommendation_id, return_id, kind, disposition, reason_code,
          realised_value_minor, by_id, created_at)
        select id, recommendation_id, return_id, kind, disposition, reason_code, realised_value_minor, by_id, created_at
        from json_populate_recordset(null::recommendation_feedback, $1::json)`,
      values: [JSON.stringify(rows)],
    },
  ]
}

export type StoredBody = {
  readonly returnId: string
  readonly isCurrent: boolean
  readonly body: RecommendationBody
  /** What it was made from; null in what was recorded before that was kept. */
  readonly basis: DecisionBasis | null
  readonly createdAt: Date
}

/** The event (return and version) that holds the whole body of each of these recommendations. */
export async function readBodies(db: Queryable, ids: readonly string[]): Promise<Map<string, StoredBody>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<{
    id: string
    returnId: string
    isCurrent: boolean
    data: { body: PackedRecommendation }
    at: Date
  }>({
    text: `select r.id, r.return_id as "returnId", r.is_current as "isCurrent", e.data, e.at from ai_recommendations r
      join events e on e.stream = 'return-' || r.return_id and e.version = r.version where r.id = any($1::uuid[])`,
    values: [ids],
  })
  return new Map(
    rows.map((row) => [
      row.id,
      {
        returnId: row.returnId,
        isCurrent: row.isCurrent,
        body: unpackRecommendation(row.data.body),
        basis: basisOf(row.data.body, row.returnId),
        createdAt: row.at,
      },
    ]),
  )
}

/** Units of these SKUs decided for each channel since `since`: the depth n_k of decision-model 4. */
export async function readRoutedByChannel(
  db: Queryable,
  clientIds: readonly string[],
  skus: readonly string[],
  since: Date,
): Promise<Map<string, Record<string, number>>> {
  if (skus.length === 0) return new Map()
  const rows = await db.query<{ key: string; channel: string; n: number }>({
    text: `select r.client_id || '|' || r.sku as key, r.disposition_channel as channel, count(*) as n
      from (select distinct client_id, sku from unnest($1::uuid[], $2::text[]) as q (client_id, sku)) q
      join return_items r on r.client_id = q.client_id and r.sku = q.sku and r.decided_at >= $3
      where r.disposition_channel is not null group by 1, 2`,
    values: [clientIds, skus, since],
  })
  const byKey = new Map<string, Record<string, number>>()
  for (const row of rows) {
    const counts = byKey.get(row.key) ?? {}
    counts[row.channel] = row.n
    byKey.set(row.key, counts)
  }
  return byKey
}

/** Decided units that are unsold after their route's days and were not looked at since, by id. */
export async function readUnsold(
  db: Queryable,
  horizons: readonly { readonly route: string; readonly days: number }[],
  { at, afterId, limit }: { readonly at: Date; readonly afterId: string | null; readonly limit: number },
): Promise<{ id: string; version: number }[]> {
  return db.query<{ id: string; version: number }>(
    `select r.id, r.version from return_items r
     join unnest($1::text[], $2::double precision[]) as h (route, days) on h.route = r.disposition
     join ai_recommendations a on a.id = r.recommendation_id
     where r.stage = 'disposition' and r.decided_at + h.days * interval '1 day' < $3
       and a.created_at < r.decided_at + h.days * interval '1 day' and ($4::uuid is null or r.id > $4)
     order by r.id limit $5`,
    [horizons.map((h) => h.route), horizons.map((h) => h.days), at, afterId, limit],
  )
}

type Versioned = { readonly id: string; readonly version: string; readonly body: unknown }

/** Keeps every version of channels, fee tables and rules that decisions were made with. */
export async function recordDecisionTables(
  tx: Transaction,
  tables: {
    readonly channels: readonly Versioned[]
    readonly feeTables: readonly Versioned[]
    readonly rules: readonly Versioned[]
  },
): Promise<void> {
  const insert = (table: 'channels' | 'fee_tables' | 'rules', rows: readonly Versioned[]) =>
    tx.query(
      `insert into ${table} (id, version, body)
       select id, version, body::jsonb from unnest($1::text[], $2::text[], $3::text[]) as n (id, version, body)
       on conflict do nothing`,
      [rows.map((r) => r.id), rows.map((r) => r.version), rows.map((r) => JSON.stringify(r.body))],
    )
  await insert('channels', tables.channels)
  await insert('fee_tables', tables.feeTables)
  await insert('rules', tables.rules)
}
