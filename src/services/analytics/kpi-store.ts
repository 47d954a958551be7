import type { Queryable, Transaction } from '#platform/db/port.ts'
import { cycleColumns, dimensions, kpiColumns } from './kpi-columns.ts'
import { unitColumns, type KpiUnit } from './kpi-units.ts'

export const subscriberName = 'analytics'

const key = 'day, client_id, hub_id, split, value, currency'
const added = [...kpiColumns, ...cycleColumns]
const perUnit = [
  ...kpiColumns.map((column) => `sum(c.sign * f.${column}) as ${column}`),
  ...cycleColumns.map((column, bucket) => `sum(c.sign) filter (where f.cycle_bucket = ${bucket}) as ${column}`),
].join(', ')
const cuts = [
  `('all', '', c.client_id, c.hub_id)`,
  ...Object.entries(dimensions).map(([split, column]) => `('${split}', coalesce(c.${column}, ''), null, null)`),
].join(', ')
const inserted = `insert into kpi_daily (${key}, ${added.join(', ')})
  select ${key}, ${added.map((column) => `coalesce(${column}, 0)`).join(', ')} from days`

function planner(scans: 'on' | 'off'): string {
  return ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']
    .map((name) => `set local ${name} = ${scans}`)
    .join('; ')
}

/** Adds to the figures what the rows of `change` count, each with its sign. */
async function addChange(tx: Transaction, name: string, change: string, values: readonly unknown[]): Promise<void> {
  // The plan is kept, for making it takes longer than running it: it must not scan tables that will have grown.
  await tx.query(planner('off'))
  await tx.query({
    name,
    text: `with ${change},
       counted as (
         select f.day, s.client_id::uuid, s.hub_id::uuid, s.split, s.value, c.currency, ${perUnit}
         from change c cross join lateral kpi_facts(c.unit) f
           cross join lateral (values ${cuts}) as s (split, value, client_id, hub_id)
         group by f.day, s.client_id, s.hub_id, s.split, s.value, c.currency),
       days as (select * from counted where ${added.map((column) => `${column} <> 0`).join(' or ')})
     ${inserted}
     on conflict (split, value, day, client_id, hub_id, currency) do update
       set ${added.map((column) => `${column} = kpi_daily.${column} + excluded.${column}`).join(', ')}`,
    values,
  })
  await tx.query(planner('on'))
  await tx.query('delete from kpi_daily where is_empty')
}

export async function readKpiUnits(db: Queryable, returnIds: readonly string[]): Promise<KpiUnit[]> {
  const rows = await db.query(
    `select ${unitColumns.select('u')} from kpi_units u where u.return_id = any($1::uuid[])`,
    [returnIds],
  )
  return rows.map(unitColumns.fromRow)
}

/** Takes what these units counted before out of the figures and puts in what they count now. */
export async function moveKpis(tx: Transaction, units: readonly KpiUnit[]): Promise<void> {
  if (units.length === 0) return
  await addChange(
    tx,
    'move_kpis',
    `next as (select n as unit from json_populate_recordset(null::kpi_units, $1::json) n),
     change as (
       select -1 as sign, (u.unit).*, u.unit from (select k as unit from kpi_units k join next on (next.unit).return_id = k.return_id) u
       union all select 1, (next.unit).*, next.unit from next)`,
    [unitColumns.toJson(units)],
  )
  await writeKpiUnits(tx, units)
}

/** Stops the subscriber of this process and every other until the transaction ends; answers how far it was. */
export async function lockKpis(tx: Transaction): Promise<number> {
  await tx.query('insert into subscriptions (name) values ($1) on conflict do nothing', [subscriberName])
  const [row] = await tx.query<{ seq: number }>('select seq from subscriptions where name = $1 for no key update', [
    subscriberName,
  ])
  return row!.seq
}

export async function clearKpis(tx: Transaction): Promise<void> {
  await tx.query('delete from kpi_daily')
  await tx.query('delete from kpi_units')
}

export async function removeClientUnits(tx: Transaction, clientId: string): Promise<void> {
  await tx.query('delete from kpi_units where client_id = $1', [clientId])
}

export async function removeClientKpis(tx: Transaction, clientId: string): Promise<void> {
  await addChange(
    tx,
    'remove_kpis',
    `change as (select -1 as sign, k.*, k as unit from kpi_units k where k.client_id = $1)`,
    [clientId],
  )
  await removeClientUnits(tx, clientId)
}

export async function writeKpiUnits(tx: Transaction, units: readonly KpiUnit[]): Promise<void> {
  if (units.length === 0) return
  await tx.query({
    name: 'write_kpi_units',
    text: `insert into kpi_units (${unitColumns.list}) select ${unitColumns.list} from json_populate_recordset(null::kpi_units, $1::json)
      on conflict (return_id) do update set ${unitColumns.overwrite(['returnId'])}`,
    values: [unitColumns.toJson(units)],
  })
}

/** All figures from the units: the steps of all units once, then each split by itself, so that its groups fit into memory. */
export async function sumKpiUnits(tx: Transaction): Promise<void> {
  await tx.query(`set local work_mem = '128MB'`)
  await tx.query(
    `create temp table kpi_steps on commit drop as select u.client_id, u.hub_id, ${Object.values(dimensions)
      .map((column) => `u.${column}`)
      .join(', ')}, u.currency, f.* from kpi_units u cross join lateral kpi_facts(u) f`,
  )
  await sumSplit(tx, 'all', `client_id, hub_id, ''`)
  for (const [split, column] of Object.entries(dimensions))
    await sumSplit(tx, split, `null::uuid as client_id, null::uuid as hub_id, coalesce(${column}, '')`)
  await tx.query('drop table kpi_steps')
}

async function sumSplit(tx: Transaction, split: string, cut: string): Promise<void> {
  await tx.query(
    `with days as (
       select day, ${cut} as value, '${split}' as split, currency,
         ${kpiColumns.map((column) => `sum(${column}) as ${column}`).join(', ')},
         ${cycleColumns.map((column, bucket) => `count(*) filter (where cycle_bucket = ${bucket}) as ${column}`).join(', ')}
       from kpi_steps group by 1, 2, 3, 4, 6)
     ${inserted}`,
  )
}

/** Events after one place in the log, up to another. */
export async function readEvents(
  tx: Transaction,
  afterSeq: number,
  untilSeq: number,
  limit: number,
): Promise<{ seq: number; stream: string; type: string; data: Record<string, unknown>; at: Date }[]> {
  return tx.query('select seq, stream, type, data, at from events where seq > $1 and seq <= $2 order by seq limit $3', [
    afterSeq,
    untilSeq,
    limit,
  ])
}

/** As of when the figures stand: the age of the oldest event that they do not contain yet; zero when they contain all. */
export async function readKpiLag(db: Queryable, now: Date): Promise<{ asOf: Date; lagSeconds: number }> {
  const [row] = await db.query<{ at: Date | null }>(
    `select e.at from log_head h left join subscriptions s on s.name = $1
     left join events e on e.seq = coalesce(s.seq, 0) + 1 and e.seq <= h.seq`,
    [subscriberName],
  )
  const at = row?.at ?? null
  if (at === null || at > now) return { asOf: now, lagSeconds: 0 }
  return { asOf: at, lagSeconds: (now.getTime() - at.getTime()) / 1000 }
}
