import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  enrolmentSchema,
  recoveryCodesSchema,
  secondFactorBeginSchema,
  secondFactorChangeSchema,
  secondFactorCodeSchema,
  secondFactorLoginSchema,
  secondFactorSchema,
  sessionTokensSchema,
  ticketRequestSchema,
} from '#contracts/session.ts'
import { AppError } from '#kernel/errors.ts'
import type { Login } from '#platform/auth/login.ts'
import { passwordMin } from '#platform/auth/passwords.ts'
import {
  beginSecondFactor,
  confirmSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
} from '#platform/auth/second-factor/own.ts'
import { finishSignIn, setUpAtSignIn } from '#platform/auth/sign-in.ts'
import { readUser, type UserRow } from '#platform/auth/store.ts'
import { sessionOf } from '#platform/auth/identity.ts'
import { refuseCrossSite } from '../cross-site.ts'
import { drawQr } from '../qr.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { readCookie } from '../session-cookies.ts'
import { fromOf, sendSignIn } from '../sign-in-answer.ts'

const tags = ['Session']

/** The second factor: shown at the sign-in, and kept by its owner. */
export function secondFactorRoutes({ tokens, sessions, recover }: Login) {
  const { secondFactors } = sessions
  const ticketOf = (request: FastifyRequest, given: string | undefined): string => {
    const ticket = given ?? readCookie(request, 'sr_ticket')
    if (ticket !== null) return ticket
    throw new AppError('unauthenticated', 'sign in with the first factor before the second', {
      problem: 'ticket_refused',
    })
  }
  const withQr = (enrolment: { readonly secret: string; readonly uri: string }) => ({
    ...enrolment,
    qr: drawQr(enrolment.uri),
  })

  return (api: Api, { ctx }: RouteContext): void => {
    /** The person who asks, with what the log is told of it. A key has no second factor. */
    const personOf = async (request: FastifyRequest): Promise<UserRow> => {
      const user = request.actor.kind === 'user' ? await readUser(ctx.db, request.actor.id) : null
      if (user === null) throw new AppError('forbidden', 'this is for people', { problem: 'people_only' })
      return user
    }

    api.post(
      '/api/auth/login/second-factor',
      {
        config: { permission: 'public', limitPerMinute: 30 },
        schema: {
          tags,
          operationId: 'loginSecondFactor',
          summary: 'Show the second factor, or the first code of a new one, and get a session',
          body: secondFactorLoginSchema,
          response: responses({ 200: ok(sessionTokensSchema, 'Signed in') }, 413, 415),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        const { code } = request.body
        const ticket = ticketOf(request, request.body.ticket)
        const answer = await finishSignIn(sessions, { ticket, code, ...fromOf(request) })
        return sendSignIn(request, reply, tokens, answer, ctx.now())
      },
    )

    api.post(
      '/api/auth/login/second-factor/setup',
      {
        config: { permission: 'public', limitPerMinute: 30 },
        schema: {
          tags,
          operationId: 'loginSecondFactorSetup',
          summary: 'A secret for the app of somebody who must have a second factor and has none yet',
          body: ticketRequestSchema,
          response: responses({ 200: ok(enrolmentSchema, 'For the app') }, 409, 413, 415),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        const enrolment = await setUpAtSignIn(sessions, ticketOf(request, request.body.ticket))
        return reply.header('cache-control', 'no-store').send(withQr(enrolment))
      },
    )

    api.get(
      '/api/auth/second-factor',
      {
        config: { permission: 'self' },
        schema: {
          tags,
          operationId: 'readSecondFactor',
          summary: 'Whether you have a second factor, and how many recovery codes are left',
          response: responses({ 200: ok(secondFactorSchema, 'Your second factor') }),
        },
      },
      async (request) => {
        const user = await personOf(request)
        return {
          isOn: user.hasSecondFactor,
          isRequired: sessions.needsSecondFactor && user.role === 'admin',
          hasPassword: user.passwordHash !== null,
          recoveryCodesLeft: await secondFactors.codesLeft(user.id),
          passwordMin: passwordMin(user.hasSecondFactor),
        }
      },
    )

    api.post(
      '/api/auth/second-factor',
      {
        config: { permission: 'self', limitPerMinute: 10 },
        schema: {
          tags,
          operationId: 'beginSecondFactor',
          summary: 'Begin to set up a second factor: a secret for the app',
          body: secondFactorBeginSchema,
          response: responses({ 200: ok(enrolmentSchema, 'For the app') }, 409, 413, 415),
        },
      },
      async (request, reply) => {
        const user = await personOf(request)
        const enrolment = await beginSecondFactor(recover, user, request.body.current)
        return reply.header('cache-control', 'no-store').send(withQr(enrolment))
      },
    )

    api.post(
      '/api/auth/second-factor/confirm',
      {
        config: { permission: 'self', limitPerMinute: 10 },
        schema: {
          tags,
          operationId: 'confirmSecondFactor',
          summary: 'Show the first code: the second factor counts from now on, and your other sessions end',
          body: secondFactorCodeSchema,
          response: responses({ 200: ok(recoveryCodesSchema, 'Recovery codes, shown this once') }, 409, 413, 415),
        },
      },
      async (request, reply) => {
        const user = await personOf(request)
        const own = { sessionId: sessionOf(request.actor), requestId: request.id }
        const recoveryCodes = await confirmSecondFactor(recover, user, request.body.code, own)
        return reply.header('cache-control', 'no-store').send({ recoveryCodes: [...recoveryCodes] })
      },
    )

    api.post(
      '/api/auth/second-factor/recovery-codes',
      {
        config: { permission: 'self', limitPerMinute: 10 },
        schema: {
          tags,
          operationId: 'renewRecoveryCodes',
          summary: 'New recovery codes; those of before end',
          body: secondFactorChangeSchema,
          response: responses({ 200: ok(recoveryCodesSchema, 'Recovery codes, shown this once') }, 409, 413, 415),
        },
      },
      async (request, reply) => {
        const user = await personOf(request)
        const recoveryCodes = await renewRecoveryCodes(recover, user, { ...request.body, requestId: request.id })
        return reply.header('cache-control', 'no-store').send({ recoveryCodes: [...recoveryCodes] })
      },
    )

    api.post(
      '/api/auth/second-factor/remove',
      {
        config: { permission: 'self', limitPerMinute: 10 },
        schema: {
          tags,
          operationId: 'removeSecondFactor',
          summary: 'Remove your second factor',
          body: secondFactorChangeSchema,
          response: responses({ 204: z.null().describe('Removed') }, 409, 413, 415),
        },
      },
      async (request, reply) => {
        const user = await personOf(request)
        if (sessions.needsSecondFactor && user.role === 'admin')
          throw new AppError('forbidden', 'administrators must have a second factor', {
            problem: 'second_factor_needed',
          })
        await removeSecondFactor(recover, user, { ...request.body, requestId: request.id })
        return reply.code(204).send(null)
      },
    )
  }
}
