import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Queryable } from '#platform/db/port.ts'
import type { StoredEvent, Subscriber } from '#platform/events/port.ts'
import type { JobRun } from '#platform/jobs/port.ts'
import { insertAgain, insertDeliveries, seqAt, type NewDelivery } from '#platform/webhooks/delivery-store.ts'
import { readSubscriptions, readWebhook, type WebhookRow } from '#platform/webhooks/store.ts'
import { readReturnHeads } from '#services/returns/index.ts'
import { bodyOf, isTold, webhookTypeOfEvent } from './bodies.ts'

export const deliverJobKind = 'deliver_webhooks'
export const replayWebhookJobKind = 'replay_webhook'
export type ReplayWebhookInput = {
  readonly webhookId: string
  readonly since: string
  readonly until: string
}

type Wants = Pick<WebhookRow, 'id' | 'clientId' | 'eventTypes' | 'createdAt'>
type PublishContext = Pick<Context, 'jobs' | 'now'>

const prefix = 'return-'
const sliceEvents = 1000

/** Writes what is to be told to whom, in the transaction of the log's cursor; calling is somebody else's work. */
export function webhookSubscriber(ctx: PublishContext): Subscriber {
  return {
    name: 'webhooks',
    handle: async (tx, events) => {
      if (!events.some(isTold)) return
      const hooks = await readSubscriptions(tx)
      if (hooks.length === 0) return
      const deliveries = await draftDeliveries(ctx, tx, hooks, events)
      if (deliveries.length === 0) return
      await insertDeliveries(tx, deliveries, new Date(ctx.now()))
      // Only a wake-up, and it may come before the commit: what it misses the next minute finds.
      await ctx.jobs.send(deliverJobKind, {})
    },
  }
}

async function draftDeliveries(
  ctx: Pick<Context, 'now'>,
  db: Queryable,
  hooks: readonly Wants[],
  events: readonly StoredEvent[],
): Promise<NewDelivery[]> {
  const asked = new Set(hooks.flatMap((hook) => hook.eventTypes))
  const wanted = events.filter((event) => isTold(event) && asked.has(webhookTypeOfEvent(event)))
  const heads = await readReturnHeads(db, [...new Set(wanted.map((event) => event.stream.slice(prefix.length)))])
  return wanted.flatMap((event) => {
    const head = heads.get(event.stream.slice(prefix.length))
    if (head === undefined) return []
    const type = webhookTypeOfEvent(event)
    const takers = hooks.filter(
      (hook) =>
        (hook.clientId === null || hook.clientId === head.clientId) &&
        hook.eventTypes.includes(type) &&
        hook.createdAt <= event.at,
    )
    const body = takers.length === 0 ? '' : bodyOf(event, head)
    return takers.map((hook) => ({
      id: uuidv7(ctx.now()),
      webhookId: hook.id,
      clientId: head.clientId,
      seq: event.seq,
      eventType: type,
      body,
    }))
  })
}

/** Sends everything of a stretch of time once more, under the old ids, so that who had it already can tell. */
export async function replayWebhookJob(
  ctx: Pick<Context, 'db' | 'events' | 'jobs' | 'now'>,
  asked: Readonly<Record<string, unknown>>,
  run: JobRun,
): Promise<Record<string, unknown>> {
  const input = asked as ReplayWebhookInput
  const [since, until] = [new Date(input.since), new Date(input.until)]
  const from = await seqAt(ctx.db, since)
  let cursor = from - 1
  let queued = 0
  for (;;) {
    const events = await ctx.events.read(cursor, sliceEvents)
    const within = events.filter((event) => event.at < until)
    const webhook = await readWebhook(ctx.db, null, input.webhookId)
    if (webhook === null || !webhook.isActive) break
    // A replay may reach back to before the webhook was made.
    const hook = { ...webhook, createdAt: since }
    const deliveries = await draftDeliveries(ctx, ctx.db, [hook], within)
    await insertAgain(ctx.db, deliveries, new Date(ctx.now()))
    queued += deliveries.length
    cursor += events.length
    await run.progress(cursor - from + 1, null)
    if (events.length < sliceEvents || within.length < events.length) break
  }
  await ctx.jobs.send(deliverJobKind, {})
  return { queued }
}
