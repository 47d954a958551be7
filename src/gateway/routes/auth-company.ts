import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { loginProvidersSchema } from '#contracts/company-login.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Login } from '#platform/auth/login.ts'
import { journeySeconds } from '#platform/auth/oidc/company-logins.ts'
import { userOfCompany } from '#platform/auth/oidc/company-user.ts'
import { originOf } from '#platform/auth/origin.ts'
import { afterFirstFactor } from '#platform/auth/sign-in.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { dropCookie, putCookie, readCookie, setCookies } from '../session-cookies.ts'
import { fromOf, setTicketCookie } from '../sign-in-answer.ts'

const tags = ['Session']
const path = '/api/auth/company'
const redirect = z.null().describe('Go on there')

/** Only a path of our own: an address elsewhere would send a signed-in person to it. */
const nextSchema = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\r\n\\]*$/)
  .default('/')

/** Signing in by the own company: OpenID Connect, authorization code with PKCE. */
export function companyRoutes({ companies, sessions }: Login) {
  return (api: Api, { ctx }: RouteContext): void => {
    api.get(
      '/api/auth/providers',
      {
        config: { permission: 'public' },
        schema: {
          tags,
          operationId: 'listLoginProviders',
          summary: 'Companies whose people sign in by their own login',
          response: responses({ 200: ok(loginProvidersSchema, 'The providers') }),
        },
      },
      () => ({ providers: [...companies.list()] }),
    )

    api.get(
      `${path}/callback`,
      {
        config: { permission: 'public', limitPerMinute: 60 },
        schema: {
          tags,
          operationId: 'finishCompanyLogin',
          summary: 'Where a company sends its people back to',
          querystring: z.looseObject({}),
          response: responses({ 303: redirect }),
        },
      },
      async (request, reply) => {
        dropCookie(request, reply, 'sr_journey')
        reply.header('cache-control', 'no-store')
        try {
          return await finish(request, reply)
        } catch (error) {
          // A person is looking at a browser here: the login page says what went wrong.
          if (!(error instanceof AppError)) throw error
          await recordRefusal(request, error)
          return reply.redirect(`/login?problem=${encodeURIComponent(error.problem)}`, 303)
        }
      },
    )

    api.get(
      `${path}/:provider`,
      {
        config: { permission: 'public', limitPerMinute: 60 },
        schema: {
          tags,
          operationId: 'beginCompanyLogin',
          summary: 'Go to a company’s own login; a browser is sent there',
          params: z.strictObject({ provider: z.string().max(40) }),
          querystring: z.strictObject({ next: nextSchema }),
          response: responses({ 303: redirect }, 404),
        },
      },
      async (request, reply) => {
        const started = await begin(request, request.params.provider, request.query.next)
        if (started === null) return reply.redirect('/login?problem=provider_unavailable', 303)
        const { url, journey } = started
        // Lax: the provider's answer is a navigation that comes from another site.
        putCookie(request, reply, { name: 'sr_journey', value: journey, maxAge: journeySeconds, sameSite: 'lax' })
        return reply.header('cache-control', 'no-store').redirect(url.href, 303)
      },
    )

    /** Null when the provider does not answer. */
    async function begin(request: FastifyRequest, providerId: string, next: string) {
      try {
        return await companies.start(providerId, next)
      } catch (error) {
        if (!(error instanceof AppError) || error.problem !== 'provider_unavailable') throw error
        ctx.log.warn({ requestId: request.id, reason: error.problem, err: error.cause }, 'a company login is away')
        return null
      }
    }

    async function finish(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
      const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : ''
      const { provider, claims, next } = await companies.finish(readCookie(request, 'sr_journey'), query)
      const user = await userOfCompany(ctx, provider, claims, request.id)
      const shown = { method: 'company', isSecondFactorShown: claims.hasSecondFactor } as const
      const answer = await afterFirstFactor(sessions, user, fromOf(request), shown)
      if (answer.kind === 'session') {
        setCookies(request, reply, answer.session)
        return reply.redirect(next, 303)
      }
      setTicketCookie(request, reply, answer.ticket)
      return reply.redirect(`/login?step=${answer.kind}&next=${encodeURIComponent(next)}`, 303)
    }

    async function recordRefusal(request: FastifyRequest, error: AppError): Promise<void> {
      ctx.log.warn({ requestId: request.id, reason: error.problem, err: error.cause }, 'a company login was refused')
      const nowMs = ctx.now()
      const data = {
        by: { kind: 'system', id: 'login', from: originOf(request.ip, request.headers['user-agent'] ?? '') },
        requestId: request.id,
        userId: null,
        factor: 'company',
        reason: error.problem,
      }
      await ctx.db.transaction((tx) =>
        ctx.events.append(
          tx,
          [{ stream: `login-${uuidv7(nowMs)}`, version: 1, type: 'SignInRefused', data }],
          new Date(nowMs),
        ),
      )
    }
  }
}
