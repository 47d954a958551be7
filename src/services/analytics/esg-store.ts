import type { EsgReport, KpiFilters } from '#contracts/analytics.ts'
import type { EsgTotal, EsgTotals } from '#contracts/esg.ts'
import type { Queryable, Row } from '#platform/db/port.ts'
import type { Scope } from './kpi-sums-store.ts'

/** The same sums as `sumEsg`, made by the database. `inventory` is the total of its three parts. */
const parts = ['inventory', 'transport', 'hub', 'treatment', 'avoided'] as const

type Bound = { readonly from: string; readonly values: unknown[] }

/** Credits of the period that the scope may see; those of reversed dispositions only where they are asked for. */
function creditsOf(scope: Scope, filters: KpiFilters, from: Date, to: Date, execution: 'done' | 'reversed'): Bound {
  const values: unknown[] = [from, to, execution]
  const conditions = ['m.credited_at >= $1', 'm.credited_at < $2', 'd.execution = $3']
  const add = (condition: (place: string) => string, value: unknown) => {
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  if (scope.clientIds !== null) add((p) => `m.client_id = any(${p}::uuid[])`, scope.clientIds)
  if (scope.hubIds !== null) add((p) => `(m.hub_id = any(${p}::uuid[]) or m.hub_id is null)`, scope.hubIds)
  if (filters.clientId !== undefined) add((p) => `m.client_id = ${p}::uuid`, filters.clientId)
  if (filters.hubId !== undefined) add((p) => `m.hub_id = ${p}::uuid`, filters.hubId)
  if (filters.categoryId !== undefined) add((p) => `m.category_id = ${p}`, filters.categoryId)
  if (filters.saleChannel !== undefined)
    add(
      (p) => `exists (select from return_items r where r.id = m.return_id and r.sale_channel = ${p})`,
      filters.saleChannel,
    )
  return {
    from: `from esg_metrics m join dispositions d on d.id = m.disposition_id where ${conditions.join(' and ')}`,
    values,
  }
}

/** The numbers of one credit, each taken out of its JSON once. */
const creditColumns = parts
  .flatMap((part) => [
    ...['grams', 'p05', 'p95'].map((name) => `(m.body #>> '{${part},${name}}')::bigint as ${part}_${name}`),
    `(m.body #>> '{${part},quality}')::integer as ${part}_quality`,
  ])
  .join(', ')
const partColumns = parts
  .flatMap((part) => [
    ...['grams', 'p05', 'p95'].map((name) => `coalesce(sum(c.${part}_${name}), 0)::bigint as ${part}_${name}`),
    `count(c.${part}_grams) as ${part}_items`,
    ...[1, 2, 3, 4, 5].map(
      (q) => `coalesce(sum(abs(c.${part}_grams)) filter (where c.${part}_quality = ${q}), 0)::bigint as ${part}_q${q}`,
    ),
  ])
  .join(', ')

function totalOf(row: Record<string, unknown>, part: string, items: number): EsgTotal {
  const at = (name: string) => row[`${part}_${name}`] as number
  const byQuality = [1, 2, 3, 4, 5].map((q) => at(`q${q}`))
  const weight = byQuality.reduce((sum, grams) => sum + grams, 0)
  return {
    grams: at('grams'),
    p05: at('p05'),
    p95: at('p95'),
    items: at('items'),
    missingItems: items - at('items'),
    shareByQuality: byQuality.map((grams) => (weight === 0 ? 0 : grams / weight)),
  }
}

export type EsgSums = {
  readonly totals: EsgTotals
  readonly byDisposition: EsgReport['byDisposition']
  readonly byMassSource: EsgReport['byMassSource']
  readonly factorsVersions: readonly string[]
  readonly reversedItems: number
}

const splitColumns = `count(*) as items, sum(m.mass_grams)::bigint as "massGrams", sum(m.diverted_grams)::bigint as "divertedGrams",
  coalesce(sum(m.inventory_grams), 0)::bigint as "inventoryGrams", coalesce(sum(m.avoided_grams), 0)::bigint as "avoidedGrams"`

export async function readEsgSums(
  db: Queryable,
  scope: Scope,
  filters: KpiFilters,
  from: Date,
  to: Date,
): Promise<EsgSums> {
  const done = creditsOf(scope, filters, from, to, 'done')
  const run = <T extends Row>(select: string, more = '', group = '') =>
    db.query<T>(`select ${select} ${done.from.replace(' where ', ` ${more} where `)} ${group}`, done.values)
  const [sums] = await db.query(
    `with c as materialized (select m.mass_grams, m.diverted_grams, ${creditColumns} ${done.from})
     select count(*) as items, coalesce(sum(c.mass_grams), 0)::bigint as mass, coalesce(sum(c.diverted_grams), 0)::bigint as diverted, ${partColumns} from c`,
    done.values,
  )
  const streams = await run<EsgTotals['streams'][number]>(
    `m.waste_stream as "wasteStream", m.body ->> 'fate' as fate, count(*) as items, sum(m.mass_grams)::bigint as "massGrams"`,
    '',
    `group by 1, 2 order by m.waste_stream || ' ' || (m.body ->> 'fate') collate "C"`,
  )
  const scopes = await run<EsgTotals['scopes'][number]>(
    `(s ->> 'scope')::integer as scope, (s ->> 'category')::integer as category, sum((s ->> 'grams')::bigint)::bigint as grams`,
    `cross join lateral jsonb_array_elements(m.body -> 'scopes') s`,
    'group by 1, 2 order by 1, 2 nulls first',
  )
  // A unit has a gap once, however often its credit tells of it.
  const gaps = await run<EsgTotals['gaps'][number]>(
    `g.part, g.code, count(*) as items`,
    `cross join lateral (select distinct e ->> 'part' as part, e ->> 'code' as code from jsonb_array_elements(m.body -> 'gaps') e) g`,
    `group by 1, 2 order by g.part || ' ' || g.code collate "C"`,
  )
  const versions = await run<{ method: string; factors: string }>(
    `distinct m.method_version as method, m.body ->> 'factorsVersion' as factors`,
  )
  const bases = await run<{ base: string }>(
    'distinct b as base',
    `cross join lateral jsonb_array_elements_text(m.body -> 'gwpBases') b`,
  )
  const byDisposition = await run<EsgReport['byDisposition'][number]>(
    `m.disposition as key, ${splitColumns}`,
    '',
    'group by 1 order by 1',
  )
  const byMassSource = await run<EsgReport['byMassSource'][number]>(
    `m.body ->> 'massSource' as key, ${splitColumns}`,
    '',
    'group by 1 order by 1',
  )
  const reversed = creditsOf(scope, filters, from, to, 'reversed')
  const [taken] = await db.query<{ n: number }>(`select count(*) as n ${reversed.from}`, reversed.values)
  const { items, mass, diverted } = sums as { items: number; mass: number; diverted: number }
  const [inventory, transport, hub, treatment, avoided] = parts.map((part) => totalOf(sums!, part, items))
  return {
    totals: {
      items,
      massGrams: mass,
      divertedGrams: diverted,
      disposedGrams: mass - diverted,
      diversionShare: mass === 0 ? null : diverted / mass,
      inventory: inventory!,
      transport: transport!,
      hub: hub!,
      treatment: treatment!,
      avoided: avoided!,
      streams,
      scopes,
      gaps,
      methodVersions: distinct(versions.map((row) => row.method)),
      gwpBases: distinct(bases.map((row) => row.base)),
    },
    byDisposition,
    byMassSource,
    factorsVersions: distinct(versions.map((row) => row.factors)),
    reversedItems: taken!.n,
  }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted()
}
