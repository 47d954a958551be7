import type { Queryable, Transaction } from '#platform/db/port.ts'

export type ErasureRow = {
  readonly id: string
  readonly personId: string
  readonly clientId: string
  readonly reason: string
  readonly requestedBy: string
  readonly requestedAt: Date
  readonly finishedAt: Date | null
  readonly returns: number
  readonly files: number
  readonly answers: number
}

const columns = `id, person_id as "personId", client_id as "clientId", reason, requested_by as "requestedBy", requested_at as "requestedAt",
  finished_at as "finishedAt", returns, files, answers`

export async function insertErasure(
  tx: Transaction,
  erasure: Pick<ErasureRow, 'id' | 'personId' | 'clientId' | 'reason' | 'requestedBy' | 'requestedAt'>,
): Promise<void> {
  await tx.query(
    `insert into person_erasures (id, person_id, client_id, reason, requested_by, requested_at) values ($1, $2, $3, $4, $5, $6)`,
    [erasure.id, erasure.personId, erasure.clientId, erasure.reason, erasure.requestedBy, erasure.requestedAt],
  )
}

export async function readErasure(db: Queryable, id: string): Promise<ErasureRow> {
  const [row] = await db.query<ErasureRow>(`select ${columns} from person_erasures where id = $1`, [id])
  if (row === undefined) throw new Error(`there is no erasure ${id}`)
  return row
}

export async function readLastErasure(db: Queryable, personId: string): Promise<ErasureRow | null> {
  const [row] = await db.query<ErasureRow>(
    `select ${columns} from person_erasures where person_id = $1 order by requested_at desc limit 1`,
    [personId],
  )
  return row ?? null
}

export async function isErasureKnown(db: Queryable, id: string): Promise<boolean> {
  return (await db.query('select 1 from person_erasures where id = $1', [id])).length > 0
}

/** Whether this person has a key of before this instant. */
export async function isKeyOlder(db: Queryable, personId: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    'select 1 from person_keys where person_id = $1 and wrapped_key is not null and created_at <= $2',
    [personId, at],
  )
  return rows.length > 0
}

/** Erasures that something interrupted. */
export function readUnfinished(db: Queryable, before: Date): Promise<ErasureRow[]> {
  return db.query<ErasureRow>(
    `select ${columns} from person_erasures where finished_at is null and requested_at < $1 order by requested_at limit 100`,
    [before],
  )
}

export async function countErased(
  db: Queryable,
  id: string,
  more: { readonly returns: number; readonly files: number; readonly answers: number },
): Promise<void> {
  await db.query(
    'update person_erasures set returns = returns + $2, files = files + $3, answers = answers + $4 where id = $1',
    [id, more.returns, more.files, more.answers],
  )
}

export async function finishErasure(db: Queryable, id: string, at: Date): Promise<void> {
  await db.query('update person_erasures set finished_at = coalesce(finished_at, $2) where id = $1', [id, at])
}

/** Units of the person that were there at the erasure; what comes later is new. */
export async function readReturnsToErase(
  db: Queryable,
  { personId, requestedAt }: Pick<ErasureRow, 'personId' | 'requestedAt'>,
  limit: number,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'select id from return_items where person_id = $1 and created_at <= $2 order by id limit $3',
    [personId, requestedAt, limit],
  )
  return rows.map((row) => row.id)
}

/** What a person is found by, and has said. */
export async function forgetPerson(tx: Transaction, personId: string): Promise<void> {
  await tx.query('delete from person_marks where person_id = $1', [personId])
  await tx.query('delete from person_consents where person_id = $1', [personId])
}

/** Units that came without a customer and that the actor's clients have. */
export async function readUnlinked(
  db: Queryable,
  returnIds: readonly string[],
  clientIds: readonly string[] | null,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from return_items where id = any($1::uuid[]) and person_id is null and ($2::uuid[] is null or client_id = any($2))`,
    [returnIds, clientIds],
  )
  return rows.map((row) => row.id)
}

/** Files of a client in which many persons may stand together: they can't be cut, so they go as a whole. */
export function readSharedFiles(
  db: Queryable,
  clientId: string,
  before: Date,
): Promise<{ readonly id: string; readonly blobKey: string }[]> {
  return db.query(
    `select id, blob_key as "blobKey" from files where client_id = $1 and kind = 'errors' and created_at <= $2`,
    [clientId, before],
  )
}

// Nothing of the person is under way, and the last step of the last unit lies before the limit.
const isPast = `k.wrapped_key is not null and k.person_id not like 'note-%' and k.created_at < $1
  and not exists (select 1 from return_items r where r.person_id = k.person_id
    and (r.updated_at >= $1 or r.stage not in ('completed', 'rejected', 'cancelled')))`

export async function countPastPersons(db: Queryable, before: Date): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*) as n from person_keys k where ${isPast}`, [before])
  return row!.n
}

export async function readPastPersons(db: Queryable, before: Date, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select k.person_id as id from person_keys k where ${isPast} order by k.created_at, k.person_id limit $2`,
    [before, limit],
  )
  return rows.map((row) => row.id)
}
