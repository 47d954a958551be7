import { z } from 'zod'
import {
  demoUsersSchema,
  loginRequestSchema,
  meSchema,
  refreshRequestSchema,
  sessionTokensSchema,
  signInStepSchema,
} from '#contracts/session.ts'
import { AppError } from '#kernel/errors.ts'
import { demoUsers } from '#platform/auth/demo-users.ts'
import { sessionOf, type SessionActor } from '#platform/auth/identity.ts'
import { readKey } from '#platform/auth/key-store.ts'
import type { Login } from '#platform/auth/login.ts'
import { permissionsOf } from '#platform/auth/roles.ts'
import { closeSession, refreshSession } from '#platform/auth/sessions.ts'
import { signIn } from '#platform/auth/sign-in.ts'
import { readUser } from '#platform/auth/store.ts'
import { refuseCrossSite } from '../cross-site.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { clearCookies, readCookie } from '../session-cookies.ts'
import { fromOf, meOf, sendSession, sendSignIn } from '../sign-in-answer.ts'

const tags = ['Session']
const nothing = z.null().describe('Done')
const jwksSchema = z.looseObject({ keys: z.array(z.looseObject({})) }).meta({ id: 'Jwks' })
/** Half of the time that a new key is published before it signs. */
const jwksCacheSeconds = 300

export function sessionRoutes({ tokens, sessions }: Login) {
  return (api: Api, { ctx }: RouteContext): void => {
    api.post(
      '/api/auth/login',
      {
        config: { permission: 'public', limitPerMinute: 60 },
        schema: {
          tags,
          operationId: 'login',
          summary: 'Sign in; who has a second factor is asked for it next',
          body: loginRequestSchema,
          response: responses(
            { 200: ok(sessionTokensSchema, 'Signed in'), 202: ok(signInStepSchema, 'One more step') },
            413,
            415,
          ),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        const answer = await signIn(sessions, { ...request.body, ...fromOf(request) })
        return sendSignIn(request, reply, tokens, answer, ctx.now())
      },
    )

    api.post(
      '/api/auth/refresh',
      {
        config: { permission: 'public', limitPerMinute: 120 },
        schema: {
          tags,
          operationId: 'refresh',
          summary: 'Exchange the refresh token (cookie or body) for a new pair',
          body: refreshRequestSchema.nullish(),
          response: responses({ 200: ok(sessionTokensSchema, 'Refreshed') }, 413, 415),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        const token = request.body?.refreshToken ?? readCookie(request, 'sr_refresh')
        if (token === null)
          throw new AppError('unauthenticated', 'there is no refresh token', { problem: 'refresh_refused' })
        return sendSession(request, reply, await refreshSession(sessions, token, request.id))
      },
    )

    api.post(
      '/api/auth/logout',
      {
        config: { permission: 'self' },
        schema: { tags, operationId: 'logout', summary: 'End this session', response: responses({ 204: nothing }) },
      },
      async (request, reply) => {
        const sessionId = sessionOf(request.actor)
        if (sessionId !== null) await closeSession(ctx, { id: sessionId, userId: request.actor.id }, request.id)
        clearCookies(request, reply)
        return reply.code(204).send(null)
      },
    )

    api.get(
      '/api/auth/me',
      {
        config: { permission: 'self' },
        schema: {
          tags,
          operationId: 'me',
          summary: 'Who you are and what you may do',
          response: responses({ 200: ok(meSchema, 'You') }),
        },
      },
      async (request) => {
        const { actor } = request
        if (actor.kind === 'user') return meOf((await readUser(ctx.db, actor.id))!, actor as SessionActor)
        const key = await readKey(ctx.db, actor.id)
        return {
          id: actor.id,
          kind: 'api_key' as const,
          name: key?.name ?? '',
          email: null,
          role: 'integration' as const,
          permissions: [...permissionsOf(actor)],
          hubIds: actor.hubIds === null ? null : [...actor.hubIds],
          clientIds: [...(actor.clientIds ?? [])],
        }
      },
    )

    for (const [url, operationId] of [
      ['/.well-known/jwks.json', 'readPublishedJwks'],
      ['/api/auth/jwks', 'readJwks'],
    ] as const) {
      api.get(
        url,
        {
          config: { permission: 'public' },
          schema: {
            tags,
            operationId,
            summary: 'Public keys of our access tokens (RFC 7517)',
            response: responses({ 200: ok(jwksSchema, 'The keys') }),
          },
        },
        async (_, reply) =>
          reply
            .header('cache-control', `public, max-age=${jwksCacheSeconds}`)
            .send((await tokens.jwks(ctx.now())) as { keys: Record<string, unknown>[] }),
      )
    }

    api.get(
      '/api/auth/demo',
      {
        config: { permission: 'public' },
        schema: {
          tags,
          operationId: 'listDemoUsers',
          summary: 'Demo logins; there are none in production',
          response: responses({ 200: ok(demoUsersSchema, 'The logins') }, 404),
        },
      },
      () => {
        if (!sessions.isDemo) throw new AppError('not_found', 'demo logins are off')
        return { users: demoUsers.map(({ label, role, email, password }) => ({ label, role, email, password })) }
      },
    )
  }
}
