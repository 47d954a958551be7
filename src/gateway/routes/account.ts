import { z } from 'zod'
import { sessionSchema } from '#contracts/session.ts'
import { AppError } from '#kernel/errors.ts'
import { sessionOf } from '#platform/auth/identity.ts'
import { readSessions } from '#platform/auth/session-store.ts'
import { closeSession, closeSessions } from '#platform/auth/sessions.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'
import { clearCookies } from '../session-cookies.ts'

const tags = ['Session']
const nothing = z.null().describe('Done')

/** The sessions of the person who asks. */
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
          address: row.address,
          method: row.method,
          hasSecondFactor: row.hasSecondFactor,
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
      const { kind, id } = request.actor
      if (kind === 'user') await closeSessions(ctx, id, { by: { kind, id }, requestId: request.id })
      clearCookies(request, reply)
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
}
