import type { KpiFilters } from '#contracts/analytics.ts'
import type { Actor } from '#context.ts'
import type { Queryable } from '#platform/db/port.ts'
import { cycleColumns, kpiColumns, type KpiColumn, type Split } from './kpi-columns.ts'
import type { KpiSums } from './kpis.ts'
import type { Period } from './periods.ts'

export type Scope = Pick<Actor, 'clientIds' | 'hubIds'>
export type KpiDimension =
  | 'none'
  | 'hub'
  | 'client'
  | 'category'
  | 'sale_channel'
  | 'return_type'
  | 'reason'
  | 'disposition'

const sumOf = (column: string) => `sum(k.${column})::bigint as ${column}`
const plainSql = kpiColumns.map(sumOf).join(', ')
const sumsSql = [...kpiColumns, ...cycleColumns].map(sumOf).join(', ')

type SumsRow = Readonly<Record<KpiColumn, number>> & Record<string, unknown>

function sumsOf(row: SumsRow): KpiSums {
  const sums = Object.fromEntries(kpiColumns.map((column) => [column, row[column]])) as Record<KpiColumn, number>
  return { ...sums, cycles: cycleColumns.map((column) => (row[column] as number | undefined) ?? 0) }
}

/** Where the rows stand that cut the units by this dimension and these filters; null where no split has both. */
export function cutOf(dimension: KpiDimension, filters: KpiFilters): { split: Split; keySql: string } | null {
  const byCategory = dimension === 'category' || filters.categoryId !== undefined
  const byChannel = dimension === 'sale_channel' || filters.saleChannel !== undefined
  if (dimension === 'return_type' || dimension === 'reason' || dimension === 'disposition') {
    return byCategory || byChannel ? null : { split: dimension, keySql: 'k.value' }
  }
  const split =
    byCategory && byChannel ? 'category_sale_channel' : byCategory ? 'category' : byChannel ? 'sale_channel' : 'all'
  if (dimension === 'hub') return { split, keySql: 'k.hub_id::text' }
  if (dimension === 'client') return { split, keySql: 'k.client_id::text' }
  if (dimension === 'none') return { split, keySql: `''` }
  if (split !== 'category_sale_channel') return { split, keySql: 'k.value' }
  return { split, keySql: `split_part(k.value, '|', ${dimension === 'category' ? 1 : 2})` }
}

type Where = { readonly conditions: string[]; readonly values: unknown[] }

