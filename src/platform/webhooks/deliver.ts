import { webhookTestType } from '#contracts/webhooks.ts'
import type { Outbound } from '#integrations/outbound/port.ts'
import { AppError } from '#kernel/errors.ts'
import type { Database, Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import type { Secrets } from '../secrets/port.ts'
import type { Log, Metrics } from '../telemetry/port.ts'
import {
  claimDeliveries,
  failPending,
  readDueWebhooks,
  readNextDue,
  recordAttempt,
  type DeliveryToSend,
} from './delivery-store.ts'
import { nextAttempt, readRetryAfter, triedForMs, waitAfter } from './schedule.ts'
import { signWebhook } from './signature.ts'
import { lockWebhook, noteHealth, readSecrets, readWebhook, updateWebhook, type WebhookRow } from './store.ts'

export type DeliverContext = {
  readonly db: Database
  readonly events: EventLog
  readonly secrets: Secrets
  readonly outbound: Outbound
  readonly log: Log
  readonly metrics: Metrics
  readonly now: () => number
}

export type DeliverSettings = {
  readonly random: () => number
  /** Tells people that an address was turned off; in the transaction that does it. */
  readonly notify?: (tx: Transaction, webhook: WebhookRow) => Promise<void>
}

/** A delivery that nobody has reported for so long is given to somebody else; a call takes 5 s at most. */
const leaseMs = 60_000
const atOnce = 8
const webhooksAtOnce = 50
/** Beyond that the schedule of the queue is soon enough. */
const ownTimerMs = 60_000

export type Deliverer = {
  /** Starts what is due, unless it is under way already, and does not wait for it: a slow receiver keeps nobody waiting. */
  readonly kick: () => Promise<void>
  /** Waits for all that is under way. */
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Sends what is due. One webhook at a time is served by one loop of this process; all of them side by side. */
export function openDeliverer(ctx: DeliverContext, settings: DeliverSettings): Deliverer {
  const underWay = new Map<string, Promise<void>>()
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  async function serve(webhookId: string): Promise<void> {
    try {
      // oxlint-disable-next-line no-unmodified-loop-condition -- `close` sets it.
      while (!isClosed && (await deliverBatch(ctx, settings, webhookId)) === 'more');
    } catch (error) {
      ctx.log.error({ webhookId, error }, 'deliveries of a webhook failed here; they are tried again')
    } finally {
      underWay.delete(webhookId)
    }
    await arm()
  }

  /** The first retries come within seconds: this process wakes itself for them. */
  async function arm(): Promise<void> {
    try {
      const next = await readNextDue(ctx.db)
      const waitMs = next === null ? ownTimerMs : Math.max(100, next.getTime() - ctx.now())
      clearTimeout(timer)
      if (waitMs < ownTimerMs && !isClosed) timer = setTimeout(() => void kick().catch(noted), waitMs).unref()
    } catch (error) {
      noted(error)
    }
  }

  function noted(error: unknown): void {
    ctx.log.warn({ error }, 'deliveries of webhooks wait for the next minute')
  }

  async function kick(): Promise<void> {
    if (isClosed) return
    for (const id of await readDueWebhooks(ctx.db, new Date(ctx.now()))) {
      if (underWay.has(id) || underWay.size >= webhooksAtOnce) continue
      underWay.set(id, serve(id))
    }
  }

  return {
    kick,
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay.values())
    },
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await Promise.all(underWay.values())
    },
  }
}

/** While an address fails, one delivery tries for all: a dead receiver costs one call a time, not its whole queue. */
async function deliverBatch(
  ctx: DeliverContext,
  settings: DeliverSettings,
  webhookId: string,
): Promise<'more' | 'done'> {
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const webhook = await readWebhook(ctx.db, null, webhookId)
  if (webhook === null || !webhook.isActive || (webhook.pausedUntil !== null && webhook.pausedUntil > at)) return 'done'
  const limit = webhook.failures > 0 ? 1 : atOnce
  const claimed = await claimDeliveries(ctx.db, webhookId, { at, until: new Date(nowMs + leaseMs), limit })
  if (claimed.length === 0) return 'done'
  const secrets = await readSecrets(ctx.db, ctx.secrets, webhook, at)
  const results = await Promise.all(claimed.map((delivery) => attempt(ctx, webhook.url, secrets, delivery)))
  const attempts = claimed.map((delivery, index) => [delivery, results[index]!] as const)
  await settle(ctx, settings, webhookId, attempts)
  return 'more'
}

export type AttemptResult = {
  readonly atMs: number
  readonly tookMs: number
  readonly status: number | null
  readonly problem: string | null
  readonly retryAfterSeconds: number | null
}

