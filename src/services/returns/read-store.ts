import type { Execution } from '#contracts/codes.ts'
import type { ListQuery } from '#contracts/lists.ts'
import type { Actor } from '#context.ts'
import type { Queryable } from '#platform/db/port.ts'
import {
  filterWhere,
  keyset,
  keysSql,
  nextKeys,
  scopeWhere,
  whereSql,
  type SqlFields,
  type Where,
} from './list-query.ts'
import { returnColumns, type ReturnState } from './return-state.ts'
import { dispositionColumns } from './store.ts'
import type { DispositionRow } from './rows.ts'

export type ReturnRow = ReturnState & {
  readonly hubCode: string | null
  readonly execution: Execution | null
  readonly workflowId: string
  readonly stageEnteredAt: string
  readonly dueAt: string | null
}

export const returnJoins = `from return_items r
  left join hubs h on h.id = r.hub_id
  left join dispositions d on d.return_id = r.id and d.is_current
  join processing_workflows w on w.return_id = r.id`
const extra =
  'h.code as "hubCode", d.execution, w.id as "workflowId", w.stage_entered_at as "stageEnteredAt", w.due_at as "dueAt"'
const all = returnColumns.select('r')
const withoutSealed = all
  .split(', ')
  .filter((column) => !column.endsWith('"customerSealed"'))
  .join(', ')

export const returnSqlFields: SqlFields = {
  id: { sql: 'r.id', type: 'uuid' },
  clientId: { sql: 'r.client_id', type: 'uuid' },
  clientRef: { sql: 'r.client_ref', type: 'text' },
  rmaNumber: { sql: 'r.rma_number', type: 'text' },
  lpn: { sql: 'r.lpn', type: 'text' },
  sku: { sql: 'r.sku', type: 'text' },
  title: { sql: 'r.title', type: 'text' },
  categoryId: { sql: 'r.category_id', type: 'text' },
  orderRef: { sql: 'r.order_ref', type: 'text' },
  awb: { sql: 'r.awb', type: 'text' },
  stage: { sql: 'r.stage', type: 'text' },
  custody: { sql: 'r.custody', type: 'text' },
  acceptance: { sql: 'r.acceptance', type: 'text' },
  needsReview: { sql: 'r.needs_review', type: 'boolean' },
  hubId: { sql: 'r.hub_id', type: 'uuid' },
  grade: { sql: 'r.grade', type: 'text' },
  reasonCode: { sql: 'r.reason_code', type: 'text' },
  returnType: { sql: 'r.return_type', type: 'text' },
  saleChannel: { sql: 'r.sale_channel', type: 'text' },
  source: { sql: 'r.source', type: 'text' },
  recommendation: { sql: 'r.recommended_disposition', type: 'text' },
  disposition: { sql: 'r.disposition', type: 'text' },
  moneyState: { sql: 'r.money_state', type: 'text' },
  priceMinor: { sql: 'coalesce(r.price_minor, -1)', type: 'bigint' },
  recommendedValueMinor: { sql: "coalesce(r.recommended_value_minor, '-9223372036854775808')", type: 'bigint' },
  createdAt: { sql: 'r.created_at', type: 'timestamptz' },
  updatedAt: { sql: 'r.updated_at', type: 'timestamptz' },
  receivedAt: { sql: 'r.received_at', type: 'timestamptz' },
  checkedAt: { sql: 'r.checked_at', type: 'timestamptz' },
  decidedAt: { sql: 'r.decided_at', type: 'timestamptz' },
  completedAt: { sql: 'r.completed_at', type: 'timestamptz' },
}

function fromRow(row: Record<string, unknown>): ReturnRow {
  const instant = (value: unknown) => (value instanceof Date ? value.toISOString() : null)
  return {
    ...returnColumns.fromRow(row),
    hubCode: row.hubCode as string | null,
    execution: row.execution as Execution | null,
    workflowId: row.workflowId as string,
    stageEnteredAt: instant(row.stageEnteredAt)!,
    dueAt: instant(row.dueAt),
  }
}

export type ReturnPage = {
  readonly rows: readonly ReturnRow[]
  readonly next: readonly (string | null)[] | null
  readonly total: number | undefined
}

