import type { Context } from '#context.ts'
import {
  deliverJobKind,
  replayWebhookJob,
  replayWebhookJobKind,
  webhookSubscriber,
} from '#flows/webhooks/publish-events.ts'
import type { Subscriber } from '#platform/events/port.ts'
import { runJob } from '#platform/jobs/store.ts'
import { openDeliverer, type DeliverSettings } from '#platform/webhooks/deliver.ts'
import { readNoticeReceivers } from '#platform/webhooks/store.ts'
import { forgetDeliveries } from '#platform/webhooks/delivery-store.ts'

const forgetJob = 'forget_webhook_deliveries'
/** For so long it can be looked up what was told to whom. */
const deliveriesKeptMs = 30 * 86_400_000
/** Who has not read it by then sees it on the page. */
const noticeKeptMs = 14 * 86_400_000

/** A letter to whom it concerns, in the transaction that turns a webhook off. */
export function webhookNotice(ctx: Pick<Context, 'mail' | 'now'>): NonNullable<DeliverSettings['notify']> {
  return async (tx, webhook) => {
    const receivers = await readNoticeReceivers(tx, webhook.createdBy)
    const { host } = new URL(webhook.url)
    const isGone = webhook.disabledReason === 'gone'
    const expiresAt = new Date(ctx.now() + noticeKeptMs)
    await ctx.mail.send(
      tx,
      receivers.map(({ email, name }) => ({
        to: email,
        letter: { kind: 'webhook_disabled', name, host, isGone } as const,
        expiresAt,
      })),
    )
  }
}

/** Everything of webhooks that runs beside requests. */
export async function openWebhooks(
  ctx: Context,
  settings: DeliverSettings = { random: Math.random, notify: webhookNotice(ctx) },
): Promise<{ readonly subscriber: Subscriber; readonly close: () => Promise<void> }> {
  const deliverer = openDeliverer(ctx, settings)
  await ctx.jobs.work(deliverJobKind, () => deliverer.kick())
  await ctx.jobs.schedule(deliverJobKind, '* * * * *')
  await ctx.jobs.work(replayWebhookJobKind, (input) =>
    runJob(ctx, String(input.jobId), (asked, run) => replayWebhookJob(ctx, asked, run)),
  )
  await ctx.jobs.work(forgetJob, async () => {
    await forgetDeliveries(ctx.db, new Date(ctx.now() - deliveriesKeptMs))
  })
  await ctx.jobs.schedule(forgetJob, '50 2 * * *')
  return { subscriber: webhookSubscriber(ctx), close: deliverer.close }
}
