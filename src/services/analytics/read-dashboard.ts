import type { Dashboard, DashboardQuery, Figure } from '#contracts/analytics.ts'
import type { Actor, Context } from '#context.ts'
import { timezone } from './kpi-columns.ts'
import { readKpiLag } from './kpi-store.ts'
import { readOpenUnits, readPeriodSums, type PeriodSums } from './kpi-sums-store.ts'
import { kpiDefinitions, type KpiDefinition, type KpiSums } from './kpis.ts'
import { addDays, periodOf, previousOf, startOf, type Period } from './periods.ts'
import { addSums, noSums } from './sums.ts'

/** Key figures of a period beside those of the period before it, for what the actor may see. */
export async function readDashboard(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  query: DashboardQuery,
): Promise<Dashboard> {
  const { from, to, ...filters } = query
  const now = new Date(ctx.now())
  const period = periodOf(from, to, ctx.now())
  const previous = previousOf(period)
  const [rows, units, lag] = await Promise.all([
    readPeriodSums(ctx.db, actor, filters, period, previous),
    readOpenUnits(ctx.db, actor, filters, now),
    readKpiLag(ctx.db, now),
  ])
  return {
    period,
    previous,
    kpis: kpiDefinitions.map((definition) => figureOf(definition, rows, period, filters)),
    onTime: {
      share: units.open === 0 ? null : 1 - units.overdue / units.open,
      open: units.open,
      overdue: units.overdue,
      formula: 'open units that are not past the due time of their stage / open units, at this moment',
      list: link({ ...filters, stage: 'in:recommended,hub_assigned,received,quality_check,disposition' }),
    },
    reservations: {
      count: units.reserved,
      formula: 'units on their way that have a place at a hub, at this moment',
      list: link({ ...filters, stage: 'hub_assigned' }),
    },
    timezone,
    asOf: lag.asOf.toISOString(),
    lagSeconds: lag.lagSeconds,
  }
}

function figureOf(
  definition: KpiDefinition,
  rows: readonly PeriodSums[],
  period: Period,
  filters: Readonly<Record<string, string | undefined>>,
): Figure {
  const { id, name, formula, unit, isMonetary } = definition
  const currencies = [...new Set(rows.map((row) => row.currency))].toSorted()
  const valueOf = (isCurrent: boolean, currency: string | null) => {
    const sums = rows
      .filter((row) => row.isCurrent === isCurrent && (currency === null || row.currency === currency))
      .map((row) => row.sums)
    return definition.of(sums.reduce<KpiSums>(addSums, noSums))
  }
  // Amounts of different currencies have no sum.
  const isMixed = isMonetary && currencies.length > 1
  return {
    id,
    name,
    formula,
    unit,
    value: isMixed ? null : valueOf(true, null),
    previous: isMixed ? null : valueOf(false, null),
    byCurrency: isMonetary
      ? currencies.map((currency) => ({ currency, value: valueOf(true, currency), previous: valueOf(false, currency) }))
      : [],
    list: definition.list === null ? null : listOf(definition.list, period, filters),
  }
}

function listOf(
  list: NonNullable<KpiDefinition['list']>,
  period: Period,
  filters: Readonly<Record<string, string | undefined>>,
): string {
  return link({ ...filters, ...list.more }, [
    [list.time, `gte:${startOf(period.from).toISOString()}`],
    [list.time, `lt:${startOf(addDays(period.to, 1)).toISOString()}`],
  ])
}

function link(
  filters: Readonly<Record<string, string | undefined>>,
  more: readonly (readonly [string, string])[] = [],
): string {
  const params = new URLSearchParams()
  for (const [field, value] of [...Object.entries(filters), ...more])
    if (value !== undefined) params.append(`filter[${field}]`, value)
  return `/returns?${params.toString()}`
}
