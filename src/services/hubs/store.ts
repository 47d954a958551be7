import type { Hub } from '#contracts/hubs.ts'
import { columnsOf } from '#kernel/columns.ts'
import type { Database, Queryable, Statement, Transaction } from '#platform/db/port.ts'

/** The row of `hubs`; places stand in `hub_capacity`. */
export type HubRow = {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly status: 'active' | 'paused' | 'closed'
  readonly pincode: string
  readonly lat: number
  readonly lng: number
  readonly timezone: string
  readonly capabilities: readonly string[]
  readonly minutesPerDay: number
  readonly clientIds: readonly string[] | null
  readonly isDemo: boolean
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

export const hubColumns = columnsOf<HubRow>([
  'id',
  'code',
  'name',
  'status',
  'pincode',
  'lat',
  'lng',
  'timezone',
  'capabilities',
  'minutesPerDay',
  'clientIds',
  'isDemo',
  'version',
  'createdAt',
  'updatedAt',
])

export type HubPlaces = HubRow & { readonly capacity: number; readonly usedCapacity: number }

/** Hubs that take units now, with their places, in id order. */
export async function readActiveHubs(db: Database): Promise<HubPlaces[]> {
  const rows = await db.lookup({
    name: 'active_hubs',
    text: `select ${hubColumns.select('h')}, c.capacity, c.used_capacity as "usedCapacity"
      from hubs h join hub_capacity c on c.hub_id = h.id where h.status = 'active' order by h.id`,
  })
  return rows.map(placesFromRow)
}

export function placesFromRow(row: Record<string, unknown>): HubPlaces {
  return { ...hubColumns.fromRow(row), capacity: row.capacity as number, usedCapacity: row.usedCapacity as number }
}

export function hubFromPlaces(places: HubPlaces): Hub {
  const { isDemo: _, ...hub } = places
  return {
    ...hub,
    capabilities: [...hub.capabilities] as Hub['capabilities'],
    clientIds: hub.clientIds === null ? null : [...hub.clientIds],
  }
}

/** One hub with its places; `forChange` locks it for the rest of the transaction. */
export async function readHubRow(db: Queryable, id: string, forChange: boolean): Promise<HubPlaces | null> {
  const rows = await db.query(
    `select ${hubColumns.select('h')}, c.capacity, c.used_capacity as "usedCapacity"
     from hubs h join hub_capacity c on c.hub_id = h.id where h.id = $1${forChange ? ' for no key update of h' : ''}`,
    [id],
  )
  return rows[0] === undefined ? null : placesFromRow(rows[0])
}

/** Writes hub rows as their events tell them. */
export async function writeHubs(
  tx: Transaction,
  rows: readonly (HubRow & { readonly capacity: number })[],
): Promise<void> {
  if (rows.length === 0) return
  await tx.query(
    `insert into hubs (${hubColumns.list}) select ${hubColumns.list} from json_populate_recordset(null::hubs, $1::json)
     on conflict (id) do update set ${hubColumns.overwrite(['id', 'createdAt'])}`,
    [hubColumns.toJson(rows)],
  )
  await tx.query(
    `insert into hub_capacity (hub_id, capacity) select * from unnest($1::uuid[], $2::integer[]) as n (hub_id, capacity) order by hub_id
     on conflict (hub_id) do update set capacity = excluded.capacity`,
    [rows.map((r) => r.id), rows.map((r) => r.capacity)],
  )
}

/**
 * Takes and gives back places, as many hubs at once as there are, locked in id order. The table's check refuses
 * (SQLSTATE 23514) when a hub would hold more units than it has places for.
 */
export function capacityStatements(deltas: ReadonlyMap<string, number>): Statement[] {
  const moved = [...deltas].filter(([, delta]) => delta !== 0)
  if (moved.length === 0) return []
  return [
    {
      name: 'move_capacity',
      text: `with moved as (select hub_id, delta from unnest($1::uuid[], $2::integer[]) as m (hub_id, delta)),
        locked as materialized (
          select c.hub_id from hub_capacity c where c.hub_id in (select hub_id from moved) order by c.hub_id for no key update
        )
        update hub_capacity c set used_capacity = c.used_capacity + m.delta
        from moved m join locked l on l.hub_id = m.hub_id where c.hub_id = m.hub_id`,
      values: [moved.map(([hubId]) => hubId), moved.map(([, delta]) => delta)],
    },
  ]
}

/** Takes the locks of these counters before anything else: the slow, certain way when optimistic tries have failed. */
export async function lockCapacity(tx: Transaction): Promise<void> {
  await tx.query('select hub_id from hub_capacity order by hub_id for no key update')
}

export async function readDemoHubIds(db: Queryable): Promise<string[]> {
  return (await db.query<{ id: string }>('select id from hubs where is_demo order by id')).map((row) => row.id)
}

/** Benches and racks are no part of the log: a replay must not touch them. */
export async function removeLocations(tx: Transaction, hubIds: readonly string[]): Promise<void> {
  await tx.query('delete from locations where hub_id = any($1::uuid[])', [hubIds])
}

export async function removeHubs(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.query('delete from hub_capacity where hub_id = any($1::uuid[])', [ids])
  await tx.query('delete from hubs where id = any($1::uuid[])', [ids])
}
