import { z } from 'zod'
import { idSchema } from '#contracts/common.ts'
import { jobSchema, type Job } from '#contracts/jobs.ts'
import type { ListFields } from '#contracts/lists.ts'
import {
  webhookDeliveryDetailSchema,
  webhookDeliveryPageSchema,
  webhookDeliverySchema,
  webhookReplaySchema,
  webhookStates,
  webhookTestedSchema,
  type WebhookDeliveryBody,
} from '#contracts/webhooks.ts'
import { deliverJobKind, replayWebhookJobKind, type ReplayWebhookInput } from '#flows/webhooks/publish-events.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { createJob } from '#platform/jobs/store.ts'
import { noteReplay } from '#platform/webhooks/change.ts'
import { listDeliveries, readDelivery, retryDelivery, type DeliveryRow } from '#platform/webhooks/delivery-store.ts'
import { testWebhook } from '#platform/webhooks/test-call.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { runOnce } from '../once.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'
import { presentJob } from './jobs.ts'
import { changerOf, readOwnWebhook } from './webhooks.ts'

const tags = ['Webhooks']
const config = { permission: 'webhooks:manage' }
const fields: ListFields = { state: { kind: 'code', isSortable: false, values: webhookStates } }
const deliveryParams = z.strictObject({ id: idSchema, deliveryId: idSchema })

function deliveryOf(row: DeliveryRow): WebhookDeliveryBody {
  return {
    id: row.id,
    eventType: row.eventType,
    seq: row.seq,
    state: row.state,
    attempts: row.attempts,
    lastStatus: row.lastStatus,
    lastProblem: row.lastProblem,
    nextAttemptAt: row.state === 'pending' ? row.nextAttemptAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}

function unknownDelivery(id: string): AppError {
  return new AppError('not_found', `no such delivery: ${id}`, { problem: 'delivery_unknown' })
}

export function webhookDeliveryRoutes(api: Api, { ctx, cursorKey }: RouteContext): void {
  api.get(
    '/api/webhooks/:id/deliveries',
    {
      config,
      schema: {
        tags,
        operationId: 'listWebhookDeliveries',
        summary: 'What was told to this address, or waits to be, the newest first',
        params: idParams,
        querystring: listQuerySchema(fields),
        response: responses({ 200: ok(webhookDeliveryPageSchema, 'A page') }, 404),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, fields, cursorKey)
      const states = query.filters.flatMap((filter) => filter.values)
      const webhook = await readOwnWebhook(ctx, request.actor, request.params.id)
      const rows = await listDeliveries(ctx.db, webhook.id, {
        limit: query.limit + 1,
        beforeId: query.after?.at(-1) ?? null,
        states: states.length === 0 ? null : states,
      })
      const shown = rows.slice(0, query.limit)
      const next = rows.length > query.limit ? [shown.at(-1)!.id] : null
      return sendPage(request, reply, query, { data: shown.map(deliveryOf), next }, cursorKey)
    },
  )

  api.get(
    '/api/webhooks/:id/deliveries/:deliveryId',
    {
      config,
      schema: {
        tags,
        operationId: 'readWebhookDelivery',
        summary: 'One delivery: what was sent, and every attempt',
        params: deliveryParams,
        response: responses({ 200: ok(webhookDeliveryDetailSchema, 'The delivery') }, 404),
      },
    },
    async (request) => {
      const { id, deliveryId } = request.params
      await readOwnWebhook(ctx, request.actor, id)
      const delivery = await readDelivery(ctx.db, id, deliveryId)
      if (delivery === null) throw unknownDelivery(deliveryId)
      const log = delivery.log.map((attempt) => ({ ...attempt, at: attempt.at.toISOString() }))
      return { ...deliveryOf(delivery), body: delivery.body, log }
    },
  )

  api.post(
    '/api/webhooks/:id/deliveries/:deliveryId/retry',
    {
      config,
      schema: {
        tags,
        operationId: 'retryWebhookDelivery',
        summary: 'Send one delivery once more, now, under its old id',
        params: deliveryParams,
        response: responses({ 200: ok(webhookDeliverySchema, 'It waits to be sent') }, 404, 409, 422),
      },
    },
    async (request, reply) => {
      const { id, deliveryId } = request.params
      const webhook = await readOwnWebhook(ctx, request.actor, id)
      if (!webhook.isActive)
        throw new AppError('conflict', 'the webhook is off: turn it on first', { problem: 'webhook_disabled' })
      await runOnce(ctx, request, reply, async (tx) => {
        if (!(await retryDelivery(tx, id, deliveryId, new Date(ctx.now())))) throw unknownDelivery(deliveryId)
        return { status: 200, body: deliveryOf((await readDelivery(tx, id, deliveryId))!) }
      })
      await wake()
      return reply
    },
  )

  api.post(
    '/api/webhooks/:id/test',
    {
      config: { ...config, limitPerMinute: 30 },
      schema: {
        tags,
        operationId: 'testWebhook',
        summary: 'Call the address once with a test event, and see how it answers',
        params: idParams,
        response: responses({ 200: ok(webhookTestedSchema, 'How it went') }, 404, 409, 422),
      },
    },
    async (request) => {
      const { deliveryId, result } = await testWebhook(ctx, await readOwnWebhook(ctx, request.actor, request.params.id))
      const { status, problem, tookMs } = result
      return { deliveryId, isDelivered: problem === null, status, problem, tookMs }
    },
  )

  api.post(
    '/api/webhooks/:id/replay',
    {
      config: { ...config, limitPerMinute: 10 },
      schema: {
        tags,
        operationId: 'replayWebhook',
        summary: 'Send everything of a stretch of time once more, under the old ids; follow the job',
        params: idParams,
        body: webhookReplaySchema,
        response: responses({ 202: ok(jobSchema, 'Accepted; Location is the job') }, 404, 409, 413, 415, 422),
      },
      preSerialization: async (_request, reply, payload) => {
        if (reply.statusCode === 202) reply.header('location', `/api/jobs/${(payload as Job).id}`)
        return payload
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const nowMs = ctx.now()
      const since = new Date(request.body.since).toISOString()
      const until = new Date(request.body.until ?? nowMs).toISOString()
      if (since >= until)
        throw new AppError('invalid', 'since must be before until', {
          errors: [{ pointer: '/since', code: 'span_empty', detail: 'since must be before until' }],
        })
      const created: string[] = []
      await runOnce(ctx, request, reply, async (tx) => {
        const webhook = await noteReplay(ctx, tx, id, { since, until }, changerOf(request))
        const input: ReplayWebhookInput = { webhookId: id, since, until }
        const job = await createJob(tx, {
          id: uuidv7(nowMs),
          kind: replayWebhookJobKind,
          input,
          createdBy: request.actor.id,
          clientId: webhook.clientId,
          at: new Date(nowMs),
        })
        created.push(job.id)
        return { status: 202, body: presentJob(job), resourceId: job.id }
      })
      // After the commit, or the worker could look for a job that is not there yet. A job that is lost here is sent again.
      for (const jobId of created.slice(-1))
        await ctx.jobs
          .send(replayWebhookJobKind, { jobId }, { id: jobId })
          .catch((error: unknown) => ctx.log.warn({ jobId, error }, 'the queue did not take a job; it is sent again'))
      return reply
    },
  )

  /** Lost wake-ups are made up for every minute. */
  async function wake(): Promise<void> {
    await ctx.jobs
      .send(deliverJobKind, {})
      .catch((error: unknown) => ctx.log.warn({ error }, 'the queue did not take a wake-up'))
  }
}
