import type { KpiFilters } from '#contracts/analytics.ts'
import type { Actor } from '#context.ts'
import type { Queryable } from '#platform/db/port.ts'
import {
  cycleColumns,
  dimensions,
  kpiColumns,
  type Dimension,
  stepOf,
  type KpiColumn,
  type Split,
} from './kpi-columns.ts'
import type { KpiPart, KpiSums } from './kpis.ts'
import { addDays, startOf, type Period } from './periods.ts'

export type Scope = Pick<Actor, 'clientIds' | 'hubIds'>
export type KpiDimension = 'none' | 'hub' | 'client' | Dimension

const columnSql = (column: string) => `sum(k.${column})::bigint as ${column}`
const cyclesOfDays = cycleColumns.map(columnSql)
const cyclesOfUnits = cycleColumns.map((column, n) => `count(*) filter (where k.cycle_bucket = ${n}) as ${column}`)
const allParts: readonly KpiPart[] = [...kpiColumns, 'cycles']

type SumsRow = Partial<Readonly<Record<KpiColumn, number>>> & Record<string, unknown>

/** What was not asked for counts as nothing. */
function sumsOf(row: SumsRow): KpiSums {
  const sums = Object.fromEntries(kpiColumns.map((column) => [column, row[column] ?? 0])) as Record<KpiColumn, number>
  return { ...sums, cycles: cycleColumns.map((column) => (row[column] as number | undefined) ?? 0) }
}

/** The split that answers this question; null where only the units do: a dimension within a client or hub, or two dimensions. */
function splitOf(scope: Scope, filters: KpiFilters, dimension: KpiDimension): Split | null {
  const asked = new Set<Dimension>()
  if (filters.categoryId !== undefined) asked.add('category')
  if (filters.saleChannel !== undefined) asked.add('sale_channel')
  if (dimension !== 'none' && dimension !== 'hub' && dimension !== 'client') asked.add(dimension)
  const [only, ...more] = asked
  if (only === undefined) return 'all'
  const isPlaced =
    scope.clientIds !== null ||
    scope.hubIds !== null ||
    filters.clientId !== undefined ||
    filters.hubId !== undefined ||
    dimension === 'hub' ||
    dimension === 'client'
  return more.length > 0 || isPlaced ? null : only
}

type Source = {
  /** Rows with the columns of `kpi_daily` as `k`, of all days from `$1` to `$2`. */
  readonly from: string
  readonly keySql: string
  readonly sumsSql: string
  readonly values: unknown[]
}

function sourceOf(
  scope: Scope,
  filters: KpiFilters,
  dimension: KpiDimension,
  days: { readonly from: string; readonly to: string },
  parts: readonly KpiPart[],
): Source {
  const split = splitOf(scope, filters, dimension)
  const values: unknown[] = [days.from, days.to]
  const bind = (value: unknown) => `$${values.push(value)}`
  const conditions = ['k.day between $1::date and $2::date']
  if (split !== null) conditions.push(`k.split = ${bind(split)}`)
  if (split === 'all') conditions.push(`k.value = ''`)
  if (split === 'all' || split === null)
    conditions.push(...scopeConditions(scope, filters, split === null ? 'u' : 'k', bind))
  const wanted: readonly (readonly [Dimension, string | undefined])[] = [
    ['category', filters.categoryId],
    ['sale_channel', filters.saleChannel],
  ]
  for (const [name, value] of wanted)
    if (value !== undefined) conditions.push(`${split === null ? `u.${dimensions[name]}` : 'k.value'} = ${bind(value)}`)
  const own = split === null ? 'u' : 'k'
  const sumsSql = (cycles: readonly string[]) =>
    parts.flatMap((part) => (part === 'cycles' ? cycles : [columnSql(part)])).join(', ')
  const keySql =
    dimension === 'none'
      ? 'null::text'
      : dimension === 'hub' || dimension === 'client'
        ? `${own}.${dimension}_id::text`
        : split === null
          ? `nullif(u.${dimensions[dimension]}, '')`
          : `nullif(k.value, '')`
  if (split !== null)
    return { from: `kpi_daily k where ${conditions.join(' and ')}`, keySql, sumsSql: sumsSql(cyclesOfDays), values }
  conditions.push(`k.step = any(${bind([...new Set(parts.map((part) => stepOf[part]))])}::text[])`)
  const [start, end] = [bind(startOf(days.from)), bind(startOf(addDays(days.to, 1)))]
  const from = `kpi_units u cross join lateral (select u.currency, f.* from kpi_facts(u) f) k
    where tstzrange(u.submitted_at, u.last_at, '[]') && tstzrange(${start}, ${end}) and ${conditions.join(' and ')}`
  return { from, keySql, sumsSql: sumsSql(cyclesOfUnits), values }
}

