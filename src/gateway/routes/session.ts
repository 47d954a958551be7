import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  demoUsersSchema,
  loginRequestSchema,
  meSchema,
  refreshRequestSchema,
  sessionTokensSchema,
  type Me,
} from '#contracts/session.ts'
import { AppError } from '#kernel/errors.ts'
import { openAttempts } from '#platform/auth/attempts.ts'
import { demoUsers } from '#platform/auth/demo-users.ts'
import { actorOfUser, sessionOf, type SessionActor } from '#platform/auth/identity.ts'
import { permissionsOf } from '#platform/auth/roles.ts'
import { closeSession, refreshSession, type SessionContext, type SignedIn } from '#platform/auth/sessions.ts'
import { signIn } from '#platform/auth/sign-in.ts'
import { readKey, readUser, type UserRow } from '#platform/auth/store.ts'
import { deviceDays, type Tokens } from '#platform/auth/tokens.ts'
import { refuseCrossSite } from '../cross-site.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { clearCookies, cookieOptions, setCookies } from '../session-cookies.ts'

const tags = ['Session']
const nothing = z.null().describe('Done')

export type SessionSettings = {
  readonly tokens: Tokens
  readonly isDemo: boolean
  readonly nameOf: (email: string) => string
}

function meOf(user: UserRow, actor: SessionActor): Me {
  return {
    id: user.id,
    kind: 'user',
    name: user.name,
    email: user.email,
    role: user.role,
    permissions: [...permissionsOf(actor)],
    hubIds: actor.hubIds === null ? null : [...actor.hubIds],
    clientIds: actor.clientIds === null ? null : [...actor.clientIds],
  }
}

export function sessionRoutes(settings: SessionSettings) {
  return (api: Api, { ctx }: RouteContext): void => {
    const { tokens, isDemo, nameOf } = settings
    const sessions: SessionContext = {
      db: ctx.db,
      events: ctx.events,
      tokens,
      attempts: openAttempts(),
      now: ctx.now,
      nameOf,
      isDemo,
    }
    const answer = (request: FastifyRequest, reply: FastifyReply, session: SignedIn) => {
      setCookies(request, reply, session)
      const { accessToken, refreshToken, expiresIn, user } = session
      return reply
        .header('cache-control', 'no-store')
        .send({ accessToken, refreshToken, expiresIn, user: meOf(user, actorOfUser(user, session.sessionId)) })
    }

    api.post(
      '/api/auth/login',
      {
        config: { permission: 'public', limitPerMinute: 60 },
        schema: {
          tags,
          operationId: 'login',
          summary: 'Sign in',
          body: loginRequestSchema,
          response: responses({ 200: ok(sessionTokensSchema, 'Signed in') }, 413, 415),
        },
      },
      async (request, reply) => {
        refuseCrossSite(request)
        const device = request.cookies['sr_device'] ?? null
        const agent = request.headers['user-agent'] ?? ''
        const session = await signIn(sessions, {
          ...request.body,
          device,
          address: request.ip,
          agent,
          requestId: request.id,
        })
        const token = await tokens.signDevice(session.user.id, ctx.now())
        reply.setCookie('sr_device', token, {
          ...cookieOptions(request),
          path: '/api/auth/login',
          maxAge: deviceDays * 86_400,
        })
        return answer(request, reply, session)
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
        const token = request.body?.refreshToken ?? request.cookies['sr_refresh']
        if (token === undefined)
          throw new AppError('unauthenticated', 'there is no refresh token', { problem: 'refresh_refused' })
        return answer(request, reply, await refreshSession(sessions, token, request.id))
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
        clearCookies(reply)
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
          hubIds: null,
          clientIds: [...(actor.clientIds ?? [])],
        }
      },
    )

    api.get(
      '/api/auth/jwks',
      {
        config: { permission: 'public' },
        schema: {
          tags,
          operationId: 'readJwks',
          summary: 'Public keys of our access tokens (RFC 7517)',
          response: responses({
            200: ok(z.looseObject({ keys: z.array(z.looseObject({})) }).meta({ id: 'Jwks' }), 'The keys'),
          }),
        },
      },
      () => tokens.jwks() as { keys: Record<string, unknown>[] },
    )

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
        if (!isDemo) throw new AppError('not_found', 'demo logins are off')
        return { users: demoUsers.map(({ label, role, email, password }) => ({ label, role, email, password })) }
      },
    )
  }
}
