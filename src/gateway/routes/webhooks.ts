import { z } from 'zod'
import {
  webhookCreatedSchema,
  webhookCreateSchema,
  webhookListSchema,
  webhookRotateSchema,
  webhookSchema,
  webhookUpdateSchema,
  type WebhookBody,
} from '#contracts/webhooks.ts'
import { AppError } from '#kernel/errors.ts'
import type { Actor, Context } from '#context.ts'
import {
  changeWebhook,
  createWebhook,
  dropWebhook,
  rotateSecret,
  unknownWebhook,
  type Changer,
  type WithSecret,
} from '#platform/webhooks/change.ts'
import { listWebhooks, readWebhook, type WebhookRow } from '#platform/webhooks/store.ts'
import { readClientKind } from '#services/returns/index.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { once, runOnce } from '../once.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Webhooks']
const config = { permission: 'webhooks:manage' }

export function webhookOf(row: WebhookRow): WebhookBody {
  return {
    id: row.id,
    clientId: row.clientId,
    url: row.url,
    description: row.description,
    eventTypes: [...row.eventTypes],
    isActive: row.isActive,
    disabledReason: row.disabledReason,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    previousSecretUntil: row.previousUntil?.toISOString() ?? null,
    failures: row.failures,
    failingSince: row.failingSince?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export function changerOf(request: FastifyRequest): Changer {
  const { kind, id, clientIds } = request.actor
  return { by: { kind, id }, requestId: request.id, clientIds }
}

export async function readOwnWebhook(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<WebhookRow> {
  const webhook = await readWebhook(ctx.db, actor.clientIds, id)
  if (webhook === null) throw unknownWebhook(id)
  return webhook
}

/** Whose returns: what was named, or the one client of a key. Only who sees all clients can ask for all. */
async function clientOf(ctx: Pick<Context, 'db'>, actor: Actor, given: string | null): Promise<string | null> {
  const named = given ?? (actor.clientIds?.length === 1 ? actor.clientIds[0]! : null)
  if (named === null && actor.clientIds === null) return null
  if (named === null) throw new AppError('invalid', 'say whose returns in clientId', { problem: 'client_missing' })
  const isOwn = actor.clientIds === null || actor.clientIds.includes(named)
  if (!isOwn || (await readClientKind(ctx.db, named)) === null)
    throw new AppError('not_found', `no such client: ${named}`, { problem: 'client_unknown' })
  return named
}

export function webhookRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/webhooks',
    {
      config,
      schema: {
        tags,
        operationId: 'listWebhooks',
        summary: 'Addresses that are told what happens to returns, the newest first',
        response: responses({ 200: ok(webhookListSchema, 'The webhooks') }),
      },
    },
    async (request) => ({ data: (await listWebhooks(ctx.db, request.actor.clientIds)).map(webhookOf) }),
  )

  api.post(
    '/api/webhooks',
    {
      config: { ...config, limitPerMinute: 60 },
      schema: {
        tags,
        operationId: 'createWebhook',
        summary: 'Have an address told; the secret that signs is shown this once',
        body: webhookCreateSchema,
        response: responses({ 201: ok(webhookCreatedSchema, 'Made') }, 404, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { body } = request
      const clientId = await clientOf(ctx, request.actor, body.clientId)
      await ctx.outbound.check(body.url)
      return sendSecret(request, reply, (tx) => createWebhook(ctx, tx, { ...body, clientId }, changerOf(request)))
    },
  )

  api.get(
    '/api/webhooks/:id',
    {
      config,
      schema: {
        tags,
        operationId: 'readWebhook',
        summary: 'One webhook',
        params: idParams,
        response: responses({ 200: ok(webhookSchema, 'The webhook') }, 404),
      },
    },
    async (request, reply) =>
      sendVersioned(request, reply, webhookOf(await readOwnWebhook(ctx, request.actor, request.params.id))),
  )

  api.put(
    '/api/webhooks/:id',
    {
      config,
      schema: {
        tags,
        operationId: 'updateWebhook',
        summary: 'Change a webhook, turn it off or on',
        params: idParams,
        body: webhookUpdateSchema,
        response: responses({ 200: ok(webhookSchema, 'Changed') }, 404, 409, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
      const { url, description, eventTypes, isActive } = request.body
      const change = {
        ifVersion: requireIfMatch(request),
        ...(url === undefined ? {} : { url }),
        ...(description === undefined ? {} : { description }),
        ...(eventTypes === undefined ? {} : { eventTypes }),
        ...(isActive === undefined ? {} : { isActive }),
      }
      await readOwnWebhook(ctx, request.actor, request.params.id)
      if (url !== undefined) await ctx.outbound.check(url)
      return runOnce(ctx, request, reply, async (tx) => ({
        status: 200,
        body: webhookOf(await changeWebhook(ctx, tx, request.params.id, change, changerOf(request))),
      }))
    },
  )

  api.delete(
    '/api/webhooks/:id',
    {
      config,
      schema: {
        tags,
        operationId: 'removeWebhook',
        summary: 'Remove a webhook with its log',
        params: idParams,
        response: responses({ 204: z.null().describe('Removed') }, 404, 409, 422),
      },
    },
    async (request, reply) => {
      await once(ctx, request, reply, null, async (tx) => {
        await dropWebhook(ctx, tx, request.params.id, changerOf(request))
        return { status: 204, body: null }
      })
      return reply.code(204).send(null)
    },
  )

  api.post(
    '/api/webhooks/:id/rotate',
    {
      config: { ...config, limitPerMinute: 60 },
      schema: {
        tags,
        operationId: 'rotateWebhookSecret',
        summary: 'A new secret; for a while calls are signed with both',
        params: idParams,
        body: webhookRotateSchema,
        response: responses(
          { 201: ok(webhookCreatedSchema, 'The new secret, shown this once') },
          404,
          409,
          413,
          415,
          422,
        ),
      },
    },
    async (request, reply) =>
      sendSecret(request, reply, (tx) =>
        rotateSecret(ctx, tx, request.params.id, request.body.overlapHours, changerOf(request)),
      ),
  )

  /** The secret leaves the transaction beside the stored answer, which does not hold it. */
  async function sendSecret(
    request: FastifyRequest,
    reply: FastifyReply,
    make: (tx: Parameters<typeof createWebhook>[1]) => Promise<WithSecret>,
  ) {
    const shown: { made?: WithSecret } = {}
    const answer = await once(ctx, request, reply, request.body, async (tx) => {
      shown.made = await make(tx)
      return { status: 201, body: { id: shown.made.webhook.id }, resourceId: shown.made.webhook.id }
    })
    if (answer.isReplayed)
      throw new AppError('conflict', `this request was done before; the secret of ${answer.body.id} was shown then`, {
        problem: 'secret_shown_before',
      })
    const { webhook, secret } = shown.made!
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .header('location', `/api/webhooks/${webhook.id}`)
      .header('etag', `"${webhook.version}"`)
      .send({ ...webhookOf(webhook), secret })
  }
}
