import { byOf } from '#contracts/events.ts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import type { Login } from '#platform/auth/login.ts'
import { invite, resetLogin } from '#platform/auth/recover.ts'
import { closeSessions } from '#platform/auth/sessions.ts'
import { readUser } from '#platform/auth/store.ts'
import { type Doer, dropSessions, noteUser } from '#platform/auth/users.ts'
import { once } from '../once.ts'
import { idParams, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Users']
const done = z.null().describe('Done')

/** What an administrator does with the login of another: letters, sessions, the second factor. */
export function userLoginRoutes({ recover }: Pick<Login, 'recover'>) {
  return (api: Api, { ctx }: RouteContext): void => {
    const doerOf = ({ actor, id }: FastifyRequest): Doer => ({ by: byOf(actor), requestId: id })

    api.post(
      '/api/users/:id/invitation',
      {
        config: { permission: 'users:manage' },
        schema: {
          tags,
          operationId: 'inviteUser',
          summary: 'Send the invitation again; the link of before ends',
          params: idParams,
          response: responses({ 204: done }, 404, 409, 422),
        },
      },
      async (request, reply) => {
        await once(ctx, request, reply, null, async (tx) => {
          await invite(recover, tx, request.params.id, doerOf(request), true)
          return { status: 204, body: null }
        })
        return reply.code(204).send(null)
      },
    )

    api.post(
      '/api/users/:id/password-reset',
      {
        config: { permission: 'users:manage' },
        schema: {
          tags,
          operationId: 'resetUserPassword',
          summary: 'Make the password of a user worthless, end the sessions, and send a link to choose another',
          params: idParams,
          response: responses({ 204: done }, 404, 409, 422),
        },
      },
      async (request, reply) => {
        await once(ctx, request, reply, null, async (tx) => {
          const given = { isTold: true, endsSecondFactor: false }
          await resetLogin(recover, tx, request.params.id, doerOf(request), given)
          return { status: 204, body: null }
        })
        return reply.code(204).send(null)
      },
    )

    api.delete(
      '/api/users/:id/sessions',
      {
        config: { permission: 'users:manage' },
        schema: {
          tags,
          operationId: 'endUserSessions',
          summary: 'End all sessions of a user within a second',
          params: idParams,
          response: responses({ 204: done }, 404, 409, 422),
        },
      },
      async (request, reply) => {
        if ((await readUser(ctx.db, request.params.id)) === null)
          throw new AppError('not_found', `no such user: ${request.params.id}`, { problem: 'user_unknown' })
        await closeSessions(ctx, request.params.id, doerOf(request))
        return reply.code(204).send(null)
      },
    )

    api.delete(
      '/api/users/:id/second-factor',
      {
        config: { permission: 'users:manage' },
        schema: {
          tags,
          operationId: 'removeUserSecondFactor',
          summary: 'Remove the second factor of somebody who has lost it; the sessions end',
          params: idParams,
          response: responses({ 204: done }, 404, 409, 422),
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const doer = doerOf(request)
        if (id === doer.by.id)
          throw new AppError('conflict', 'remove your own second factor on your own page', { problem: 'own_rights' })
        await once(ctx, request, reply, null, async (tx) => {
          const user = await noteUser(ctx, tx, id, { type: 'SecondFactorRemoved', doer })
          if (!(await recover.secondFactors.remove(tx, id)))
            throw new AppError('not_found', 'this user has no second factor', { problem: 'second_factor_absent' })
          await dropSessions(ctx, tx, id, doer, null)
          await recover.tell(tx, user, { kind: 'second_factor_removed' })
          return { status: 204, body: null }
        })
        return reply.code(204).send(null)
      },
    )
  }
}
