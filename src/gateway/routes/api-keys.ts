import { z } from 'zod'
import { byOf } from '#contracts/events.ts'
import { apiKeyCreatedSchema, apiKeyCreateSchema, apiKeyListSchema, apiKeyRotateSchema } from '#contracts/users.ts'
import { AppError } from '#kernel/errors.ts'
import { newApiKey } from '#platform/auth/api-keys.ts'
import { keyScopes } from '#platform/auth/roles.ts'
import { insertKey, lockLiveKey, readKeys, revokeKey, shortenKey, type KeyRow } from '#platform/auth/key-store.ts'
import { readClientKind } from '#services/returns/index.ts'
import { once } from '../once.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['API keys']
const keyParams = z.strictObject({ id: z.string().regex(/^[0-9A-Za-z]{8}$/) })

function keyOf(row: KeyRow) {
  const { secretHash: _, ...key } = row
  return {
    ...key,
    hubIds: [...key.hubIds],
    scopes: [...key.scopes],
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
  }
}

export function apiKeyRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/api-keys',
    {
      config: { permission: 'keys:manage' },
      schema: {
        tags,
        operationId: 'listApiKeys',
        summary: 'API keys, newest first',
        response: responses({ 200: ok(apiKeyListSchema, 'The keys') }),
      },
    },
    async () => ({ data: (await readKeys(ctx.db)).map(keyOf) }),
  )

  api.post(
    '/api/api-keys',
    {
      config: { permission: 'keys:manage' },
      schema: {
        tags,
        operationId: 'createApiKey',
        summary: 'Make a key for a client; it is shown this once',
        body: apiKeyCreateSchema,
        response: responses({ 201: ok(apiKeyCreatedSchema, 'Made') }, 404, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { body } = request
      const wrong = body.scopes.filter((scope) => !(keyScopes as readonly string[]).includes(scope))
      if (wrong.length > 0) {
        throw new AppError('invalid', `a key cannot have ${wrong.join(', ')}; it can have ${keyScopes.join(', ')}`, {
          errors: wrong.map((scope) => ({
            pointer: `/scopes/${body.scopes.indexOf(scope)}`,
            code: 'scope_unknown',
            detail: `no such scope for a key: ${scope}`,
          })),
        })
      }
      const kind = await readClientKind(ctx.db, body.clientId)
      if (kind === null)
        throw new AppError('not_found', `no such client: ${body.clientId}`, { problem: 'client_unknown' })
      if (body.environment === 'test' && kind !== 'sandbox')
        throw new AppError('unprocessable', 'a test key is for a sandbox client', { problem: 'sandbox_needed' })
      const made = newApiKey(body.environment)
      const nowMs = ctx.now()
      const at = new Date(nowMs)
      const row: KeyRow = {
        id: made.id,
        environment: body.environment,
        secretHash: made.secretHash,
        name: body.name,
        clientId: body.clientId,
        hubIds: body.hubIds,
        scopes: body.scopes,
        createdAt: at,
        expiresAt: new Date(nowMs + body.expiresInDays * 86_400_000),
        lastUsedAt: null,
        revokedAt: null,
      }
      const answer = await once(ctx, request, reply, body, async (tx) => {
        await insertKey(tx, { ...row, createdBy: request.actor.kind === 'user' ? request.actor.id : null })
        const data = {
          by: byOf(request.actor),
          requestId: request.id,
          clientId: row.clientId,
          hubIds: row.hubIds,
          scopes: row.scopes,
          expiresAt: row.expiresAt.toISOString(),
        }
        await ctx.events.append(tx, [{ stream: `apikey-${row.id}`, version: 1, type: 'ApiKeyCreated', data }], at)
        return { status: 201, body: { id: row.id }, resourceId: row.id }
      })
      if (answer.isReplayed) throw shownBefore(answer.body.id)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...keyOf(row), key: made.text })
    },
  )

  api.post(
    '/api/api-keys/:id/rotate',
    {
      config: { permission: 'keys:manage' },
      schema: {
        tags,
        operationId: 'rotateApiKey',
        summary: 'Make the key that follows this one; both work for a while',
        params: keyParams,
        body: apiKeyRotateSchema,
        response: responses({ 201: ok(apiKeyCreatedSchema, 'The new key, shown this once') }, 404, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const nowMs = ctx.now()
      const at = new Date(nowMs)
      const version = await nextVersion(id)
      // The secret leaves the transaction beside the answer, which is stored.
      const shown: { key?: z.output<typeof apiKeyCreatedSchema> } = {}
      const answer = await once(ctx, request, reply, request.body, async (tx) => {
        const old = await lockLiveKey(tx, id, at)
        if (old === null) throw new AppError('not_found', `no live API key ${id}`)
        const made = newApiKey(old.environment)
        const expiresAt = new Date(nowMs + old.expiresAt.getTime() - old.createdAt.getTime())
        const next: KeyRow = {
          ...old,
          id: made.id,
          secretHash: made.secretHash,
          createdAt: at,
          expiresAt,
          lastUsedAt: null,
          revokedAt: null,
        }
        await insertKey(tx, { ...next, createdBy: request.actor.kind === 'user' ? request.actor.id : null })
        const oldEndsAt = new Date(Math.min(old.expiresAt.getTime(), nowMs + request.body.overlapHours * 3_600_000))
        await shortenKey(tx, id, oldEndsAt)
        const meta = { by: byOf(request.actor), requestId: request.id }
        await ctx.events.append(
          tx,
          [
            {
              stream: `apikey-${next.id}`,
              version: 1,
              type: 'ApiKeyCreated',
              data: {
                ...meta,
                clientId: next.clientId,
                hubIds: next.hubIds,
                scopes: next.scopes,
                expiresAt: expiresAt.toISOString(),
                replaces: id,
              },
            },
            {
              stream: `apikey-${id}`,
              version,
              type: 'ApiKeyRotated',
              data: { ...meta, replacedBy: next.id, expiresAt: oldEndsAt.toISOString() },
            },
          ],
          at,
        )
        shown.key = { ...keyOf(next), key: made.text }
        return { status: 201, body: { id: next.id }, resourceId: next.id }
      })
      if (answer.isReplayed) throw shownBefore(answer.body.id)
      return reply.code(201).header('cache-control', 'no-store').send(shown.key!)
    },
  )

  /** Of two changes at once the second finds its version taken, and is answered 409. */
  async function nextVersion(keyId: string): Promise<number> {
    return (await ctx.events.readStream(`apikey-${keyId}`)).length + 1
  }

  api.delete(
    '/api/api-keys/:id',
    {
      config: { permission: 'keys:manage' },
      schema: {
        tags,
        operationId: 'revokeApiKey',
        summary: 'Revoke a key; it is refused within a second',
        params: keyParams,
        response: responses({ 204: z.null().describe('Revoked') }, 404, 409, 422),
      },
    },
    async (request, reply) => {
      const at = new Date(ctx.now())
      const version = await nextVersion(request.params.id)
      await once(ctx, request, reply, null, async (tx) => {
        if (!(await revokeKey(tx, request.params.id, at)))
          throw new AppError('not_found', `no live API key ${request.params.id}`)
        const data = { by: byOf(request.actor), requestId: request.id }
        await ctx.events.append(
          tx,
          [{ stream: `apikey-${request.params.id}`, version, type: 'ApiKeyRevoked', data }],
          at,
        )
        return { status: 204, body: null }
      })
      return reply.code(204).send(null)
    },
  )
}

/** A repeat makes no second key, and cannot be told the first: its secret is stored nowhere. */
function shownBefore(id: string): AppError {
  return new AppError('conflict', `this request has made the API key ${id}, which was shown then: revoke it if lost`, {
    problem: 'key_shown_before',
  })
}
