import { z } from 'zod'
import {
  apiKeyCreatedSchema, apiKeyCreateSchema, apiKeyListSchema, apiKeyRotateSchema, userCreateSchema, userPageSchema, userSchema, userUpdateSchema,
} from '#contracts/users.ts'
import { idSchema, limitSchema } from '#contracts/common.ts'
import type { By } from '#contracts/events.ts'
import { AppError } from '#kernel/errors.ts'
import { newApiKey } from '#platform/auth/api-keys.ts'
import { createUser } from '#platform/auth/demo-users.ts'
import { checkPassword, hashPassword } from '#platform/auth/passwords.ts'
import { keyScopes } from '#platform/auth/roles.ts'
import {
  endSessionsOf, insertKey, lockLiveKey, readKeys, readUser, readUsers, revokeKey, shortenKey, updateUser, type KeyRow, type UserRow,
} from '#platform/auth/store.ts'
import { readClientKind } from '#services/returns/index.ts'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Users']
const keyParams = z.strictObject({ id: z.string().regex(/^[0-9A-Za-z]{8}$/) })

function userOf(row: UserRow) {
  return {
    id: row.id, email: row.email, name: row.name, role: row.role, hubIds: [...row.hubIds], clientIds: [...row.clientIds], isActive: row.isActive,
    isDemo: row.isDemo, version: row.version, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString(),
  }
}

function keyOf(row: KeyRow) {
  const { secretHash: _, ...key } = row
  return {
    ...key, scopes: [...key.scopes], createdAt: key.createdAt.toISOString(), expiresAt: key.expiresAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null, revokedAt: key.revokedAt?.toISOString() ?? null,
  }
}

