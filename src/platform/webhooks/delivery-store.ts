import type { Database, Queryable, Row, Transaction } from '../db/port.ts'

export type DeliveryRow = {
  readonly id: string
  readonly webhookId: string
  readonly seq: number | null
  readonly eventType: string
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly attempts: number
  readonly firstAttemptAt: Date | null
  readonly nextAttemptAt: Date
  readonly lastStatus: number | null
  readonly lastProblem: string | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}
export type NewDelivery = {
  readonly id: string
  readonly webhookId: string
  readonly clientId: string | null
  readonly seq: number | null
  readonly eventType: string
  readonly body: string
}
export type DeliveryToSend = Pick<DeliveryRow, 'id' | 'attempts' | 'firstAttemptAt'> & { readonly body: string }
export type AttemptRow = {
  readonly number: number
  readonly at: Date
  readonly tookMs: number
  readonly status: number | null
  readonly problem: string | null
}

const columns = `id, webhook_id as "webhookId", seq, event_type as "eventType", state, attempts,
  first_attempt_at as "firstAttemptAt", next_attempt_at as "nextAttemptAt", last_status as "lastStatus",
  last_problem as "lastProblem", created_at as "createdAt", finished_at as "finishedAt"`

const insert = `insert into webhook_deliveries (id, webhook_id, client_id, seq, event_type, body, state, next_attempt_at, created_at)
  select n.id, n.webhook_id, n.client_id, n.seq, n.event_type, n.body, 'pending', $7, $7
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[]) as n (id, webhook_id, client_id, seq, event_type, body)`

function valuesOf(rows: readonly NewDelivery[], at: Date): unknown[] {
  return [
    rows.map((row) => row.id),
    rows.map((row) => row.webhookId),
    rows.map((row) => row.clientId),
    rows.map((row) => row.seq),
    rows.map((row) => row.eventType),
    rows.map((row) => row.body),
    at,
  ]
}

/** What is there already stays as it is: a batch of the log may be handled again. */
export async function insertDeliveries(tx: Queryable, rows: readonly NewDelivery[], at: Date): Promise<void> {
  if (rows.length === 0) return
  await tx.query({ text: `${insert} on conflict (webhook_id, seq) do nothing`, values: valuesOf(rows, at) })
}

/** As `insertDeliveries`, but what is there already is sent once more, under its old id. */
export async function insertAgain(db: Queryable, rows: readonly NewDelivery[], at: Date): Promise<void> {
  if (rows.length === 0) return
  await db.query({
    text: `${insert} on conflict (webhook_id, seq) do update set state = 'pending', first_attempt_at = null,
      next_attempt_at = excluded.next_attempt_at, finished_at = null`,
    values: valuesOf(rows, at),
  })
}

/** Active webhooks with something to send now. */
export async function readDueWebhooks(db: Queryable, at: Date): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select w.id from webhooks w where w.is_active and (w.paused_until is null or w.paused_until <= $1)
       and exists (select from webhook_deliveries d where d.webhook_id = w.id and d.state = 'pending' and d.next_attempt_at <= $1)`,
    [at],
  )
  return rows.map((row) => row.id)
}

/** When the next one is due; null when nothing waits. */
export async function readNextDue(db: Queryable): Promise<Date | null> {
  const [row] = await db.query<{ at: Date | null }>(
    `select min(greatest(d.next_attempt_at, w.paused_until)) as at from webhook_deliveries d
       join webhooks w on w.id = d.webhook_id where d.state = 'pending' and w.is_active`,
  )
  return row?.at ?? null
}

/** Takes deliveries of one webhook, the oldest first; they count as lost, and are due again, after `until`. */
export async function claimDeliveries(
  db: Queryable,
  webhookId: string,
  facts: { readonly at: Date; readonly until: Date; readonly limit: number },
): Promise<DeliveryToSend[]> {
  const rows = await db.query<DeliveryToSend & Row>(
    `with taken as (
       select id from webhook_deliveries where webhook_id = $1 and state = 'pending' and next_attempt_at <= $2
       order by seq nulls first, id limit $4 for update skip locked)
     update webhook_deliveries d set next_attempt_at = $3 from taken where d.id = taken.id
     returning d.id, d.attempts, d.first_attempt_at as "firstAttemptAt", d.body`,
    [webhookId, facts.at, facts.until, facts.limit],
  )
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** One attempt and what became of its delivery. False when the delivery is gone, or was finished by another process. */
export async function recordAttempt(
  tx: Transaction,
  id: string,
  attempt: Omit<AttemptRow, 'number'>,
  result: { readonly state: DeliveryRow['state']; readonly nextAttemptAt: Date },
): Promise<boolean> {
  const updated = await tx.query(
    `update webhook_deliveries set attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, $2), last_status = $3,
       last_problem = $4, state = $5, next_attempt_at = $6, finished_at = case $5 when 'pending' then null else $2 end
     where id = $1 and state = 'pending' returning attempts`,
    [id, attempt.at, attempt.status, attempt.problem, result.state, result.nextAttemptAt],
  )
  if (updated.length === 0) return false
  await tx.query(
    `insert into webhook_attempts (delivery_id, number, at, took_ms, status, problem) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [id, updated[0]!['attempts'], attempt.at, attempt.tookMs, attempt.status, attempt.problem],
  )
  return true
}