function whereOf(scope: Scope, filters: KpiFilters, split: Split): Where {
  const where: Where = { conditions: [], values: [] }
  const add = (condition: (place: string) => string, value: unknown) => {
    where.values.push(value)
    where.conditions.push(condition(`$${where.values.length}`))
  }
  add((p) => `k.split = ${p}`, split)
  // The same rule as in lists: a unit that no hub holds yet is everybody's whose clients include it.
  if (scope.clientIds !== null) add((p) => `k.client_id = any(${p}::uuid[])`, scope.clientIds)
  if (scope.hubIds !== null) add((p) => `(k.hub_id = any(${p}::uuid[]) or k.hub_id is null)`, scope.hubIds)
  if (filters.clientId !== undefined) add((p) => `k.client_id = ${p}::uuid`, filters.clientId)
  if (filters.hubId !== undefined) add((p) => `k.hub_id = ${p}::uuid`, filters.hubId)
  const { categoryId, saleChannel } = filters
  // Without a dimension there is one value to look for, and the index finds it.
  if (split === 'all') add((p) => `k.value = ${p}`, '')
  else if (split === 'category_sale_channel' && categoryId !== undefined && saleChannel !== undefined) {
    add((p) => `k.value = ${p}`, `${categoryId}|${saleChannel}`)
  } else if (split === 'category_sale_channel') {
    if (categoryId !== undefined) add((p) => `split_part(k.value, '|', 1) = ${p}`, categoryId)
    if (saleChannel !== undefined) add((p) => `split_part(k.value, '|', 2) = ${p}`, saleChannel)
  } else if (categoryId !== undefined || saleChannel !== undefined) {
    add((p) => `k.value = ${p}`, categoryId ?? saleChannel)
  }
  return where
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
  const { split } = cutOf('none', filters)!
  const { conditions, values } = whereOf(scope, filters, split)
  const n = values.length
  const rows = await db.query<SumsRow & { isCurrent: boolean; currency: string }>(
    `select k.day >= $${n + 1}::date as "isCurrent", k.currency, ${sumsSql} from kpi_daily k
     where ${conditions.join(' and ')} and k.day between $${n + 3}::date and $${n + 2}::date
       and (k.day >= $${n + 1}::date or k.day <= $${n + 4}::date) group by 1, 2`,
    [...values, current.from, current.to, previous.from, previous.to],
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
  readonly cut: { readonly split: Split; readonly keySql: string }
  /** The classes of cycle time are most of a row's columns, and one measure alone asks for them. */
  readonly needsCycles: boolean
}

export async function readBucketSums(
  db: Queryable,
  scope: Scope,
  filters: KpiFilters,
  period: Period,
  { interval, cut, needsCycles }: BucketCut,
): Promise<BucketSums[]> {
  const { conditions, values } = whereOf(scope, filters, cut.split)
  const n = values.length
  const rows = await db.query<SumsRow & { bucket: string; key: string | null; currency: string }>(
    `select to_char(date_trunc($${n + 1}, k.day::timestamp), 'YYYY-MM-DD') as bucket, nullif(${cut.keySql}, '') as key, k.currency, ${needsCycles ? sumsSql : plainSql}
     from kpi_daily k where ${conditions.join(' and ')} and k.day between $${n + 2}::date and $${n + 3}::date group by 1, 2, 3`,
    [...values, interval, period.from, period.to],
  )
  return rows.map((row) => ({ bucket: row.bucket, key: row.key, currency: row.currency, sums: sumsOf(row) }))
}

/** Units that are open now, and those of them that are past the due time of their stage. */
export async function readOnTime(
  db: Queryable,
  scope: Scope,
  filters: KpiFilters,
  now: Date,
): Promise<{ open: number; overdue: number }> {
  const { split } = cutOf('none', filters)!
  const { conditions, values } = whereOf(scope, filters, split)
  const [open] = await db.query<{ open: number | null }>(
    `select sum(k.submitted - k.completed - k.cancelled - k.rejected)::bigint as open from kpi_daily k where ${conditions.join(' and ')}`,
    values,
  )
  const units: string[] = []
  const bound: unknown[] = [now]
  const add = (condition: (place: string) => string, value: unknown) => {
    bound.push(value)
    units.push(condition(`$${bound.length}`))
  }
  if (scope.clientIds !== null) add((p) => `r.client_id = any(${p}::uuid[])`, scope.clientIds)
  if (scope.hubIds !== null) add((p) => `(r.hub_id = any(${p}::uuid[]) or r.hub_id is null)`, scope.hubIds)
  if (filters.clientId !== undefined) add((p) => `r.client_id = ${p}::uuid`, filters.clientId)
  if (filters.hubId !== undefined) add((p) => `r.hub_id = ${p}::uuid`, filters.hubId)
  if (filters.categoryId !== undefined) add((p) => `r.category_id = ${p}`, filters.categoryId)
  if (filters.saleChannel !== undefined) add((p) => `r.sale_channel = ${p}`, filters.saleChannel)
  const joined = units.length === 0 ? '' : 'join return_items r on r.id = w.return_id'
  // Stages are named so that the index on (stage, due_at) finds the overdue without a look at the others.
  const [overdue] = await db.query<{ overdue: number }>(
    `select count(*) as overdue from processing_workflows w ${joined}
     where w.stage in ('recommended', 'hub_assigned', 'received', 'quality_check', 'disposition') and w.due_at < $1
     ${units.map((condition) => `and ${condition}`).join(' ')}`,
    bound,
  )
  return { open: open?.open ?? 0, overdue: overdue!.overdue }
}
