import type { Database, Queryable, Transaction } from '#platform/db/port.ts'
import type { MarkKind } from './marks.ts'

const name = 'people'

export async function readCursor(db: Queryable): Promise<number> {
  await db.query('insert into subscriptions (name) values ($1) on conflict do nothing', [name])
  const [row] = await db.query<{ seq: number }>('select seq from subscriptions where name = $1', [name])
  return row!.seq
}

export type SealedSubmission = {
  readonly seq: number
  readonly returnId: string
  readonly clientId: string
  readonly personId: string
  readonly sealed: string
}

/** Submissions with a customer after this place of the log, and how far was looked. */
export async function readSubmissions(
  db: Database,
  afterSeq: number,
  span: number,
): Promise<{ readonly upTo: number; readonly rows: SealedSubmission[] }> {
  const [head] = await db.query<{ seq: number }>('select seq from log_head')
  const upTo = Math.min(head!.seq, afterSeq + span)
  const rows = await db.query<SealedSubmission>(
    `select seq, substr(stream, 8) as "returnId", data ->> 'clientId' as "clientId", data ->> 'personId' as "personId",
       data ->> 'customerSealed' as sealed
     from events where seq > $1 and seq <= $2 and type = 'ReturnSubmitted' and data ->> 'customerSealed' is not null order by seq`,
    [afterSeq, upTo],
  )
  return { upTo, rows }
}

export type NewMark = {
  readonly mark: string
  readonly personId: string
  readonly clientId: string
  readonly kind: MarkKind
}

/** Marks and place in one transaction. A person whose key is destroyed meanwhile gets none. False where another run was faster. */
export async function writeMarks(
  tx: Transaction,
  marks: readonly NewMark[],
  place: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const moved = await tx.query(
    'update subscriptions set seq = $3, updated_at = now() where name = $1 and seq = $2 returning name',
    [name, place.from, place.to],
  )
  if (moved.length === 0) return false
  if (marks.length === 0) return true
  await tx.query(
    `insert into person_marks (mark, person_id, client_id, kind)
     select n.mark, n.person_id, n.client_id, n.kind
     from unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) as n (mark, person_id, client_id, kind)
       join (select person_id from person_keys where person_id = any($2::text[]) and wrapped_key is not null
         order by person_id for share) k on k.person_id = n.person_id
     on conflict do nothing`,
    [marks.map((m) => m.mark), marks.map((m) => m.personId), marks.map((m) => m.clientId), marks.map((m) => m.kind)],
  )
  return true
}
