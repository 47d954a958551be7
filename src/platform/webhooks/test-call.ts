import { webhookTestType } from '#contracts/webhooks.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { attempt, testBody, type AttemptResult, type DeliverContext } from './deliver.ts'
import { insertDeliveries, recordAttempt } from './delivery-store.ts'
import { readSecrets, type WebhookRow } from './store.ts'

/** Calls the address now, once, and tells how it went; it stands in the log like any other delivery. */
export async function testWebhook(
  ctx: Pick<DeliverContext, 'db' | 'secrets' | 'outbound' | 'metrics' | 'now'>,
  webhook: WebhookRow,
): Promise<{ readonly deliveryId: string; readonly result: AttemptResult }> {
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const id = uuidv7(nowMs)
  const body = testBody(webhook.id, at)
  const secrets = await readSecrets(ctx.db, ctx.secrets, webhook, at)
  const result = await attempt(ctx, webhook.url, secrets, { id, body })
  const done = new Date(result.atMs)
  await ctx.db.transaction(async (tx) => {
    const row = { id, webhookId: webhook.id, clientId: webhook.clientId, seq: null, eventType: webhookTestType, body }
    await insertDeliveries(tx, [row], at)
    const state = result.problem === null ? 'delivered' : 'failed'
    const attemptRow = { at: done, tookMs: result.tookMs, status: result.status, problem: result.problem }
    await recordAttempt(tx, id, attemptRow, { state, nextAttemptAt: done })
  })
  return { deliveryId: id, result }
}
