import { columnsOf, type Columns } from '#kernel/columns.ts'
import type { Client } from '#contracts/clients.ts'
import type { ListPage, ListQuery } from '#contracts/lists.ts'
import type { Product } from '#contracts/products.ts'
import type { StoredEvent } from '#platform/events/port.ts'
import type { Queryable, Transaction } from '#platform/db/port.ts'
import { filterWhere, keyset, keysSql, nextKeys, whereSql, type SqlFields, type Where } from '../list-query.ts'

export const clientColumns = columnsOf<Client>([
  'id',
  'code',
  'name',
  'kind',
  'currency',
  'returnWindowDays',
  'reviewAboveMinor',
  'isActive',
  'version',
  'createdAt',
  'updatedAt',
])
export const productColumns = columnsOf<Product>([
  'id',
  'clientId',
  'sku',
  'title',
  'categoryId',
  'isCategoryInferred',
  'brand',
  'brandTier',
  'currency',
  'mrpMinor',
  'priceMinor',
  'costMinor',
  'weightGrams',
  'volumeMl',
  'launchedOn',
  'ean',
  'isRecalled',
  'isHazmat',
  'hasBattery',
  'isDataBearing',
  'hasBrandRestriction',
  'isVendorReturnable',
  'isReturnable',
  'returnWindowDays',
  'version',
  'createdAt',
  'updatedAt',
])

export async function writeClients(tx: Transaction, rows: readonly Client[]): Promise<void> {
  if (rows.length === 0) return
  await tx.query(
    `insert into clients (${clientColumns.list}) select ${clientColumns.list} from json_populate_recordset(null::clients, $1::json)
     on conflict (id) do update set ${clientColumns.overwrite(['id', 'code', 'createdAt'])}`,
    [clientColumns.toJson(rows)],
  )
}

export async function writeProducts(tx: Transaction, rows: readonly Product[]): Promise<void> {
  if (rows.length === 0) return
  await tx.query(
    `insert into products (${productColumns.list}) select ${productColumns.list} from json_populate_recordset(null::products, $1::json)
     on conflict (id) do update set ${productColumns.overwrite(['id', 'clientId', 'sku', 'createdAt'])}`,
    [productColumns.toJson(rows)],
  )
}

/** Brings the catalogue to where these events leave it; the last event of each client and product counts. */
export async function writeCatalogEvents(tx: Transaction, events: readonly StoredEvent[]): Promise<void> {
  const clients = new Map<string, Client>()
  const products = new Map<string, Product>()
  for (const { type, stream, data } of events) {
    if (type === 'ClientRecorded') clients.set(stream, data['client'] as Client)
    if (type === 'ProductRecorded') products.set(stream, data['product'] as Product)
  }
  await writeClients(tx, [...clients.values()])
  await writeProducts(tx, [...products.values()])
}

export async function readClientRow(db: Queryable, id: string, forChange: boolean): Promise<Client | null> {
  const rows = await db.query(
    `select ${clientColumns.select('c')} from clients c where c.id = $1${forChange ? ' for no key update' : ''}`,
    [id],
  )
  return rows[0] === undefined ? null : clientColumns.fromRow(rows[0])
}

export async function readClientByCode(db: Queryable, code: string): Promise<Client | null> {
  const rows = await db.query(`select ${clientColumns.select('c')} from clients c where c.code = $1`, [code])
  return rows[0] === undefined ? null : clientColumns.fromRow(rows[0])
}

/** The kind of a client, or null where there is none. */
export async function readClientKind(db: Queryable, id: string): Promise<Client['kind'] | null> {
  return (await readClientRow(db, id, false))?.kind ?? null
}

/**
 * Which of these clients there are. Until the transaction ends nobody else changes their catalogue: two that add the
 * same SKU at once would both find it missing. Rows that only refer to a client are not held up.
 */