/** The same rule as in lists: a unit that no hub holds yet is everybody's whose clients include it. */
function scopeConditions(scope: Scope, filters: KpiFilters, table: string, bind: (value: unknown) => string): string[] {
  const conditions: string[] = []
  if (scope.clientIds !== null) conditions.push(`${table}.client_id = any(${bind(scope.clientIds)}::uuid[])`)
  if (scope.hubIds !== null)
    conditions.push(`(${table}.hub_id = any(${bind(scope.hubIds)}::uuid[]) or ${table}.hub_id is null)`)
  if (filters.clientId !== undefined) conditions.push(`${table}.client_id = ${bind(filters.clientId)}::uuid`)
  if (filters.hubId !== undefined) conditions.push(`${table}.hub_id = ${bind(filters.hubId)}::uuid`)
  return conditions
}

export type PeriodSums = { readonly isCurrent: boolean; readonly currency: string; readonly sums: KpiSums }

/** Sums of two periods by currency. */
export async function readPeriodSums(
  db: Queryable,
  scope: Scope,
  filters: KpiFilters,
  current: Period,
  previous: Period,
): Promise<PeriodSums[]> {
  const days = { from: previous.from, to: current.to }
  const { from, sumsSql, values } = sourceOf(scope, filters, 'none', days, allParts)
  const n = values.length
  const rows = await db.query<SumsRow & { isCurrent: boolean; currency: string }>(
    `select k.day >= $${n + 1}::date as "isCurrent", k.currency, ${sumsSql} from ${from}
       and (k.day >= $${n + 1}::date or k.day <= $${n + 2}::date) group by 1, 2`,
    [...values, current.from, previous.to],
  )
  return rows.map((row) => ({ isCurrent: row.isCurrent, currency: row.currency, sums: sumsOf(row) }))
}

export type BucketSums = {
  readonly bucket: string
  readonly key: string | null
  readonly currency: string
  readonly sums: KpiSums
}

export type BucketCut = {
  readonly interval: 'day' | 'week' | 'month'
  readonly dimension: KpiDimension
  readonly parts: readonly KpiPart[]
}

export async function readBucketSums(
  db: Queryable,
  scope: Scope,
  filters: KpiFilters,
  period: Period,
  { interval, dimension, parts }: BucketCut,
): Promise<BucketSums[]> {
  const { from, keySql, sumsSql, values } = sourceOf(scope, filters, dimension, period, parts)
  const rows = await db.query<SumsRow & { bucket: string; key: string | null; currency: string }>(
    `select to_char(date_trunc($${values.length + 1}, k.day::timestamp), 'YYYY-MM-DD') as bucket, ${keySql} as key, k.currency, ${sumsSql} from ${from} group by 1, 2, 3`,
    [...values, interval],
  )
  return rows.map((row) => ({ bucket: row.bucket, key: row.key, currency: row.currency, sums: sumsOf(row) }))
}

export type OpenUnits = { readonly open: number; readonly overdue: number; readonly reserved: number }

/** Units that are open now; those past the due time of their stage; those that have a place at a hub and are on their way. */
export async function readOpenUnits(db: Queryable, scope: Scope, filters: KpiFilters, now: Date): Promise<OpenUnits> {
  const values: unknown[] = [now]
  const bind = (value: unknown) => `$${values.push(value)}`
  const conditions = scopeConditions(scope, filters, 'r', bind)
  if (filters.categoryId !== undefined) conditions.push(`r.category_id = ${bind(filters.categoryId)}`)
  if (filters.saleChannel !== undefined) conditions.push(`r.sale_channel = ${bind(filters.saleChannel)}`)
  const stages = `('recommended', 'hub_assigned', 'received', 'quality_check', 'disposition')`
  // The stage is the same in both tables; said twice, either index can find the few open among all.
  const joined =
    conditions.length === 0
      ? `where w.stage in ${stages}`
      : `join return_items r on r.id = w.return_id where w.stage in ${stages} and r.stage in ${stages} and ${conditions.join(' and ')}`
  const [row] = await db.query<OpenUnits & Record<string, unknown>>(
    `select count(*) as open, count(*) filter (where w.due_at < $1) as overdue, count(*) filter (where w.stage = 'hub_assigned') as reserved
     from processing_workflows w ${joined}`,
    values,
  )
  return row!
}
