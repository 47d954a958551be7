import type { OrderLine } from '#contracts/imports.ts'
import { columnsOf } from '#kernel/columns.ts'
import type { Queryable } from '#platform/db/port.ts'

const columns = columnsOf<OrderLine>([
  'lineRef',
  'orderRef',
  'sku',
  'categoryId',
  'quantity',
  'currency',
  'paidMinor',
  'orderedAt',
  'deliveredAt',
  'shipPincode',
  'shipState',
  'saleChannel',
  'outcome',
])

// What an export leaves out it does not take back: an empty cell or an outcome not yet known keeps what was told before.
const kept = ['sku', 'category_id', 'paid_minor', 'ship_pincode', 'ship_state', 'sale_channel']
const merged: Readonly<Record<string, string>> = {
  order_ref: 'excluded.order_ref',
  quantity: 'excluded.quantity',
  currency: 'excluded.currency',
  ordered_at: 'excluded.ordered_at',
  ...Object.fromEntries(kept.map((name) => [name, `coalesce(excluded.${name}, l.${name})`])),
  delivered_at: `case when excluded.delivered_at is null and l.delivered_at >= excluded.ordered_at then l.delivered_at else excluded.delivered_at end`,
  outcome: `case when excluded.outcome = 'unknown' then l.outcome else excluded.outcome end`,
}
const names = Object.keys(merged)

const text = `
  insert into order_lines as l (client_id, imported_at, ${columns.list})
  select $1, $2, ${columns.list} from json_populate_recordset(null::order_lines, $3)
  on conflict (client_id, line_ref) do update
    set imported_at = excluded.imported_at, ${names.map((name) => `${name} = ${merged[name]}`).join(', ')}
    where (${names.map((name) => `l.${name}`).join(', ')}) is distinct from (${names.map((name) => merged[name]).join(', ')})
  returning 1`

/** Writes order lines by one statement, in key order; answers how many were new or changed. Of two with one key the last counts. */
export async function recordOrderLines(
  db: Queryable,
  clientId: string,
  lines: readonly OrderLine[],
  at: Date,
): Promise<number> {
  if (lines.length === 0) return 0
  const byRef = new Map(lines.map((line) => [line.lineRef, line]))
  const sorted = [...byRef.values()].toSorted((a, b) => (a.lineRef < b.lineRef ? -1 : 1))
  const rows = await db.query({ name: 'record_order_lines', text, values: [clientId, at, columns.toJson(sorted)] })
  return rows.length
}
