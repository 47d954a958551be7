import type { Queryable } from '../db/port.ts'
import type { DeadLetter } from './port.ts'

/** One copy of a job: only the one whose token the row names counts. */
export type Copy = { readonly kind: string; readonly id: string; readonly token: string }

/**
 * Whether this copy is to be sent: the id is new, or was never sent to the end, or the queue said nothing of it since `lostBefore`.
 * Copies that were sent before it are void from then on.
 */
export async function claimSending(db: Queryable, copy: Copy, at: Date, lostBefore: Date): Promise<boolean> {
  const rows = await db.query(
    `insert into queued_jobs as q (kind, id, token, made_at) values ($1, $2, $3, $4)
     on conflict (kind, id) do update set token = excluded.token, held_at = null
       where q.done_at is null and (q.held_at is null or q.held_at < $5) returning 1`,
    [copy.kind, copy.id, copy.token, at, lostBefore],
  )
  return rows.length > 0
}

/** The queue has confirmed this copy; false when another one was sent meanwhile. */
export async function noteSent(db: Queryable, { kind, id, token }: Copy, at: Date): Promise<boolean> {
  const rows = await db.query(
    'update queued_jobs set held_at = $4 where kind = $1 and id = $2 and token = $3 returning 1',
    [kind, id, token, at],
  )
  return rows.length > 0
}

/**
 * Begins a try of this copy. `begun` tells which try it is, those included that died with their process; `isVoid` that another
 * copy counts, or that the job is done. A job that the table has forgotten is begun without a count.
 */
export async function beginTry(
  db: Queryable,
  { kind, id, token }: Copy,
  at: Date,
): Promise<{ readonly begun: number | null; readonly isVoid: boolean }> {
  const [row] = await db.query<{ begun: number | null; isKnown: boolean }>(
    `with tried as (update queued_jobs set begun = begun + 1, held_at = $4
       where kind = $1 and id = $2 and token = $3 and done_at is null returning begun)
     select (select begun from tried) as begun, exists (select 1 from queued_jobs where kind = $1 and id = $2) as "isKnown"`,
    [kind, id, token, at],
  )
  return { begun: row!.begun, isVoid: row!.begun === null && row!.isKnown }
}

export async function noteDone(db: Queryable, { kind, id, token }: Copy, at: Date): Promise<void> {
  await db.query('update queued_jobs set done_at = $4 where kind = $1 and id = $2 and token = $3', [
    kind,
    id,
    token,
    at,
  ])
}

export type BuriedJob = DeadLetter & { readonly priority: number }

/** Keeps a dead letter, once; its job is done with. */
export async function bury(db: Queryable, copy: Copy, letter: BuriedJob): Promise<void> {
  await db.query(
    `with done as (update queued_jobs set done_at = $7 where kind = $2 and id = $8 and token = $9)
     insert into dead_letters (id, kind, input, reason, attempts, priority, died_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set reason = excluded.reason, attempts = excluded.attempts, died_at = excluded.died_at`,
    [
      letter.id,
      letter.kind,
      JSON.stringify(letter.input),
      letter.reason,
      letter.attempts,
      letter.priority,
      letter.at,
      copy.id,
      copy.token,
    ],
  )
}

const columns = 'id, kind, input, reason, attempts, died_at as at'

export async function listLetters(db: Queryable, limit: number): Promise<DeadLetter[]> {
  return db.query<DeadLetter>(`select ${columns} from dead_letters order by died_at desc limit $1`, [limit])
}

export async function readLetter(db: Queryable, id: string): Promise<BuriedJob | undefined> {
  return (await db.query<BuriedJob>(`select ${columns}, priority from dead_letters where id = $1`, [id]))[0]
}

/** True for the one of all who asks first. */
export async function removeLetter(db: Queryable, id: string): Promise<boolean> {
  return (await db.query('delete from dead_letters where id = $1 returning 1', [id])).length > 0
}

/** What is so old that nobody sends it again: ids of jobs, and letters that nobody looked at. */
export async function forgetOld(db: Queryable, jobsBefore: Date, lettersBefore: Date): Promise<void> {
  await db.query('delete from queued_jobs where made_at < $1', [jobsBefore])
  await db.query('delete from dead_letters where died_at < $1', [lettersBefore])
}
