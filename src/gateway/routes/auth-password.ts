import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import {
  choosePasswordSchema,
  forgottenRequestSchema,
  linkRequestSchema,
  linkSchema,
  passwordRequestSchema,
} from '#contracts/session.ts'
import { AppError } from '#kernel/errors.ts'
import { readLink } from '#platform/auth/links.ts'
import type { Login } from '#platform/auth/login.ts'
import { checkPassword, isPassword, passwordMin } from '#platform/auth/passwords.ts'
import { choosePassword, forgotPassword, setPassword } from '#platform/auth/recover.ts'
import { readUser } from '#platform/auth/store.ts'
import { refuseCrossSite } from '../cross-site.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { clearCookies } from '../session-cookies.ts'

const tags = ['Session']
const nothing = z.null().describe('Done')
/** The work for a known address takes some milliseconds; an answer to any takes this long. */
const forgottenMs = 250

/** Passwords: forgotten, chosen by a one-time link, changed by their owner. */
export function passwordRoutes({ recover }: Login) {
  return (api: Api, { ctx }: RouteContext): void => {
    api.post(
      '/api/auth/password/forgotten',
      {
        config: { permission: 'public', limitPerMinute: 10 },
        schema: {
          tags,
          operationId: 'forgotPassword',
          summary: 'Ask for a letter with a one-time link; the answer is the same for an address that nobody has',
          body: forgottenRequestSchema,
          response: responses({ 202: z.null().describe('If there is such a login, a letter is on its way') }, 413, 415),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        // Started together, so that the time tells nothing either.
        await Promise.all([forgotPassword(recover, request.body.email, request.id), wait(forgottenMs)])
        return reply.code(202).send(null)
      },
    )

    api.post(
      '/api/auth/password/link',
      {
        config: { permission: 'public', limitPerMinute: 30 },
        schema: {
          tags,
          operationId: 'readLink',
          summary: 'Whose login a one-time link is for; it is not used up by this',
          body: linkRequestSchema,
          response: responses({ 200: ok(linkSchema, 'The link') }, 413, 415, 422),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        const { user, purpose } = await readLink(ctx.db, request.body.token, ctx.now())
        const { email, name, hasSecondFactor } = user
        return reply
          .header('cache-control', 'no-store')
          .send({ purpose, email, name, passwordMin: passwordMin(hasSecondFactor) })
      },
    )

    api.post(
      '/api/auth/password/choose',
      {
        config: { permission: 'public', limitPerMinute: 20 },
        schema: {
          tags,
          operationId: 'choosePassword',
          summary: 'Choose a password by a one-time link; sessions of before end',
          body: choosePasswordSchema,
          response: responses({ 204: nothing }, 413, 415, 422),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        await choosePassword(recover, { ...request.body, requestId: request.id })
        clearCookies(request, reply)
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
        const { current, password } = request.body
        const user = request.actor.kind === 'user' ? await readUser(ctx.db, request.actor.id) : null
        if (user === null || !(await isPassword(current, user.passwordHash)))
          throw new AppError('forbidden', 'the current password is not right', { problem: 'password_wrong' })
        if (user.isDemo)
          throw new AppError('forbidden', 'the password of a demo login stays as it is', { problem: 'demo_login' })
        checkPassword(password, { context: [user.email, user.name], hasSecondFactor: user.hasSecondFactor })
        await setPassword(recover, user.id, password, request.id, () => Promise.resolve())
        clearCookies(request, reply)
        return reply.code(204).send(null)
      },
    )
  }
}
