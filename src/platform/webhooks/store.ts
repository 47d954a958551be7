import type { Queryable, Row, Transaction } from '../db/port.ts'
import type { Secrets } from '../secrets/port.ts'

export type WebhookRow = {
  readonly id: string
  readonly clientId: string | null
  readonly url: string
  readonly description: string
  readonly eventTypes: readonly string[]
  readonly isActive: boolean
  readonly disabledReason: 'by_person' | 'failing' | 'gone' | null
  readonly disabledAt: Date | null
  readonly secretNumber: number
  readonly previousUntil: Date | null
  readonly failures: number
  readonly failingSince: Date | null
  readonly pausedUntil: Date | null
  readonly version: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

const columns = `id, client_id as "clientId", url, description, event_types as "eventTypes", is_active as "isActive",
  disabled_reason as "disabledReason", disabled_at as "disabledAt", secret_number as "secretNumber",
  previous_until as "previousUntil", failures, failing_since as "failingSince", paused_until as "pausedUntil", version,
  created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"`
/** `$1`: the clients of who asks; null for who sees all. What belongs to all clients is nobody's of one client. */
const visible = `($1::uuid[] is null or client_id = any($1))`

export async function insertWebhook(
  tx: Transaction,
  row: Pick<WebhookRow, 'id' | 'clientId' | 'url' | 'description' | 'eventTypes' | 'createdBy' | 'createdAt'>,
): Promise<WebhookRow> {
  const [made] = await tx.query<WebhookRow & Row>({
    text: `insert into webhooks (id, client_id, url, description, event_types, created_by, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $7, $7) returning ${columns}`,
    values: [row.id, row.clientId, row.url, row.description, row.eventTypes, row.createdBy, row.createdAt],
  })
  return made!
}

/** Newest first. */
export async function listWebhooks(db: Queryable, clientIds: readonly string[] | null): Promise<WebhookRow[]> {
  return db.query<WebhookRow & Row>(`select ${columns} from webhooks where ${visible} order by id desc limit 1000`, [
    clientIds,
  ])
}

export async function countWebhooks(db: Queryable, clientId: string | null): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    'select count(*) as n from webhooks where client_id is not distinct from $1::uuid',
    [clientId],
  )
  return row!.n
}

export async function readWebhook(
  db: Queryable,
  clientIds: readonly string[] | null,
  id: string,
): Promise<WebhookRow | null> {
  const rows = await db.query<WebhookRow & Row>(`select ${columns} from webhooks where ${visible} and id = $2`, [
    clientIds,
    id,
  ])
  return rows[0] ?? null
}

export async function lockWebhook(
  tx: Transaction,
  clientIds: readonly string[] | null,
  id: string,
): Promise<WebhookRow | null> {
  const rows = await tx.query<WebhookRow & Row>(
    `select ${columns} from webhooks where ${visible} and id = $2 for no key update`,
    [clientIds, id],
  )
  return rows[0] ?? null
}

/** Writes what can change and raises the version. */
export async function updateWebhook(tx: Transaction, row: WebhookRow, at: Date): Promise<WebhookRow> {
  const [changed] = await tx.query<WebhookRow & Row>(
    `update webhooks set url = $2, description = $3, event_types = $4, is_active = $5, disabled_reason = $6,
       disabled_at = $7, secret_number = $8, previous_until = $9, failures = $10, failing_since = $11, paused_until = $12,
       version = version + 1, updated_at = $13 where id = $1 returning ${columns}`,
    [
      row.id,
      row.url,
      row.description,
      row.eventTypes,
      row.isActive,
      row.disabledReason,
      row.disabledAt,
      row.secretNumber,
      row.previousUntil,
      row.failures,
      row.failingSince,
      row.pausedUntil,
      at,
    ],
  )
  return changed!
}

/** How the last call went. No change of the webhook itself, so its version stays. */
export async function noteHealth(
  tx: Transaction,
  id: string,
  health: Pick<WebhookRow, 'failures' | 'failingSince' | 'pausedUntil'>,
): Promise<void> {
  await tx.query(`update webhooks set failures = $2, failing_since = $3, paused_until = $4 where id = $1`, [
    id,
    health.failures,
    health.failingSince,
    health.pausedUntil,
  ])
}

export async function removeWebhook(tx: Transaction, id: string): Promise<void> {
  // A bound caller reaches secrets by their webhook: they go first.
  await tx.query(`delete from installation_secrets where name like $1`, [`webhook ${id} %`])
  await tx.query('delete from webhooks where id = $1', [id])
}

/** Who wants to be told; asked for each batch of the log, so it is one small read. */
export async function readSubscriptions(
  tx: Queryable,
): Promise<Pick<WebhookRow, 'id' | 'clientId' | 'eventTypes' | 'createdAt'>[]> {
  return tx.query(
    `select id, client_id as "clientId", event_types as "eventTypes", created_at as "createdAt" from webhooks where is_active`,
  )
}

const nameOf = (id: string, number: number) => `webhook ${id} ${number}`

export async function keepSecret(
  tx: Transaction,
  secrets: Pick<Secrets, 'sealBytes'>,
  webhook: Pick<WebhookRow, 'id' | 'secretNumber'>,
  secret: string,
  at: Date,
): Promise<void> {
  await tx.query('insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3)', [
    nameOf(webhook.id, webhook.secretNumber),
    secrets.sealBytes(Buffer.from(secret)),
    at,
  ])
  // Two live ones at most.
  await tx.query('delete from installation_secrets where name = $1', [nameOf(webhook.id, webhook.secretNumber - 2)])
}

/** The live secrets, the newest first. */
export async function readSecrets(
  db: Queryable,
  secrets: Pick<Secrets, 'openBytes'>,
  webhook: Pick<WebhookRow, 'id' | 'secretNumber' | 'previousUntil'>,
  at: Date,
): Promise<string[]> {
  const isOverlap = webhook.previousUntil !== null && webhook.previousUntil > at
  const names = [webhook.secretNumber, ...(isOverlap ? [webhook.secretNumber - 1] : [])].map((n) =>
    nameOf(webhook.id, n),
  )
  const rows = await db.query<{ name: string; sealed: Buffer }>(
    'select name, sealed from installation_secrets where name = any($1::text[])',
    [names],
  )
  const found = new Map(rows.map(({ name, sealed }) => [name, secrets.openBytes(sealed).toString()]))
  return names.flatMap((name) => found.get(name) ?? [])
}

/** True the first time a message id is seen by this consumer; to be asked in the transaction of the message's effect. */
export async function takeOnce(tx: Transaction, consumer: string, id: string, at: Date): Promise<boolean> {
  const rows = await tx.query(
    'insert into inbox (consumer, message_id, taken_at) values ($1, $2, $3) on conflict do nothing returning 1',
    [consumer, id, at],
  )
  return rows.length === 1
}

/** Who is told of a webhook that was turned off: who made it, or the administrators where that is a key or is gone. */
export async function readNoticeReceivers(
  tx: Transaction,
  createdBy: string,
): Promise<{ readonly email: string; readonly name: string }[]> {
  return tx.query(
    `with maker as (select email, name from users where id::text = $1 and is_active)
     select email, name from maker
     union all
     (select email, name from users where role = 'admin' and is_active and not exists (select from maker) order by id limit 20)`,
    [createdBy],
  )
}
