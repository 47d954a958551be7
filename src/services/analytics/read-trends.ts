import type { Trends, TrendsQuery } from '#contracts/analytics.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { timezone } from './kpi-columns.ts'
import { readKpiLag } from './kpi-store.ts'
import { readBucketSums, type BucketSums } from './kpi-sums-store.ts'
import { definitionOf, type KpiDefinition, type KpiSums } from './kpis.ts'
import { bucketsOf, periodOf } from './periods.ts'
import { addSums, noSums } from './sums.ts'

const seriesMax = 20
const bucketsMax = 400

/** One measure over time, cut by one dimension. */
export async function readTrends(ctx: Pick<Context, 'db' | 'now'>, actor: Actor, query: TrendsQuery): Promise<Trends> {
  const { from, to, measure, interval, dimension, ...filters } = query
  const definition = definitionOf.get(measure)!
  const now = new Date(ctx.now())
  const period = periodOf(from, to, ctx.now())
  const buckets = bucketsOf(period, interval)
  if (buckets.length > bucketsMax) {
    throw refused(
      '/query/interval',
      'too_many_buckets',
      `${buckets.length} points are more than ${bucketsMax}: take a longer interval or a shorter period`,
    )
  }
  const [rows, lag] = await Promise.all([
    readBucketSums(ctx.db, actor, filters, period, {
      interval,
      dimension,
      parts: definition.parts,
    }),
    readKpiLag(ctx.db, now),
  ])
  return {
    measure,
    formula: definition.formula,
    unit: definition.unit,
    interval,
    dimension,
    period,
    buckets,
    series: seriesOf(definition, dimension, rows, buckets),
    timezone,
    asOf: lag.asOf.toISOString(),
    lagSeconds: lag.lagSeconds,
  }
}

function refused(pointer: string, code: string, detail: string): AppError {
  return new AppError('invalid', detail, { problem: code, errors: [{ pointer, code, detail }] })
}

/** The biggest first; what is beyond the first 20 is put together as `other`, before the measure is taken of it. */
function seriesOf(
  definition: KpiDefinition,
  dimension: TrendsQuery['dimension'],
  rows: readonly BucketSums[],
  buckets: readonly string[],
): Trends['series'] {
  const byKey = new Map<string, { key: string | null; currency: string | null; sums: Map<string, KpiSums> }>()
  for (const row of rows) {
    const currency = definition.isMonetary ? row.currency : null
    const id = `${currency ?? ''}|${row.key ?? ''}`
    const series = byKey.get(id) ?? { key: row.key, currency, sums: new Map<string, KpiSums>() }
    const earlier = series.sums.get(row.bucket)
    series.sums.set(row.bucket, earlier === undefined ? row.sums : addSums(earlier, row.sums))
    byKey.set(id, series)
  }
  const all = [...byKey.values()]
    .map((series) => ({
      ...series,
      weight: [...series.sums.values()].reduce((sum, s) => sum + weightOf(s, definition.parts), 0),
    }))
    .filter((series) => series.weight > 0)
    .toSorted((a, b) => b.weight - a.weight || compare(`${a.currency}${a.key}`, `${b.currency}${b.key}`))
  if (all.length === 0 && dimension === 'none' && !definition.isMonetary)
    return [{ key: null, currency: null, values: buckets.map(() => definition.of(noSums)) }]
  const shown = all.length > seriesMax ? all.slice(0, seriesMax - 1) : all
  const others = new Map<string | null, Map<string, KpiSums>>()
  for (const { currency, sums } of all.slice(shown.length)) {
    const folded = others.get(currency) ?? new Map<string, KpiSums>()
    for (const [bucket, s] of sums) folded.set(bucket, addSums(folded.get(bucket) ?? noSums, s))
    others.set(currency, folded)
  }
  return [...shown, ...[...others].map(([currency, sums]) => ({ key: 'other', currency, sums }))].map(
    ({ key, currency, sums }) => ({
      key,
      currency,
      values: buckets.map((bucket) => definition.of(sums.get(bucket) ?? noSums)),
    }),
  )
}

/** How much there is of what the measure is made of. */
function weightOf(sums: KpiSums, parts: KpiDefinition['parts']): number {
  return parts.reduce(
    (total, part) => total + (part === 'cycles' ? sums.cycles.reduce((sum, n) => sum + n, 0) : Math.abs(sums[part])),
    0,
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
