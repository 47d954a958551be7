import type { DashboardQuery, EsgReport } from '#contracts/analytics.ts'
import { fates } from '#contracts/esg.ts'
import type { Actor, Context } from '#context.ts'
import { readEsgSums } from './esg-store.ts'
import { timezone } from './kpi-columns.ts'
import { addDays, periodOf, startOf } from './periods.ts'

const statementTimeoutMs = 60_000

const says = [
  'Inventory is what our handling emitted: transport, hub and treatment. Avoided emissions are a comparison with new production; they stand apart and are never netted against the inventory.',
  'Ranges run from the 5th to the 95th percentile. Units share their factors, so the bounds of a total are the sums of the bounds: the widest that the parts allow.',
  'missingItems are units without a figure for a part; they are not in its sum, and not counted as zero. gaps say why.',
  'shareByQuality: the share of a figure that rests on data of quality 1 (measured) to 5 (default or assumption).',
  'Diverted mass is neither landfilled nor incinerated.',
  'Credits of reversed dispositions are left out; reversedItems says how many.',
]

/** Carbon and mass of the units closed in a period, summed over all credits by the database, from one snapshot. */
export async function readEsg(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  query: DashboardQuery,
): Promise<EsgReport> {
  const { from, to, ...filters } = query
  const period = periodOf(from, to, ctx.now())
  const sums = await ctx.db.transaction(
    (tx) => readEsgSums(tx, actor, filters, startOf(period.from), startOf(addDays(period.to, 1))),
    { readOnly: true, isolation: 'repeatable read', statementTimeoutMs },
  )
  const { massGrams, streams } = sums.totals
  return {
    period,
    says,
    totals: sums.totals,
    byDisposition: sums.byDisposition,
    byMassSource: sums.byMassSource,
    byFate: fates.map((fate) => {
      const own = streams.filter((stream) => stream.fate === fate)
      const grams = own.reduce((sum, stream) => sum + stream.massGrams, 0)
      return {
        fate,
        items: own.reduce((sum, stream) => sum + stream.items, 0),
        massGrams: grams,
        share: massGrams === 0 ? 0 : grams / massGrams,
      }
    }),
    reversedItems: sums.reversedItems,
    factorsVersions: [...sums.factorsVersions],
    timezone,
    asOf: new Date(ctx.now()).toISOString(),
  }
}
