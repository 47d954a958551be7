import type { ListPage, ListQuery } from '#contracts/lists.ts'
import type { Actor, Context } from '#context.ts'
import { hash32 } from '#kernel/random.ts'
import { recent, type Recent } from '#kernel/recent.ts'
import type { Database } from '#platform/db/port.ts'
import { filterWhere, keyset, scopeWhere, whereSql, type Where } from './list-query.ts'
import { countOf, returnJoins, returnSqlFields } from './read-store.ts'

const money = (column: string) =>
  `case when ${column} is null then null else json_build_object('amount', ${column}, 'currency', r.currency) end`
const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

function recommendationSql(more: string): string {
  return `case when r.recommendation_id is null then null else json_build_object('id', r.recommendation_id,
    'disposition', r.recommended_disposition, 'channel', r.recommended_channel,
    'value', json_build_object('amount', r.recommended_value_minor, 'currency', r.currency),
    'confidence', r.recommended_confidence${more}) end`
}

/** The fields of `returnSchema`, each as SQL. What they say must be what `toReturn` says: a test holds the two together. */
const fields: readonly (readonly [string, string])[] = [
  ['id', 'r.id'],
  ['clientId', 'r.client_id'],
  ['clientRef', 'r.client_ref'],
  ['rmaNumber', 'r.rma_number'],
  ['lpn', 'r.lpn'],
  ['source', 'r.source'],
  ['sku', 'r.sku'],
  ['title', 'r.title'],
  ['categoryId', 'r.category_id'],
  ['isCategoryInferred', 'r.is_category_inferred'],
  ['price', money('r.price_minor')],
  ['mrp', money('r.mrp_minor')],
  ['orderRef', 'r.order_ref'],
  ['orderedAt', instant('r.ordered_at')],
  ['deliveredAt', instant('r.delivered_at')],
  ['requestedAt', instant('r.requested_at')],
  ['returnType', 'r.return_type'],
  ['reasonCode', 'r.reason_code'],
  ['reasonCluster', 'r.reason_cluster'],
  ['saleChannel', 'r.sale_channel'],
  ['pickupPincode', 'r.pickup_pincode'],
  ['isOpened', 'r.is_opened'],
  ['awb', 'r.awb'],
  ['serialNumber', 'r.serial_number'],
  ['stage', 'r.stage'],
  ['custody', 'r.custody'],
  ['acceptance', 'r.acceptance'],
  ['moneyState', 'r.money_state'],
  ['needsReview', 'r.needs_review'],
  ['reviewReasons', 'r.review_reasons'],
  ['hubId', 'r.hub_id'],
  ['hubCode', 'h.code'],
  ['hubDistanceKm', 'r.hub_distance_km'],
  ['locationCode', 'r.location_code'],
  ['grade', 'r.grade'],
  ['recommendation', recommendationSql('')],
  ['disposition', 'r.disposition'],
  ['dispositionChannel', 'r.disposition_channel'],
  ['execution', 'd.execution'],
  ['expectedValue', money('r.expected_value_minor')],
  ['realisedValue', money('r.realised_value_minor')],
  ['refund', money('r.refund_minor')],
  ['dueAt', instant('w.due_at')],
  ['receivedAt', instant('r.received_at')],
  ['checkedAt', instant('r.checked_at')],
  ['decidedAt', instant('r.decided_at')],
  ['completedAt', instant('r.completed_at')],
  ['version', 'r.version'],
  ['createdAt', instant('r.created_at')],
  ['updatedAt', instant('r.updated_at')],
]
const levelSql = `, 'level', (select a.level from ai_recommendations a where a.id = r.recommendation_id)`

function itemSql(include: readonly string[]): string {
  const columns = fields.map(([name, sql]) => {
    const isAskedFor = name === 'recommendation' && include.includes(name)
    return `${isAskedFor ? recommendationSql(levelSql) : sql} as "${name}"`
  })
  return `select row_to_json(i)::text from (select ${columns.join(', ')}) i`
}

export type JsonPage = Omit<ListPage<never>, 'data'> & { readonly json: string }

/** Texts of rows by id and version, lately made: a version of a return never changes, but for what lies beyond it (a hub's code). */
const textsMax = 5000
const textsMs = 30_000
const texts = new WeakMap<Database, Recent<string>>()

function textsOf({ db, now }: Pick<Context, 'db' | 'now'>): Recent<string> {
  const known = texts.get(db) ?? recent<string>(textsMax, textsMs, now)
  texts.set(db, known)
  return known
}

type Found = Readonly<Record<string, string>> & { readonly id: string; readonly version: string }

/**
 * A page of returns as the text that is answered. The server makes the JSON, and each row of it once: writing 46 columns of 20
 * rows took nine tenths of a list request, whoever wrote them. What a caller may see is asked anew each time.
 */
export async function readPageAsJson(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  query: ListQuery,
): Promise<JsonPage> {
  const { db } = ctx
  const where: Where = { conditions: [], values: [] }
  scopeWhere(where, actor, 'r.client_id', 'r.hub_id')
  filterWhere(where, returnSqlFields, query.filters)
  const total = await countOf(db, where, query.total)
  const sort = query.sort.length > 0 ? query.sort : [{ field: 'createdAt', direction: 'desc' as const }]
  const order = keyset(where, returnSqlFields, sort, 'r.id', query.after)
  const keys = sort.map((s, i) => `(${returnSqlFields[s.field]!.sql})::text as k${i}`)
  const text = `select r.id, r.version, ${keys.join(', ')} from return_items r
    where ${whereSql(where)} order by ${order} limit ${query.limit + 1}`
  // Without filters the newest rows come off one index whatever the table's size, so its plan may be kept.
  const name = query.filters.length === 0 ? { name: `list_${hash32(text)}` } : {}
  const found = await db.query<Found>({ ...name, text, values: where.values })
  const shown = found.slice(0, query.limit)
  const rows = await textsOfRows(ctx, shown, query.include ?? [])
  const last = found.length > query.limit ? shown.at(-1)! : null
  const next = last === null ? null : [...sort.map((_, i) => last[`k${i}`] ?? null), last.id]
  return { json: `[${rows.join(',')}]`, next, ...(total === undefined ? {} : { total }) }
}

/** The text of each of these rows, in order; a row that went away meanwhile is left out. */
async function textsOfRows(
  ctx: Pick<Context, 'db' | 'now'>,
  rows: readonly Found[],
  include: readonly string[],
): Promise<string[]> {
  const known = textsOf(ctx)
  const variant = include.join(',')
  const keyOf = (id: string, version: string | number) => `${id}|${version}|${variant}`
  const found = rows.map((row) => known.get(keyOf(row.id, row.version)))
  const missing = rows.filter((_, i) => found[i] === undefined).map((row) => row.id)
  if (missing.length === 0) return found as string[]
  const made = await ctx.db.query<{ id: string; version: number; item: string }>({
    text: `select r.id, r.version, (${itemSql(include)}) as item ${returnJoins} where r.id = any($1::uuid[])`,
    values: [missing],
  })
  const madeOf = new Map(made.map((row) => [row.id, row.item]))
  for (const { id, version, item } of made) known.set(keyOf(id, version), item)
  return rows.flatMap((row, i) => found[i] ?? madeOf.get(row.id) ?? [])
}