/** One call. Never throws: what goes wrong is its result. */
export async function attempt(
  ctx: Pick<DeliverContext, 'outbound' | 'now' | 'metrics'>,
  url: string,
  secrets: readonly string[],
  delivery: Pick<DeliveryToSend, 'id' | 'body'>,
): Promise<AttemptResult> {
  const atMs = ctx.now()
  const startedAt = performance.now()
  const done = (status: number | null, problem: string | null, retryAfterSeconds: number | null): AttemptResult => {
    ctx.metrics.count('smartreturns_webhook_attempts_total', 'Calls of webhooks', { outcome: problem ?? 'delivered' })
    return { atMs, tookMs: Math.round(performance.now() - startedAt), status, problem, retryAfterSeconds }
  }
  try {
    const answer = await ctx.outbound.call({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        ...signWebhook(secrets, `msg_${delivery.id}`, atMs, delivery.body),
      },
      body: delivery.body,
      readsBody: false,
    })
    const { status } = answer
    if (status >= 200 && status <= 299) return done(status, null, null)
    return done(status, `status_${status}`, readRetryAfter(answer.headers['retry-after'], atMs))
  } catch (error) {
    return done(null, error instanceof AppError ? error.problem : 'defect', null)
  }
}

/**
 * Writes down the attempts of one batch: the deliveries, the health of their address, and, where it has to be, that the
 * address is off. A batch that failed whole is one failure of the address, however many calls it had.
 */
async function settle(
  ctx: DeliverContext,
  settings: DeliverSettings,
  webhookId: string,
  attempts: readonly (readonly [DeliveryToSend, AttemptResult])[],
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const webhook = await lockWebhook(tx, null, webhookId)
    if (webhook === null) return
    for (const [delivery, result] of attempts) {
      const at = new Date(result.atMs)
      const attemptRow = { at, tookMs: result.tookMs, status: result.status, problem: result.problem }
      await recordAttempt(tx, delivery.id, attemptRow, becomes(delivery, result, settings.random))
    }
    const results = attempts.map(([, result]) => result)
    const last = results.at(-1)!
    const at = new Date(last.atMs)
    if (results.some((result) => result.problem === null)) {
      if (webhook.failures > 0) await noteHealth(tx, webhookId, { failures: 0, failingSince: null, pausedUntil: null })
      return
    }
    const failures = webhook.failures + 1
    const failingSince = webhook.failingSince ?? at
    const asked = Math.max(...results.map((result) => result.retryAfterSeconds ?? 0))
    const pausedUntil = new Date(last.atMs + waitAfter(failures, asked, settings.random))
    const health = { failures, failingSince, pausedUntil }
    await noteHealth(tx, webhookId, health)
    const isGone = results.some((result) => result.status === 410)
    if (!webhook.isActive || (!isGone && last.atMs - failingSince.getTime() < triedForMs)) return
    await disable(ctx, settings, tx, { ...webhook, ...health }, isGone ? 'gone' : 'failing', at)
  })
}

function becomes(delivery: DeliveryToSend, result: AttemptResult, random: () => number) {
  if (result.problem === null) return { state: 'delivered', nextAttemptAt: new Date(result.atMs) } as const
  const next = nextAttempt({
    attempts: delivery.attempts + 1,
    firstAttemptMs: delivery.firstAttemptAt?.getTime() ?? result.atMs,
    nowMs: result.atMs,
    retryAfterSeconds: result.retryAfterSeconds,
    random,
  })
  return next === null
    ? ({ state: 'failed', nextAttemptAt: new Date(result.atMs) } as const)
    : ({ state: 'pending', nextAttemptAt: new Date(next) } as const)
}

async function disable(
  ctx: DeliverContext,
  settings: DeliverSettings,
  tx: Transaction,
  webhook: WebhookRow,
  reason: 'failing' | 'gone',
  at: Date,
): Promise<void> {
  const off = { ...webhook, isActive: false, disabledReason: reason, disabledAt: at }
  const changed = await updateWebhook(tx, off, at)
  await failPending(tx, webhook.id, 'webhook_disabled', at)
  await settings.notify?.(tx, changed)
  const data = { by: { kind: 'system', id: 'webhooks' }, clientId: webhook.clientId, reason }
  await ctx.events.append(
    tx,
    [{ stream: `webhook-${webhook.id}`, version: changed.version, type: 'WebhookDisabled', data }],
    at,
  )
  ctx.metrics.count('smartreturns_webhooks_disabled_total', 'Webhooks turned off', { reason })
  ctx.log.warn({ webhookId: webhook.id, reason }, 'a webhook was turned off')
}

/** The body of a test call. */
export function testBody(webhookId: string, at: Date): string {
  return JSON.stringify({ type: webhookTestType, timestamp: at.toISOString(), data: { webhookId } })
}
