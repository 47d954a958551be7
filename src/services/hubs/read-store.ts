import type { HubPerformance } from '#contracts/hubs.ts'
import type { ListQuery } from '#contracts/lists.ts'
import type { Queryable } from '#platform/db/port.ts'
import { hubColumns, placesFromRow, type HubPlaces } from './store.ts'

const columns: Readonly<Record<string, { sql: string; type: string }>> = {
  id: { sql: 'h.id', type: 'uuid' },
  code: { sql: 'h.code', type: 'text' },
  name: { sql: 'h.name', type: 'text' },
  status: { sql: 'h.status', type: 'text' },
}

/** Whose hubs: `null` lists mean all. A hub that serves other clients only is nobody's of these. */
type Bounds = { readonly hubIds: readonly string[] | null; readonly clientIds: readonly string[] | null }

export async function readHubPage(
  db: Queryable,
  { hubIds, clientIds }: Bounds,
  query: ListQuery,
): Promise<{ rows: HubPlaces[]; next: readonly string[] | null }> {
  const conditions = [
    '($1::uuid[] is null or h.id = any($1))',
    '($2::uuid[] is null or h.client_ids is null or h.client_ids && $2)',
  ]
  const values: unknown[] = [hubIds, clientIds]
  for (const { field, operator, values: wanted } of query.filters) {
    const { sql, type } = columns[field]!
    values.push(operator === 'contains' ? `%${(wanted[0] ?? '').replaceAll(/[\\%_]/g, (c) => `\\${c}`)}%` : wanted)
    conditions.push(
      operator === 'contains' ? `${sql} ilike $${values.length}` : `${sql} = any($${values.length}::${type}[])`,
    )
  }
  // The code is unique: it is sort key and cursor in one.
  const isDescending = query.sort[0]?.direction === 'desc'
  if (query.after !== null) {
    values.push(query.after[0])
    conditions.push(`h.code ${isDescending ? '<' : '>'} $${values.length}`)
  }
  const rows = await db.query(
    `select ${hubColumns.select('h')}, c.capacity, c.used_capacity as "usedCapacity"
     from hubs h join hub_capacity c on c.hub_id = h.id
     where ${conditions.join(' and ')} order by h.code ${isDescending ? 'desc' : 'asc'} limit ${query.limit + 1}`,
    values,
  )
  const page = rows.slice(0, query.limit).map(placesFromRow)
  const last = page.at(-1)
  return { rows: page, next: rows.length > query.limit && last !== undefined ? [last.code, last.id] : null }
}

export type Backlog = {
  readonly stage: string
  readonly categoryId: string
  readonly isInCustody: boolean
  readonly units: number
}

/** Open units of one hub by stage and category. */
export async function readBacklog(db: Queryable, hubId: string): Promise<Backlog[]> {
  return db.query<Backlog>({
    text: `select stage, category_id as "categoryId", received_at is not null and stage <> 'disposition' as "isInCustody", count(*) as units
      from return_items where hub_id = $1 and stage not in ('completed', 'rejected', 'cancelled') group by 1, 2, 3`,
    values: [hubId],
  })
}

export async function readPerformance(
  db: Queryable,
  hubId: string,
  from: string,
  to: string,
): Promise<Omit<HubPerformance, 'hubId' | 'from' | 'to'>> {
  const [row] = await db.query<{
    received: number
    checked: number
    completed: number
    overdue: number
    hours: number | null
    recovered: { amount: number; currency: string }[]
    overridden: number
    decided: number
  }>(
    `select
      count(*) filter (where r.received_at >= $2 and r.received_at < $3) as received,
      count(*) filter (where r.checked_at >= $2 and r.checked_at < $3) as checked,
      count(*) filter (where r.completed_at >= $2 and r.completed_at < $3) as completed,
      count(*) filter (where w.due_at < $3 and r.stage not in ('completed', 'rejected', 'cancelled')) as overdue,
      percentile_cont(0.5) within group (order by extract(epoch from r.completed_at - r.received_at) / 3600)
        filter (where r.completed_at >= $2 and r.completed_at < $3)::double precision as hours,
      (select coalesce(json_agg(json_build_object('amount', v.amount, 'currency', v.currency)), '[]')
        from (select sum(realised_value_minor)::bigint as amount, currency from return_items
          where hub_id = $1 and completed_at >= $2 and completed_at < $3 and realised_value_minor is not null group by currency) v) as recovered,
      count(*) filter (where d.source = 'overridden' and d.decided_at >= $2 and d.decided_at < $3) as overridden,
      count(*) filter (where d.decided_at >= $2 and d.decided_at < $3) as decided
    from return_items r
    join processing_workflows w on w.return_id = r.id
    left join dispositions d on d.return_id = r.id and d.is_current
    where r.hub_id = $1 and (r.updated_at >= $2 or r.stage not in ('completed', 'rejected', 'cancelled'))`,
    [hubId, from, to],
  )
  const { hours, recovered, overridden, decided, ...counts } = row!
  return {
    ...counts,
    medianHoursToCompletion: hours,
    recoveredValue: recovered,
    overrideShare: decided === 0 ? null : overridden / decided,
  }
}

/** Assigned units that have not arrived, oldest first. */
export async function readMovableIds(
  db: Queryable,
  hubIds: readonly string[] | null,
  limit: number,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from return_items where stage = 'hub_assigned' and received_at is null and pickup_pincode is not null
       and ($1::uuid[] is null or hub_id = any($1)) order by created_at, id limit $2`,
    [hubIds, limit],
  )
  return rows.map(({ id }) => id)
}
