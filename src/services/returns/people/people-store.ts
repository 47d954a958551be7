import type { Consent } from '#contracts/privacy.ts'
import type { Queryable, Transaction } from '#platform/db/port.ts'
import type { MarkKind } from './marks.ts'

export type PersonRow = {
  readonly id: string
  readonly clientId: string
  readonly clientName: string
  readonly returns: number
  readonly openReturns: number
  readonly lastReturnAt: Date | null
  readonly isRestricted: boolean
  readonly erasedAt: Date | null
  readonly createdAt: Date
}

const over = `('completed', 'rejected', 'cancelled')`

/** Persons of these ids that the actor's clients have; note keys are no persons. */
export function readPersons(
  db: Queryable,
  ids: readonly string[],
  clientIds: readonly string[] | null,
): Promise<PersonRow[]> {
  return db.query<PersonRow>(
    `select k.person_id as id, k.client_id as "clientId", c.name as "clientName", k.restricted_at is not null as "isRestricted",
       k.created_at as "createdAt",
       case when k.wrapped_key is null then k.erased_at end as "erasedAt",
       (select count(*) from return_items r where r.person_id = k.person_id) as returns,
       (select count(*) from return_items r where r.person_id = k.person_id and r.stage not in ${over}) as "openReturns",
       (select max(r.created_at) from return_items r where r.person_id = k.person_id) as "lastReturnAt"
     from person_keys k join clients c on c.id = k.client_id
     where k.person_id = any($1::text[]) and k.person_id not like 'note-%' and ($2::uuid[] is null or k.client_id = any($2))
     order by k.created_at desc, k.person_id`,
    [ids, clientIds],
  )
}

/** The person of this id, its key's row locked: one change at a time. Null where there is none. */
export async function lockPerson(
  tx: Transaction,
  id: string,
  clientIds: readonly string[] | null,
): Promise<{ readonly clientId: string; readonly isErased: boolean } | null> {
  const [row] = await tx.query<{ clientId: string; isErased: boolean }>(
    `select client_id as "clientId", wrapped_key is null as "isErased" from person_keys
     where person_id = $1 and person_id not like 'note-%' and ($2::uuid[] is null or client_id = any($2)) for update`,
    [id, clientIds],
  )
  return row ?? null
}

export async function readClientIds(db: Queryable, clientIds: readonly string[] | null): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'select id from clients where $1::uuid[] is null or id = any($1) order by id',
    [clientIds],
  )
  return rows.map((row) => row.id)
}

export function readByMarks(
  db: Queryable,
  marks: readonly string[],
): Promise<{ readonly id: string; readonly kind: MarkKind }[]> {
  return db.query('select person_id as id, kind from person_marks where mark = any($1::text[])', [marks])
}

/** Units that carry this order, shipment or label. */
export function readByReference(
  db: Queryable,
  reference: string,
  clientIds: readonly string[] | null,
): Promise<{ readonly returnId: string; readonly personId: string | null }[]> {
  return db.query(
    `select distinct r.id as "returnId", r.person_id as "personId" from identifiers i join return_items r on r.id = i.return_id
     where i.value = $1 and i.kind in ('order', 'client_ref', 'rma', 'awb', 'lpn') and ($2::uuid[] is null or r.client_id = any($2))
     limit 500`,
    [reference, clientIds],
  )
}

/** The newest sealed customer of each person, for a hint. */
export function readNewestSealed(
  db: Queryable,
  personIds: readonly string[],
): Promise<{ readonly personId: string; readonly returnId: string; readonly sealed: string }[]> {
  return db.query(
    `select distinct on (person_id) person_id as "personId", id as "returnId", customer_sealed as sealed from return_items
     where person_id = any($1::text[]) and customer_sealed is not null order by person_id, created_at desc, id desc`,
    [personIds],
  )
}

export async function readLog(
  db: Queryable,
  personId: string,
): Promise<{ readonly seq: number; readonly type: string; readonly at: Date; readonly by: string | null }[]> {
  return db.query(
    `select seq, type, at, data -> 'by' ->> 'id' as by from events where stream = $1 order by seq desc limit 200`,
    [`person-${personId}`],
  )
}

export async function nextVersion(tx: Transaction, stream: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    'select coalesce(max(version), 0) + 1 as n from events where stream = $1',
    [stream],
  )
  return row!.n
}

export async function readConsents(db: Queryable, personId: string): Promise<Consent[]> {
  const rows = await db.query<Omit<Consent, 'at'> & { at: Date }>(
    `select purpose, is_given as "isGiven", notice, source, at from person_consents where person_id = $1 order by purpose`,
    [personId],
  )
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

export async function writeConsent(
  tx: Transaction,
  person: { readonly id: string; readonly clientId: string },
  consent: Omit<Consent, 'at'>,
  at: Date,
): Promise<void> {
  await tx.query(
    `insert into person_consents (person_id, client_id, purpose, is_given, notice, source, at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (person_id, purpose) do update set is_given = excluded.is_given, notice = excluded.notice, source = excluded.source,
       at = excluded.at`,
    [person.id, person.clientId, consent.purpose, consent.isGiven, consent.notice, consent.source, at],
  )
}

export async function readReturnIds(db: Queryable, personId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>('select id from return_items where person_id = $1 order by id', [
    personId,
  ])
  return rows.map((row) => row.id)
}

export async function countPhotos(db: Queryable, personId: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from return_items r join quality_checks c on c.return_id = r.id
       cross join lateral jsonb_array_elements(c.photos) as p (photo) join files f on f.id = (p.photo ->> 'fileId')::uuid
     where r.person_id = $1`,
    [personId],
  )
  return row!.n
}
