import type { Queryable } from '#platform/db/port.ts'

export type BreachScope = {
  readonly since: Date
  readonly until: Date
  readonly clientIds: readonly string[] | null
  readonly hubIds: readonly string[] | null
}

/** Persons whose data were kept in this time and whose units stand in this scope, with when they came in. */
export function readExposed(
  db: Queryable,
  { since, until, clientIds, hubIds }: BreachScope,
  limit: number,
): Promise<{ readonly id: string; readonly clientId: string; readonly since: Date; readonly kinds: string[] }[]> {
  return db.query(
    `select k.person_id as id, k.client_id as "clientId", min(r.created_at) as since,
       array(select distinct m.kind from person_marks m where m.person_id = k.person_id order by 1) as kinds
     from person_keys k join return_items r on r.person_id = k.person_id
     where k.wrapped_key is not null and r.created_at < $2 and (k.erased_at is null or k.erased_at > $1)
       and ($3::uuid[] is null or k.client_id = any($3)) and ($4::uuid[] is null or r.hub_id = any($4))
     group by k.person_id, k.client_id order by min(r.created_at), k.person_id limit $5`,
    [since, until, clientIds, hubIds, limit],
  )
}

export async function countExposed(
  db: Queryable,
  { until, clientIds, hubIds }: BreachScope,
): Promise<{ readonly persons: number; readonly returns: number; readonly photos: number; readonly notes: number }> {
  const [row] = await db.query<{ persons: number; returns: number; photos: number; notes: number }>(
    `with units as (
       select r.id, r.person_id from return_items r
       where r.created_at < $1 and ($2::uuid[] is null or r.client_id = any($2)) and ($3::uuid[] is null or r.hub_id = any($3)))
     select (select count(distinct u.person_id) from units u join person_keys k on k.person_id = u.person_id
         and k.wrapped_key is not null) as persons,
       (select count(*) from units) as returns,
       (select count(*) from person_keys k join units u on k.person_id = 'note-' || u.id where k.wrapped_key is not null) as notes,
       (select count(*) from units u join quality_checks c on c.return_id = u.id
         cross join lateral jsonb_array_elements(c.photos) as p (photo) join files f on f.id = (p.photo ->> 'fileId')::uuid
         where f.created_at < $1) as photos`,
    [until, clientIds, hubIds],
  )
  return row!
}

/** How many of them left what a person is found by, by client. */
export function countByClient(
  db: Queryable,
  { until, clientIds, hubIds }: BreachScope,
): Promise<{ readonly id: string; readonly name: string; readonly persons: number; readonly firstAt: Date }[]> {
  return db.query(
    `select c.id, c.name, count(distinct r.person_id) as persons, min(r.created_at) as "firstAt"
     from return_items r join clients c on c.id = r.client_id join person_keys k on k.person_id = r.person_id
     where k.wrapped_key is not null and r.created_at < $1 and ($2::uuid[] is null or r.client_id = any($2))
       and ($3::uuid[] is null or r.hub_id = any($3))
     group by c.id, c.name order by c.name`,
    [until, clientIds, hubIds],
  )
}

export function countByKind(
  db: Queryable,
  { until, clientIds, hubIds }: BreachScope,
): Promise<{ readonly kind: string; readonly persons: number }[]> {
  return db.query(
    `select m.kind, count(distinct m.person_id) as persons from person_marks m
     where exists (select 1 from return_items r where r.person_id = m.person_id and r.created_at < $1
       and ($2::uuid[] is null or r.client_id = any($2)) and ($3::uuid[] is null or r.hub_id = any($3)))
     group by m.kind order by m.kind`,
    [until, clientIds, hubIds],
  )
}

/** What a user or an API key may see; null where there is no such login. */
export async function readReach(
  db: Queryable,
  actorId: string,
): Promise<{ readonly clientIds: readonly string[] | null; readonly hubIds: readonly string[] | null } | null> {
  const [row] = await db.query<{ clientIds: string[]; hubIds: string[] }>(
    `select client_ids as "clientIds", hub_ids as "hubIds" from users where id::text = $1
     union all select array[client_id], '{}'::uuid[] from api_keys where id = $1`,
    [actorId],
  )
  if (row === undefined) return null
  // An empty list of a user binds to nothing: all are seen.
  return {
    clientIds: row.clientIds.length === 0 ? null : row.clientIds,
    hubIds: row.hubIds.length === 0 ? null : row.hubIds,
  }
}

export function countActions(
  db: Queryable,
  actorId: string,
  since: Date,
  until: Date,
): Promise<{ readonly type: string; readonly times: number; readonly firstAt: Date; readonly lastAt: Date }[]> {
  return db.query(
    `select type, count(*) as times, min(at) as "firstAt", max(at) as "lastAt" from events
     where data -> 'by' ->> 'id' = $1 and at >= $2 and at < $3 group by type order by type`,
    [actorId, since, until],
  )
}
