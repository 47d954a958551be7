import { z } from 'zod'
import { userCreateSchema, userPageSchema, userSchema, userUpdateSchema } from '#contracts/users.ts'
import { idSchema, limitSchema } from '#contracts/common.ts'
import type { By } from '#contracts/events.ts'
import { AppError } from '#kernel/errors.ts'
import { createUser } from '#platform/auth/demo-users.ts'
import { checkPassword, hashPassword } from '#platform/auth/passwords.ts'
import { endSessionsOf, readUser, readUsers, updateUser, type UserRow } from '#platform/auth/store.ts'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Users']

function userOf(row: UserRow) {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    hubIds: [...row.hubIds],
    clientIds: [...row.clientIds],
    isActive: row.isActive,
    isDemo: row.isDemo,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export function userRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/users',
    {
      config: { permission: 'users:manage' },
      schema: {
        tags,
        operationId: 'listUsers',
        summary: 'People with a login, by address',
        querystring: z.strictObject({ limit: limitSchema, cursor: idSchema.optional() }),
        response: responses({ 200: ok(userPageSchema, 'A page') }),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const rows = await readUsers(ctx.db, cursor ?? null, limit + 1)
      const data = rows.slice(0, limit).map(userOf)
      return { data, page: { nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null, limit } }
    },
  )

  api.post(
    '/api/users',
    {
      config: { permission: 'users:manage' },
      schema: {
        tags,
        operationId: 'createUser',
        summary: 'Give somebody a login',
        body: userCreateSchema,
        response: responses({ 201: ok(userSchema, 'Made') }, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { body, actor } = request
      checkPassword(body.password, [body.email, body.name])
      const id = await createUser(ctx, { ...body, isDemo: false }, byOf(actor), request.id)
      if (id === null)
        throw new AppError('conflict', 'there is a user with this address already', { problem: 'email_taken' })
      return reply
        .code(201)
        .header('location', `/api/users/${id}`)
        .send(userOf((await readUser(ctx.db, id))!))
    },
  )

  api.get(
    '/api/users/:id',
    {
      config: { permission: 'users:manage' },
      schema: {
        tags,
        operationId: 'readUser',
        summary: 'One user',
        params: idParams,
        response: responses({ 200: ok(userSchema, 'The user') }, 404),
      },
    },
    async (request, reply) => {
      const row = await readUser(ctx.db, request.params.id)
      if (row === null) throw new AppError('not_found', `no such user: ${request.params.id}`)
      return sendVersioned(request, reply, userOf(row))
    },
  )

  api.put(
    '/api/users/:id',
    {
      config: { permission: 'users:manage' },
      schema: {
        tags,
        operationId: 'updateUser',
        summary: 'Change a user; fewer rights end the live sessions at once',
        params: idParams,
        body: userUpdateSchema,
        response: responses({ 200: ok(userSchema, 'Changed') }, 404, 409, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
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
          throw new AppError('precondition_failed', `the user is at version ${before.version}, you saw ${seen}`, {
            problem: 'version_stale',
            etag: `"${before.version}"`,
          })
        }
        if (
          before.id === request.actor.id &&
          (body.isActive === false || (body.role !== undefined && body.role !== before.role))
        ) {
          throw new AppError('conflict', 'you cannot take your own rights: ask another administrator', {
            problem: 'own_rights',
          })
        }
        const endsSessions =
          body.role !== undefined ||
          body.isActive === false ||
          passwordHash !== undefined ||
          body.hubIds !== undefined ||
          body.clientIds !== undefined
        const after: UserRow = {
          ...before,
          name: body.name ?? before.name,
          role: body.role ?? before.role,
          isActive: body.isActive ?? before.isActive,
          hubIds: body.hubIds ?? before.hubIds,
          clientIds: body.clientIds ?? before.clientIds,
          passwordHash: passwordHash ?? before.passwordHash,
          tokenEpoch: before.tokenEpoch + (endsSessions ? 1 : 0),
          version: before.version + 1,
          updatedAt: at,
        }
        await updateUser(tx, after)
        if (endsSessions) await endSessionsOf(tx, after.id, at)
        const data = {
          by: byOf(request.actor),
          requestId: request.id,
          fields: Object.keys(body),
          role: after.role,
          isActive: after.isActive,
          hubIds: after.hubIds,
          clientIds: after.clientIds,
        }
        await ctx.events.append(
          tx,
          [{ stream: `user-${after.id}`, version: after.version, type: 'UserChanged', data }],
          at,
        )
        return after
      })
      return sendVersioned(request, reply, userOf(user))
    },
  )
}

function byOf(actor: { readonly kind: By['kind']; readonly id: string }): By {
  return { kind: actor.kind, id: actor.id }
}
