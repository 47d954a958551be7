import { byOf } from '#contracts/events.ts'
import { createHmac } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userCreateSchema, userPageSchema, userSchema, userUpdateSchema } from '#contracts/users.ts'
import { idSchema, limitSchema } from '#contracts/common.ts'
import { AppError } from '#kernel/errors.ts'
import type { Login } from '#platform/auth/login.ts'
import { checkPassword, hashPassword, isLongPassword } from '#platform/auth/passwords.ts'
import { invite } from '#platform/auth/recover.ts'
import { readUser, readUsers, type UserRow } from '#platform/auth/store.ts'
import { changeUser, recordUser, removeUser, type Doer } from '#platform/auth/users.ts'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { once } from '../once.ts'
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
    hasPassword: row.passwordHash !== null,
    hasSecondFactor: row.hasSecondFactor,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export const userRoutes = (login: Pick<Login, 'recover'>) => (api: Api, context: RouteContext) => {
  const { ctx, cursorKey } = context
  // What a repeat is compared by stands in the database: a password only as a keyed hash, which nobody can try words on.
  const comparable = <T extends { readonly password?: string | undefined }>(body: T) =>
    body.password === undefined
      ? body
      : { ...body, password: createHmac('sha256', cursorKey).update(`password|${body.password}`).digest('base64url') }
  // The stored answer is the id alone: a name or an address is kept in one place.
  const present = async (id: string): Promise<UserRow> => {
    const row = await readUser(ctx.db, id)
    if (row === null) throw new AppError('not_found', `no such user: ${id}`, { problem: 'user_unknown' })
    return row
  }

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
        summary: 'Give somebody a login; without a password the person is invited by letter to choose one',
        body: userCreateSchema,
        response: responses({ 201: ok(userSchema, 'Made') }, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { password, ...user } = request.body
      if (password !== undefined) checkPassword(password, { context: [user.email, user.name], hasSecondFactor: false })
      const passwordHash = password === undefined ? null : await hashPassword(password)
      const doer = doerOf(request)
      const { body } = await once(ctx, request, reply, comparable(request.body), async (tx) => {
        const row = { ...user, isDemo: false, passwordHash, isPasswordLong: true }
        const id = await recordUser(ctx, tx, row, doer)
        if (id === null)
          throw new AppError('conflict', 'there is a user with this address already', { problem: 'email_taken' })
        if (password === undefined) await invite(login.recover, tx, id, doer, true)
        return { status: 201, body: { id }, resourceId: id }
      })
      reply.code(201).header('location', `/api/users/${body.id}`)
      return sendVersioned(request, reply, userOf(await present(body.id)))
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
    async (request, reply) => sendVersioned(request, reply, userOf(await present(request.params.id))),
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
      const { password, ...rest } = request.body
      const { id } = request.params
      const ifVersion = requireIfMatch(request)
      const known = await present(id)
      const { email, name, hasSecondFactor } = known
      if (password !== undefined) checkPassword(password, { context: [email, rest.name ?? name], hasSecondFactor })
      const secret =
        password === undefined
          ? {}
          : { passwordHash: await hashPassword(password), isPasswordLong: isLongPassword(password) }
      const change = withoutAbsent({ ...rest, ...secret })
      await once(ctx, request, reply, comparable(request.body), async (tx) => {
        await changeUser(ctx, tx, { id, ifVersion }, change, doerOf(request))
        if (password !== undefined) await login.recover.tell(tx, known, { kind: 'password_changed' })
        return { status: 200, body: { id } }
      })
      return sendVersioned(request, reply, userOf(await present(id)))
    },
  )

  api.delete(
    '/api/users/:id',
    {
      config: { permission: 'users:manage' },
      schema: {
        tags,
        operationId: 'removeUser',
        summary: 'Remove a user with name, address and sessions; the audit trail keeps the id',
        params: idParams,
        response: responses({ 204: z.null().describe('Removed') }, 404, 409, 412, 422, 428),
      },
    },
    async (request, reply) => {
      const seen = { id: request.params.id, ifVersion: requireIfMatch(request) }
      await once(ctx, request, reply, null, async (tx) => {
        await removeUser(ctx, tx, seen, doerOf(request))
        return { status: 204, body: null }
      })
      return reply.code(204).send(null)
    },
  )
}

function doerOf({ actor, id }: FastifyRequest): Doer {
  return { by: byOf(actor), requestId: id }
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function withoutAbsent<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
}