export async function lockClients(tx: Transaction, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    'select id from clients where id = any($1::uuid[]) order by id for no key update',
    [[...new Set(ids)]],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Products of a client by SKU; locked until the transaction ends, in one order. */
export async function lockProducts(
  tx: Transaction,
  keys: readonly { readonly clientId: string; readonly sku: string }[],
): Promise<Map<string, Product>> {
  const rows = await tx.query(
    `select ${productColumns.select('p')} from unnest($1::uuid[], $2::text[]) as q (client_id, sku)
     join products p on p.client_id = q.client_id and p.sku = q.sku order by p.id for no key update of p`,
    [keys.map((k) => k.clientId), keys.map((k) => k.sku)],
  )
  return new Map(rows.map((row) => [`${row.clientId as string}|${row.sku as string}`, productColumns.fromRow(row)]))
}

export async function readProductRow(db: Queryable, id: string): Promise<Product | null> {
  const rows = await db.query(`select ${productColumns.select('p')} from products p where p.id = $1`, [id])
  return rows[0] === undefined ? null : productColumns.fromRow(rows[0])
}

export const productSqlFields: SqlFields = {
  id: { sql: 'p.id', type: 'uuid' },
  clientId: { sql: 'p.client_id', type: 'uuid' },
  sku: { sql: 'p.sku', type: 'text' },
  title: { sql: 'p.title', type: 'text' },
  categoryId: { sql: 'p.category_id', type: 'text' },
  isCategoryInferred: { sql: 'p.is_category_inferred', type: 'boolean' },
  brand: { sql: 'p.brand', type: 'text' },
  ean: { sql: 'p.ean', type: 'text' },
  updatedAt: { sql: 'p.updated_at', type: 'timestamptz' },
}
export const clientSqlFields: SqlFields = {
  id: { sql: 'c.id', type: 'uuid' },
  code: { sql: 'c.code', type: 'text' },
  name: { sql: 'c.name', type: 'text' },
  kind: { sql: 'c.kind', type: 'text' },
  isActive: { sql: 'c.is_active', type: 'boolean' },
}

export function readProductPage(
  db: Queryable,
  clientIds: readonly string[] | null,
  query: ListQuery,
): Promise<ListPage<Product>> {
  const newestFirst = [{ field: 'updatedAt', direction: 'desc' as const }]
  return readPage(db, productList, clientIds, { ...query, sort: query.sort.length > 0 ? query.sort : newestFirst })
}

export function readClientPage(
  db: Queryable,
  clientIds: readonly string[] | null,
  query: ListQuery,
): Promise<ListPage<Client>> {
  const byCode = [{ field: 'code', direction: 'asc' as const }]
  return readPage(db, clientList, clientIds, { ...query, sort: query.sort.length > 0 ? query.sort : byCode })
}

type List<T> = {
  readonly from: string
  readonly id: string
  readonly clientId: string
  readonly columns: Columns<T>
  readonly select: string
  readonly fields: SqlFields
}
const productList: List<Product> = {
  from: 'products p',
  id: 'p.id',
  clientId: 'p.client_id',
  columns: productColumns,
  select: productColumns.select('p'),
  fields: productSqlFields,
}
const clientList: List<Client> = {
  from: 'clients c',
  id: 'c.id',
  clientId: 'c.id',
  columns: clientColumns,
  select: clientColumns.select('c'),
  fields: clientSqlFields,
}

async function readPage<T>(
  db: Queryable,
  { from, id, clientId, columns, select, fields }: List<T>,
  clientIds: readonly string[] | null,
  { filters, sort, limit, after, total }: ListQuery,
): Promise<ListPage<T>> {
  const where: Where = { conditions: [], values: [] }
  if (clientIds !== null) {
    where.conditions.push(`${clientId} = any($1::uuid[])`)
    where.values.push(clientIds)
  }
  filterWhere(where, fields, filters)
  const count = await countOf(db, from, where, total)
  const order = keyset(where, fields, sort, id, after)
  const rows = await db.query<Record<string, unknown> & { keys: (string | null)[] }>(
    `select ${select}, ${keysSql(fields, sort, id)} as keys from ${from}
     where ${whereSql(where)} order by ${order} limit ${limit + 1}`,
    where.values,
  )
  const page = { data: rows.slice(0, limit).map(columns.fromRow), next: nextKeys(rows, limit) }
  return count === undefined ? page : { ...page, total: count }
}

/** An exact count reads every row; the planner's estimate is free. */
async function countOf(
  db: Queryable,
  from: string,
  where: Where,
  kind: ListQuery['total'],
): Promise<number | undefined> {
  if (kind === 'none') return undefined
  if (kind === 'exact') {
    const [row] = await db.query<{ n: number }>(
      `select count(*) as n from ${from} where ${whereSql(where)}`,
      where.values,
    )
    return row!.n
  }
  const [plan] = await db.query<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>(
    `explain (format json) select 1 from ${from} where ${whereSql(where)}`,
    where.values,
  )
  return plan!['QUERY PLAN'][0]!.Plan['Plan Rows']
}