export function userRoutes(api: Api, { ctx }: RouteContext): void {
  api.get('/api/users', {
    config: { permission: 'users:manage' },
    schema: {
      tags, operationId: 'listUsers', summary: 'People with a login, by address',
      querystring: z.strictObject({ limit: limitSchema, cursor: idSchema.optional() }), response: responses({ 200: ok(userPageSchema, 'A page') }),
    },
  }, async (request) => {
    const { limit, cursor } = request.query
    const rows = await readUsers(ctx.db, cursor ?? null, limit + 1)
    const data = rows.slice(0, limit).map(userOf)
    return { data, page: { nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null, limit } }
  })

  api.post('/api/users', {
    config: { permission: 'users:manage' },
    schema: { tags, operationId: 'createUser', summary: 'Give somebody a login', body: userCreateSchema, response: responses({ 201: ok(userSchema, 'Made') }, 409, 413, 415, 422) },
  }, async (request, reply) => {
    const { body, actor } = request
    checkPassword(body.password, [body.email, body.name])
    const id = await createUser(ctx, { ...body, isDemo: false }, byOf(actor), request.id)
    if (id === null) throw new AppError('conflict', 'there is a user with this address already', { problem: 'email_taken' })
    return reply.code(201).header('location', `/api/users/${id}`).send(userOf((await readUser(ctx.db, id))!))
  })

  api.get('/api/users/:id', {
    config: { permission: 'users:manage' },
    schema: { tags, operationId: 'readUser', summary: 'One user', params: idParams, response: responses({ 200: ok(userSchema, 'The user') }, 404) },
  }, async (request, reply) => {
    const row = await readUser(ctx.db, request.params.id)
    if (row === null) throw new AppError('not_found', `no such user: ${request.params.id}`)
    return sendVersioned(request, reply, userOf(row))
  })

  api.put('/api/users/:id', {
    config: { permission: 'users:manage' },
    schema: {
      tags, operationId: 'updateUser', summary: 'Change a user; fewer rights end the live sessions at once', params: idParams, body: userUpdateSchema,
      response: responses({ 200: ok(userSchema, 'Changed') }, 404, 409, 412, 413, 415, 422, 428),
    },
  }, async (request, reply) => {
    const { body, params } = request
    const seen = requireIfMatch(request)
    const at = new Date(ctx.now())
    const known = await readUser(ctx.db, params.id)
    if (known === null) throw new AppError('not_found', `no such user: ${params.id}`)
    if (body.password !== undefined) checkPassword(body.password, [known.email, body.name ?? known.name])
    const passwordHash = body.password === undefined ? undefined : await hashPassword(body.password)
    const user = await ctx.db.transaction(async (tx) => {
      const before = (await readUser(tx, params.id, true))!
      if (before.version !== seen) {
        throw new AppError('precondition_failed', `the user is at version ${before.version}, you saw ${seen}`, { problem: 'version_stale', etag: `"${before.version}"` })
      }
      if (before.id === request.actor.id && (body.isActive === false || (body.role !== undefined && body.role !== before.role))) {
        throw new AppError('conflict', 'you cannot take your own rights: ask another administrator', { problem: 'own_rights' })
      }
      const endsSessions = body.role !== undefined || body.isActive === false || passwordHash !== undefined || body.hubIds !== undefined || body.clientIds !== undefined
      const after: UserRow = {
        ...before,
        name: body.name ?? before.name, role: body.role ?? before.role, isActive: body.isActive ?? before.isActive,
        hubIds: body.hubIds ?? before.hubIds, clientIds: body.clientIds ?? before.clientIds, passwordHash: passwordHash ?? before.passwordHash,
        tokenEpoch: before.tokenEpoch + (endsSessions ? 1 : 0), version: before.version + 1, updatedAt: at,
      }
      await updateUser(tx, after)
      if (endsSessions) await endSessionsOf(tx, after.id, at)
      const data = { by: byOf(request.actor), requestId: request.id, fields: Object.keys(body), role: after.role, isActive: after.isActive, hubIds: after.hubIds, clientIds: after.clientIds }
      await ctx.events.append(tx, [{ stream: `user-${after.id}`, version: after.version, type: 'UserChanged', data }], at)
      return after
    })
    return sendVersioned(request, reply, userOf(user))
  })

  api.get('/api/api-keys', {
    config: { permission: 'keys:manage' },
    schema: { tags: ['API keys'], operationId: 'listApiKeys', summary: 'API keys, newest first', response: responses({ 200: ok(apiKeyListSchema, 'The keys') }) },
  }, async () => ({ data: (await readKeys(ctx.db)).map(keyOf) }))

  api.post('/api/api-keys', {
    config: { permission: 'keys:manage' },
    schema: { tags: ['API keys'], operationId: 'createApiKey', summary: 'Make a key for a client; it is shown this once', body: apiKeyCreateSchema, response: responses({ 201: ok(apiKeyCreatedSchema, 'Made') }, 404, 413, 415, 422) },
  }, async (request, reply) => {
    const { body } = request
    const wrong = body.scopes.filter((scope) => !(keyScopes as readonly string[]).includes(scope))
    if (wrong.length > 0) {
      throw new AppError('invalid', `a key cannot have ${wrong.join(', ')}; it can have ${keyScopes.join(', ')}`, {
        errors: wrong.map((scope) => ({ pointer: `/scopes/${body.scopes.indexOf(scope)}`, code: 'scope_unknown', detail: `no such scope for a key: ${scope}` })),
      })
    }
    const kind = await readClientKind(ctx.db, body.clientId)
    if (kind === null) throw new AppError('not_found', `no such client: ${body.clientId}`, { problem: 'client_unknown' })
    if (body.environment === 'test' && kind !== 'sandbox') throw new AppError('unprocessable', 'a test key is for a sandbox client', { problem: 'sandbox_needed' })
    const made = newApiKey(body.environment)
    const nowMs = ctx.now()
    const at = new Date(nowMs)
    const row: KeyRow = {
      id: made.id, environment: body.environment, secretHash: made.secretHash, name: body.name, clientId: body.clientId, scopes: body.scopes,
      createdAt: at, expiresAt: new Date(nowMs + body.expiresInDays * 86_400_000), lastUsedAt: null, revokedAt: null,
    }
    await ctx.db.transaction(async (tx) => {
      await insertKey(tx, { ...row, createdBy: request.actor.kind === 'user' ? request.actor.id : null })
      const data = { by: byOf(request.actor), requestId: request.id, clientId: row.clientId, scopes: row.scopes, expiresAt: row.expiresAt.toISOString() }
      await ctx.events.append(tx, [{ stream: `apikey-${row.id}`, version: 1, type: 'ApiKeyCreated', data }], at)
    })
    // The answer holds the secret: it is never stored for a repeat.
    return reply.code(201).header('cache-control', 'no-store').send({ ...keyOf(row), key: made.text })
  })

  api.post('/api/api-keys/:id/rotate', {
    config: { permission: 'keys:manage' },
    schema: {
      tags: ['API keys'], operationId: 'rotateApiKey', summary: 'Make the key that follows this one; both work for a while', params: keyParams,
      body: apiKeyRotateSchema, response: responses({ 201: ok(apiKeyCreatedSchema, 'The new key, shown this once') }, 404, 409, 413, 415),
    },
  }, async (request, reply) => {
    const { id } = request.params
    const nowMs = ctx.now()
    const at = new Date(nowMs)
    const version = await nextVersion(id)
    const { row, text } = await ctx.db.transaction(async (tx) => {
      const old = await lockLiveKey(tx, id, at)
      if (old === null) throw new AppError('not_found', `no live API key ${id}`)
      const made = newApiKey(old.environment)
      const expiresAt = new Date(nowMs + old.expiresAt.getTime() - old.createdAt.getTime())
      const next: KeyRow = { ...old, id: made.id, secretHash: made.secretHash, createdAt: at, expiresAt, lastUsedAt: null, revokedAt: null }
      await insertKey(tx, { ...next, createdBy: request.actor.kind === 'user' ? request.actor.id : null })
      const oldEndsAt = new Date(Math.min(old.expiresAt.getTime(), nowMs + request.body.overlapHours * 3_600_000))
      await shortenKey(tx, id, oldEndsAt)
      const meta = { by: byOf(request.actor), requestId: request.id }
      await ctx.events.append(tx, [
        { stream: `apikey-${next.id}`, version: 1, type: 'ApiKeyCreated', data: { ...meta, clientId: next.clientId, scopes: next.scopes, expiresAt: expiresAt.toISOString(), replaces: id } },
        { stream: `apikey-${id}`, version, type: 'ApiKeyRotated', data: { ...meta, replacedBy: next.id, expiresAt: oldEndsAt.toISOString() } },
      ], at)
      return { row: next, text: made.text }
    })
    return reply.code(201).header('cache-control', 'no-store').send({ ...keyOf(row), key: text })
  })

  /** Of two changes at once the second finds its version taken, and is answered 409. */
  async function nextVersion(keyId: string): Promise<number> {
    return (await ctx.events.readStream(`apikey-${keyId}`)).length + 1
  }

  api.delete('/api/api-keys/:id', {
    config: { permission: 'keys:manage' },
    schema: {
      tags: ['API keys'], operationId: 'revokeApiKey', summary: 'Revoke a key; it is refused within a second', params: keyParams,
      response: responses({ 204: z.null().describe('Revoked') }, 404, 409),
    },
  }, async (request, reply) => {
    const at = new Date(ctx.now())
    const version = await nextVersion(request.params.id)
    await ctx.db.transaction(async (tx) => {
      if (!(await revokeKey(tx, request.params.id, at))) throw new AppError('not_found', `no live API key ${request.params.id}`)
      const data = { by: byOf(request.actor), requestId: request.id }
      await ctx.events.append(tx, [{ stream: `apikey-${request.params.id}`, version, type: 'ApiKeyRevoked', data }], at)
    })
    return reply.code(204).send(null)
  })
}

function byOf(actor: { readonly kind: By['kind']; readonly id: string }): By {
  return { kind: actor.kind, id: actor.id }
}