export async function readPage(
  db: Queryable,
  actor: Actor,
  query: ListQuery,
  onlyPending: boolean,
): Promise<ReturnPage> {
  const where: Where = { conditions: [], values: [] }
  if (onlyPending) where.conditions.push("r.stage not in ('completed', 'rejected', 'cancelled')")
  scopeWhere(where, actor, 'r.client_id', 'r.hub_id')
  filterWhere(where, returnSqlFields, query.filters)
  const total = await countOf(db, where, query.total)
  const sort = query.sort.length > 0 ? query.sort : [{ field: 'createdAt', direction: 'desc' as const }]
  const order = keyset(where, returnSqlFields, sort, 'r.id', query.after)
  const text = `select ${withoutSealed}, ${extra}, ${keysSql(returnSqlFields, sort, 'r.id')} as keys ${returnJoins}
     where ${whereSql(where)} order by ${order} limit ${query.limit + 1}`
  const rows = await db.query<Record<string, unknown> & { keys: (string | null)[] }>(text, where.values)
  return { rows: rows.slice(0, query.limit).map(fromRow), next: nextKeys(rows, query.limit), total }
}

/** An exact count reads every row; the planner's estimate is free. */
export async function countOf(db: Queryable, where: Where, kind: ListQuery['total']): Promise<number | undefined> {
  if (kind === 'none') return undefined
  if (kind === 'exact') {
    const [row] = await db.query<{ n: number }>(
      `select count(*) as n from return_items r where ${whereSql(where)}`,
      where.values,
    )
    return row!.n
  }
  const [plan] = await db.query<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>(
    `explain (format json) select 1 from return_items r where ${whereSql(where)}`,
    where.values,
  )
  return plan!['QUERY PLAN'][0]!.Plan['Plan Rows']
}

/** One return with all its columns, or null where the actor may not see it. */
export async function readOne(db: Queryable, actor: Actor, id: string): Promise<ReturnRow | null> {
  const where: Where = { conditions: ['r.id = $1'], values: [id] }
  scopeWhere(where, actor, 'r.client_id', 'r.hub_id')
  const rows = await db.query(`select ${all}, ${extra} ${returnJoins} where ${whereSql(where)}`, where.values)
  return rows[0] === undefined ? null : fromRow(rows[0])
}

/** Open units first, longest waiting first, that answer to one of these codes. */
export async function readByCode(
  db: Queryable,
  actor: Actor,
  kinds: readonly string[],
  value: string,
  limit: number,
): Promise<ReturnRow[]> {
  const where: Where = { conditions: ['i.value = $1', 'i.kind = any($2::text[])'], values: [value, kinds] }
  scopeByClient(where, actor)
  const rows = await db.query(
    `select ${withoutSealed}, ${extra} ${returnJoins} join identifiers i on i.return_id = r.id
     where ${whereSql(where)}
     order by (r.stage in ('completed', 'rejected', 'cancelled')), r.created_at limit ${limit}`,
    where.values,
  )
  return rows.map(fromRow)
}

/** Open units of one article at a hub or on their way to it, longest waiting first. */
export async function readByProduct(
  db: Queryable,
  actor: Actor,
  product: { readonly hubId: string; readonly sku: string; readonly eans: readonly string[] },
  limit: number,
): Promise<ReturnRow[]> {
  const where: Where = {
    conditions: [
      'r.hub_id = $1',
      "r.stage in ('hub_assigned', 'received', 'quality_check', 'disposition')",
      '(r.sku = $2 or r.product_id in (select p.id from products p where p.ean = any($3::text[])))',
    ],
    values: [product.hubId, product.sku, product.eans],
  }
  scopeWhere(where, actor, 'r.client_id', 'r.hub_id')
  const rows = await db.query(
    `select ${withoutSealed}, ${extra} ${returnJoins} where ${whereSql(where)} order by r.created_at limit ${limit}`,
    where.values,
  )
  return rows.map(fromRow)
}

/** Another hub's unit must be found, to be told where it belongs: the scan is scoped by client only. */
function scopeByClient(where: Where, actor: Actor): void {
  scopeWhere(where, { ...actor, hubIds: null }, 'r.client_id', 'r.hub_id')
}

export async function readDispositionHistory(db: Queryable, returnId: string): Promise<DispositionRow[]> {
  const rows = await db.query({
    text: `select ${dispositionColumns.select('d')} from dispositions d where d.return_id = $1 order by d.decided_at desc, d.id desc`,
    values: [returnId],
  })
  return rows.map(dispositionColumns.fromRow)
}

/** How many returns a client has. */
export async function countReturns(db: Queryable, clientId: string): Promise<number> {
  const [row] = await db.query<{ n: number }>('select count(*) as n from return_items where client_id = $1', [clientId])
  return row!.n
}

/** Assigned units whose reservation is over and that did not arrive, oldest first. */
/** Units that did not arrive in time. Those of the demo are played with a clock of their own, which this one must not meet. */
export async function readLapsed(db: Queryable, at: Date, limit: number): Promise<{ id: string; version: number }[]> {
  return db.query<{ id: string; version: number }>(
    `select id, version from return_items
     where reserved_until < $1 and stage = 'hub_assigned' and received_at is null and source <> 'demo' order by reserved_until limit $2`,
    [at, limit],
  )
}
