import type { Unassigned } from '#contracts/hub-board.ts'
import type { Queryable } from '#platform/db/port.ts'
import { hubColumns, placesFromRow, type HubPlaces } from './store.ts'

/** Hubs that are not closed, by code. */
export async function readBoardHubs(db: Queryable): Promise<HubPlaces[]> {
  const rows = await db.query(
    `select ${hubColumns.select('h')}, c.capacity, c.used_capacity as "usedCapacity"
     from hubs h join hub_capacity c on c.hub_id = h.id where h.status <> 'closed' order by h.code`,
  )
  return rows.map(placesFromRow)
}

export type Queue = {
  readonly hubId: string
  readonly stage: string
  readonly units: number
  readonly overdue: number
  readonly oldestDueAt: Date | null
}

/** Open units of all hubs by stage, and how many of them are past their due time at `at`. */
export async function readQueues(db: Queryable, at: Date): Promise<Queue[]> {
  return db.query<Queue>(
    `select r.hub_id as "hubId", r.stage, count(*) as units, count(*) filter (where w.due_at < $1) as overdue,
       min(w.due_at) filter (where w.due_at < $1) as "oldestDueAt"
     from return_items r join processing_workflows w on w.return_id = r.id
     where r.hub_id is not null and r.stage not in ('completed', 'rejected', 'cancelled') group by 1, 2`,
    [at],
  )
}

const unassigned = `hub_id is null and stage in ('submitted', 'validated', 'recommended')`

/** What changes when the list of units without a hub does. */
export async function readUnassignedMark(db: Queryable): Promise<string> {
  const [row] = await db.query<{ mark: string }>(
    `select concat(count(*), ' ', max(updated_at), ' ', sum(version)) as mark from return_items where ${unassigned}`,
  )
  return row!.mark
}

type UnassignedRow = Omit<Unassigned['units'][number], 'since'> & { readonly since: Date; readonly total: number }

/** Open units without a hub that the caller may see, longest waiting first; each row tells how many there are in all. */
export async function readUnassignedUnits(
  db: Queryable,
  clientIds: readonly string[] | null,
  limit: number,
): Promise<UnassignedRow[]> {
  return db.query<UnassignedRow>(
    `select id, lpn, title, pickup_pincode as "pickupPincode", review_reasons as "reviewReasons", created_at as since,
       version, count(*) over () as total
     from return_items where ${unassigned} and ($1::uuid[] is null or client_id = any($1))
     order by created_at, id limit $2`,
    [clientIds, limit],
  )
}

export type DayMove = {
  readonly hubId: string
  readonly date: string
  readonly entered: number
  readonly received: number
  readonly left: number
}

/** What came to these hubs and went, by day of the hub's own clock, since `from`. */
export async function readDayMoves(db: Queryable, hubIds: readonly string[], from: Date): Promise<DayMove[]> {
  return db.query<DayMove>(
    `with units as (
       select r.hub_id, h.timezone as zone, r.created_at, r.received_at,
         case when r.stage in ('completed', 'rejected', 'cancelled') then coalesce(r.completed_at, w.stage_entered_at) end as left_at
       from return_items r join hubs h on h.id = r.hub_id join processing_workflows w on w.return_id = r.id
       where r.hub_id = any($1::uuid[])
         and (r.created_at >= $2 or r.updated_at >= $2)
     ), moves as (
       select hub_id, created_at at time zone zone as at, 1 as entered, 0 as received, 0 as gone from units where created_at >= $2
       union all
       select hub_id, received_at at time zone zone, 0, 1, 0 from units where received_at >= $2
       union all
       select hub_id, left_at at time zone zone, 0, 0, 1 from units where left_at >= $2
     )
     select hub_id as "hubId", at::date::text as date, sum(entered)::integer as entered, sum(received)::integer as received,
       sum(gone)::integer as "left" from moves group by 1, 2`,
    [hubIds, from],
  )
}
