import { z } from 'zod'
import { passwordRequestSchema, sessionSchema } from '#contracts/session.ts'
import { AppError } from '#kernel/errors.ts'
import { sessionOf } from '#platform/auth/identity.ts'
import { checkPassword, hashPassword, isPassword } from '#platform/auth/passwords.ts'
import { closeSession, closeSessions } from '#platform/auth/sessions.ts'
import { endSessionsOf, readSessions, readUser, updateUser } from '#platform/auth/store.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'
import { clearCookies } from '../session-cookies.ts'

const tags = ['Session']
const nothing = z.null().describe('Done')

/** What people do with their own login. */
export function accountRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/auth/sessions',
    {
      config: { permission: 'self' },
      schema: {
        tags,
        operationId: 'listSessions',
        summary: 'Your live sessions',
        response: responses({
          200: ok(z.strictObject({ data: z.array(sessionSchema) }).meta({ id: 'SessionList' }), 'The sessions'),
        }),
      },
    },
    async (request) => {
      const rows =
        request.actor.kind === 'user' ? await readSessions(ctx.db, request.actor.id, new Date(ctx.now())) : []
      const sessionId = sessionOf(request.actor)
      return {
        data: rows.map((row) => ({
          id: row.id,
          createdAt: row.createdAt.toISOString(),
          lastUsedAt: row.lastUsedAt.toISOString(),
          expiresAt: row.expiresAt.toISOString(),
          agent: row.agent,
          isCurrent: row.id === sessionId,
        })),
      }
    },
  )

  api.delete(
    '/api/auth/sessions',
    {
      config: { permission: 'self' },
      schema: {
        tags,
        operationId: 'endSessions',
        summary: 'End all your sessions, this one too',
        response: responses({ 204: nothing }),
      },
    },
    async (request, reply) => {
      if (request.actor.kind === 'user') await closeSessions(ctx, request.actor.id, request.id)
      clearCookies(reply)
      return reply.code(204).send(null)
    },
  )

  api.delete(
    '/api/auth/sessions/:id',
    {
      config: { permission: 'self' },
      schema: {
        tags,
        operationId: 'endSession',
        summary: 'End one of your sessions',
        params: idParams,
        response: responses({ 204: nothing }, 404),
      },
    },
    async (request, reply) => {
      const { actor } = request
      const at = new Date(ctx.now())
      const own = actor.kind === 'user' ? await readSessions(ctx.db, actor.id, at) : []
      if (!own.some((session) => session.id === request.params.id))
        throw new AppError('not_found', `no such session: ${request.params.id}`)
      await closeSession(ctx, { id: request.params.id, userId: actor.id }, request.id)
      return reply.code(204).send(null)
    },
  )

  api.post(
    '/api/auth/password',
    {
      config: { permission: 'self', limitPerMinute: 10 },
      schema: {
        tags,
        operationId: 'changePassword',
        summary: 'Change your password; all your sessions end: sign in again',
        body: passwordRequestSchema,
        response: responses({ 204: nothing }, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const user = request.actor.kind === 'user' ? await readUser(ctx.db, request.actor.id) : null
      if (user === null || !(await isPassword(request.body.current, user.passwordHash))) {
        throw new AppError('forbidden', 'the current password is not right', { problem: 'password_wrong' })
      }
      if (user.isDemo)
        throw new AppError('forbidden', 'the password of a demo login stays as it is', { problem: 'demo_login' })
      checkPassword(request.body.password, [user.email, user.name])
      const passwordHash = await hashPassword(request.body.password)
      const at = new Date(ctx.now())
      await ctx.db.transaction(async (tx) => {
        const locked = (await readUser(tx, user.id, true))!
        await updateUser(tx, {
          ...locked,
          passwordHash,
          tokenEpoch: locked.tokenEpoch + 1,
          version: locked.version + 1,
          updatedAt: at,
        })
        await endSessionsOf(tx, user.id, at)
        const data = { by: { kind: 'user', id: user.id }, requestId: request.id, fields: ['password'] }
        await ctx.events.append(
          tx,
          [{ stream: `user-${user.id}`, version: locked.version + 1, type: 'UserChanged', data }],
          at,
        )
      })
      clearCookies(reply)
      return reply.code(204).send(null)
    },
  )
}