/** What an address that is turned off will not be told; a replay sends it once it is on again. */
export async function failPending(tx: Transaction, webhookId: string, problem: string, at: Date): Promise<void> {
  await tx.query(
    `update webhook_deliveries set state = 'failed', last_problem = $2, finished_at = $3 where webhook_id = $1 and state = 'pending'`,
    [webhookId, problem, at],
  )
}

export async function listDeliveries(
  db: Queryable,
  webhookId: string,
  page: { readonly limit: number; readonly beforeId: string | null; readonly states: readonly string[] | null },
): Promise<DeliveryRow[]> {
  return db.query<DeliveryRow & Row>(
    `select ${columns} from webhook_deliveries where webhook_id = $1 and ($2::uuid is null or id < $2)
       and ($3::text[] is null or state = any($3)) order by id desc limit $4`,
    [webhookId, page.beforeId, page.states, page.limit],
  )
}

export async function readDelivery(
  db: Queryable,
  webhookId: string,
  id: string,
): Promise<(DeliveryRow & { readonly body: string; readonly log: AttemptRow[] }) | null> {
  const [row] = await db.query<DeliveryRow & { body: string } & Row>(
    `select ${columns}, body from webhook_deliveries where webhook_id = $1 and id = $2`,
    [webhookId, id],
  )
  if (row === undefined) return null
  const log = await db.query<AttemptRow & Row>(
    `select number, at, took_ms as "tookMs", status, problem from webhook_attempts where delivery_id = $1 order by number desc limit 100`,
    [id],
  )
  return { ...row, log }
}

/** Makes one delivery due now, whatever became of it. */
export async function retryDelivery(db: Queryable, webhookId: string, id: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `update webhook_deliveries set state = 'pending', first_attempt_at = null, next_attempt_at = $3, finished_at = null
     where webhook_id = $1 and id = $2 returning 1`,
    [webhookId, id, at],
  )
  return rows.length === 1
}

/** The log of deliveries is kept for a while, then forgotten a slice at a time; answers how many went. */
export async function forgetDeliveries(db: Database, before: Date): Promise<number> {
  let gone = 0
  for (;;) {
    const rows = await db.query(
      `delete from webhook_deliveries where id in (select id from webhook_deliveries where finished_at < $1 limit 5000) returning 1`,
      [before],
    )
    gone += rows.length
    if (rows.length < 5000) return gone
  }
}

/** The place in the log of the first event at or after this instant: by halves, for the log is in order of time. */
export async function seqAt(db: Queryable, at: Date): Promise<number> {
  const [head] = await db.query<{ seq: number }>('select seq from log_head')
  let low = 1
  let high = (head?.seq ?? 0) + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [event] = await db.query<{ at: Date }>('select at from events where seq = $1', [middle])
    if (event!.at < at) low = middle + 1
    else high = middle
  }
  return low
}
