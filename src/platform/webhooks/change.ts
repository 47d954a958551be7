import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import type { Secrets } from '../secrets/port.ts'
import { failPending } from './delivery-store.ts'
import { newWebhookSecret } from './signature.ts'
import {
  countWebhooks,
  insertWebhook,
  keepSecret,
  lockWebhook,
  removeWebhook,
  updateWebhook,
  type WebhookRow,
} from './store.ts'

export type ChangeContext = {
  readonly events: EventLog
  readonly secrets: Pick<Secrets, 'sealBytes'>
  readonly now: () => number
}
/** Who does it, and the clients whose webhooks they may touch; null: all. */
export type Changer = {
  readonly by: { readonly kind: string; readonly id: string }
  readonly requestId: string
  readonly clientIds: readonly string[] | null
}
export type WithSecret = { readonly webhook: WebhookRow; readonly secret: string }

const webhooksMax = 20
const hourMs = 3_600_000

/** An address may hold what nobody else should read; the log is told its host. */
const hostOf = (url: string) => new URL(url).host

async function note(
  ctx: Pick<ChangeContext, 'events'>,
  tx: Transaction,
  changer: Changer,
  webhook: Pick<WebhookRow, 'id' | 'clientId'> & { readonly version: number },
  type: string,
  more: Readonly<Record<string, unknown>>,
  at: Date,
): Promise<void> {
  const data = { by: changer.by, requestId: changer.requestId, clientId: webhook.clientId, ...more }
  await ctx.events.append(tx, [{ stream: `webhook-${webhook.id}`, version: webhook.version, type, data }], at)
}

export async function createWebhook(
  ctx: ChangeContext,
  tx: Transaction,
  input: Pick<WebhookRow, 'clientId' | 'url' | 'description' | 'eventTypes'>,
  changer: Changer,
): Promise<WithSecret> {
  if ((await countWebhooks(tx, input.clientId)) >= webhooksMax)
    throw new AppError('conflict', `there are ${webhooksMax} webhooks already: remove one`, {
      problem: 'webhooks_too_many',
    })
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const webhook = await insertWebhook(tx, { ...input, id: uuidv7(nowMs), createdBy: changer.by.id, createdAt: at })
  const secret = newWebhookSecret()
  await keepSecret(tx, ctx.secrets, webhook, secret, at)
  const more = { host: hostOf(webhook.url), eventTypes: webhook.eventTypes }
  await note(ctx, tx, changer, webhook, 'WebhookCreated', more, at)
  return { webhook, secret }
}

/** The webhook as it is, locked; what is not theirs is not there. */
async function locked(tx: Transaction, changer: Changer, id: string): Promise<WebhookRow> {
  const webhook = await lockWebhook(tx, changer.clientIds, id)
  if (webhook === null) throw unknownWebhook(id)
  return webhook
}

export function unknownWebhook(id: string): AppError {
  return new AppError('not_found', `no such webhook: ${id}`, { problem: 'webhook_unknown' })
}

export async function changeWebhook(
  ctx: ChangeContext,
  tx: Transaction,
  id: string,
  change: Partial<Pick<WebhookRow, 'url' | 'description' | 'eventTypes' | 'isActive'>> & { readonly ifVersion: number },
  changer: Changer,
): Promise<WebhookRow> {
  const { ifVersion, ...given } = change
  const webhook = await locked(tx, changer, id)
  if (webhook.version !== ifVersion)
    throw new AppError('precondition_failed', `the webhook is at version ${webhook.version}, you saw ${ifVersion}`, {
      problem: 'version_stale',
      etag: `"${webhook.version}"`,
    })
  const at = new Date(ctx.now())
  const next = { ...webhook, ...given }
  const isTurned = next.isActive !== webhook.isActive
  const state = next.isActive
    ? { disabledReason: null, disabledAt: null }
    : isTurned
      ? { disabledReason: 'by_person' as const, disabledAt: at }
      : {}
  // Another address, or one that is on again, starts with a clean slate.
  const isFresh = next.url !== webhook.url || (isTurned && next.isActive)
  const health = isFresh ? { failures: 0, failingSince: null, pausedUntil: null } : {}
  const changed = await updateWebhook(tx, { ...next, ...state, ...health }, at)
  if (isTurned && !next.isActive) await failPending(tx, id, 'webhook_disabled', at)
  const more = { host: hostOf(changed.url), eventTypes: changed.eventTypes, isActive: changed.isActive }
  await note(ctx, tx, changer, changed, 'WebhookChanged', more, at)
  return changed
}

/** A new secret; the one before signs along until the overlap is over. */
export async function rotateSecret(
  ctx: ChangeContext,
  tx: Transaction,
  id: string,
  overlapHours: number,
  changer: Changer,
): Promise<WithSecret> {
  const webhook = await locked(tx, changer, id)
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const previousUntil = overlapHours === 0 ? null : new Date(nowMs + overlapHours * hourMs)
  const changed = await updateWebhook(tx, { ...webhook, secretNumber: webhook.secretNumber + 1, previousUntil }, at)
  const secret = newWebhookSecret()
  await keepSecret(tx, ctx.secrets, changed, secret, at)
  await note(ctx, tx, changer, changed, 'WebhookSecretRotated', { overlapHours }, at)
  return { webhook: changed, secret }
}

export async function dropWebhook(ctx: ChangeContext, tx: Transaction, id: string, changer: Changer): Promise<void> {
  const webhook = await locked(tx, changer, id)
  await removeWebhook(tx, id)
  const gone = { ...webhook, version: webhook.version + 1 }
  await note(ctx, tx, changer, gone, 'WebhookRemoved', { host: hostOf(webhook.url) }, new Date(ctx.now()))
}

/** That somebody asked for a stretch of time once more. */
export async function noteReplay(
  ctx: ChangeContext,
  tx: Transaction,
  id: string,
  span: { readonly since: string; readonly until: string },
  changer: Changer,
): Promise<WebhookRow> {
  const webhook = await locked(tx, changer, id)
  if (!webhook.isActive)
    throw new AppError('conflict', 'the webhook is off: turn it on first', { problem: 'webhook_disabled' })
  const at = new Date(ctx.now())
  const changed = await updateWebhook(tx, webhook, at)
  await note(ctx, tx, changer, changed, 'WebhookReplayed', span, at)
  return changed
}
