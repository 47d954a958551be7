import cookie from '@fastify/cookie'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { limits } from '#contracts/common.ts'
import { AppError } from '#kernel/errors.ts'
import type { Identity } from '#platform/auth/port.ts'
import { mayDo, permissions, type Permission } from '#platform/auth/roles.ts'
import { inScope } from '#platform/db/scope.ts'
import type { Buckets } from '#platform/limits/port.ts'
import type { Refusals } from '#platform/events/refusals.ts'
import { installCors, refuseCrossSite } from './cross-site.ts'
import { checkIdempotencyKey } from './idempotency.ts'
import { boundAnswer, installLimits, isTooDeep, serverLimits } from './limits.ts'
import { installOpenApi } from './openapi.ts'
import { originOf } from '#platform/auth/origin.ts'
import { installProblems } from './problems.ts'
import { recordRefusals } from './refused.ts'
import { openLimiter, type Limiter } from './rate-limit.ts'
import type { Api, RouteContext } from './route.ts'
import { installSecurityHeaders } from './security-headers.ts'
import { credentialsOf } from './session-cookies.ts'
import { installUnknownApi } from './unknown-routes.ts'
import { validatorCompiler } from './validation.ts'

export type GatewayOptions = {
  readonly version: string
  readonly identity: Identity
  readonly trustedProxies: readonly string[]
  readonly limits: Buckets
  /** Credentials that nobody has, a minute and address. */
  readonly guessesPerMinute: number
  readonly allowedOrigins: readonly string[]
  /** Certificate and key where this process speaks TLS itself. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer; readonly minVersion: 'TLSv1.2' } | null
  /** Serves everything that is not the API; absent where another process serves the pages. */
  readonly web: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null
  /** Whether the process is about to stop: it serves on, and each answer ends its connection, so that callers look elsewhere. */
  readonly isDraining: () => boolean
  /** Why the process can't serve now; null when it can. */
  readonly notReady: () => Promise<string | null>
  /** Commands that may wait before new ones are refused. */
  readonly waitingMax: number
  readonly refusals: Refusals
  readonly routes: readonly ((api: Api, context: RouteContext) => void)[]
}

/** The HTTP server, not listening yet. Throws when a route of the API declares no permission. */
export async function openGateway(context: RouteContext, options: GatewayOptions): Promise<Api> {
  const { ctx, commands } = context
  const app = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    ...serverLimits,
    ...(options.tls === null ? {} : { https: { ...serverLimits.http, ...options.tls } }),
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    rewriteUrl: (request) => (request.url ?? '/').replace(/^\/api\/v1\//, '/api/'),
  }) as unknown as Api
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made by our own code from typed rows; checking them again costs more than making them.
  app.setSerializerCompiler(() => JSON.stringify)
  installProblems(app, ctx.log)
  parseJson(app)
  await app.register(cookie)
  await app.register(multipart, {
    limits: { fileSize: limits.photoBytes, files: 1, fields: 10, parts: 11, fieldSize: 4096, headerPairs: 100 },
  })
  installLimits(app)
  installCors(app, options.allowedOrigins)
  await installSecurityHeaders(app)
  app.decorateRequest('actor', null as never)
  app.addHook('onRequest', (_request, reply, done) => {
    if (options.isDraining()) reply.header('connection', 'close')
    done()
  })
  requirePermissions(app)
  recordRefusals(app, options.refusals)
  const unknown = installUnknownApi(app)
  const limiter = openLimiter(options.limits, options.guessesPerMinute)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    const { permission } = request.routeOptions.config
    if (permission === undefined) return
    if (commands.waiting() > options.waitingMax)
      throw new AppError('overloaded', 'too many commands wait; try again soon', { retryAfterSeconds: 1 })
    refuseEncoded(request)
    if (permission === 'public') {
      // Signing in sets cookies: a foreign page must not do it for its reader.
      if (request.headers.authorization === undefined) refuseCrossSite(request)
    } else await authorise(request, options.identity, limiter, permission as Permission)
    await limiter.take(request, reply)
    // Also where nothing is stored by it: a key that is cut or empty must not pass for one.
    if (request.headers['idempotency-key'] !== undefined && request.method !== 'GET') checkIdempotencyKey(request)
  })
  // The last hook before the handler: what reads a body would lose the scope on its way.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.actor === null) done()
    else inScope(request.actor, done)
  })
  app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    if (route.startsWith('/api')) {
      ctx.metrics.observe(
        'http_server_request_duration_seconds',
        'Duration of HTTP requests',
        reply.elapsedTime / 1000,
        {
          method: request.method,
          route,
          status: String(reply.statusCode),
        },
      )
    }
    done()
  })
  const docs = await installOpenApi(app, options.version)
  // A promise: what a route throws here ends the start as a refusal, not as an exception that nobody catches.
  await app.register((api) => {
    try {
      for (const route of options.routes) route(api, context)
      docs.serve(api)
      return Promise.resolve()
    } catch (error) {
      return Promise.reject(error)
    }
  })
  unknown.install()
  installHealth(app, options, ctx.metrics.text)
  if (options.web !== null) installWeb(app, options.web)
  await app.ready()
  return app
}

/** As Fastify's own, but a route that takes no body takes an empty one, whatever media type the client names by habit. */
function parseJson(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '' && request.routeOptions.schema?.body === undefined) done(null)
    else if (isTooDeep(text as string))
      done(new AppError('invalid', 'the body nests deeper than 64 levels', { problem: 'json_too_deep' }))
    else void parse(request, text as string, done)
  })
}

function requestIdOf(header: string | string[] | undefined): string {
  const given = Array.isArray(header) ? header[0] : header
  return given !== undefined && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID()
}

/** Deny by default: a route of the API that does not say who may call it does not start. */
function requirePermissions(app: Api): void {
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api')) return
    // The try-it page is a plugin's; its routes are given their declaration here.
    if (route.url.startsWith('/api/docs')) route.config = { ...route.config, permission: 'public', limitPerMinute: 600 }
    const permission = route.config?.permission
    if (permission === undefined) throw new Error(`${String(route.method)} ${route.url} declares no permission`)
    if (permission !== 'public' && !(permissions as readonly string[]).includes(permission)) {
      throw new Error(`${String(route.method)} ${route.url} asks for an unknown permission: ${permission}`)
    }
  })
}

/** A small body that unpacks to a large one is not unpacked. */
function refuseEncoded({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    throw new AppError('unsupported_media_type', 'send the body as it is, without Content-Encoding', {
      problem: 'encoding_unsupported',
    })
}

async function authorise(
  request: FastifyRequest,
  identity: Identity,
  limiter: Limiter,
  permission: Permission,
): Promise<void> {
  const credentials = credentialsOf(request)
  const { bearer } = credentials
  if (bearer === null && credentials.cookie === null)
    throw new AppError('unauthenticated', 'sign in, or send an API key')
  try {
    const actor = await identity.authenticate(credentials)
    request.actor = { ...actor, from: originOf(request.ip, request.headers['user-agent'] ?? '') }
  } catch (error) {
    if (error instanceof AppError && error.code === 'unauthenticated') await limiter.takeGuess(request.ip)
    throw error
  }
  if (bearer === null) refuseCrossSite(request)
  if (!mayDo(request.actor, permission)) {
    throw new AppError('forbidden', `this needs the permission ${permission}`, { problem: 'permission_missing' })
  }
}

function installHealth(app: Api, options: GatewayOptions, metrics: () => Promise<string>): void {
  app.get('/livez', (_, reply) => reply.type('text/plain').send('ok'))
  app.get('/readyz', async (_, reply) => {
    const reason = await options.notReady()
    return reason === null
      ? reply.send({ status: 'ready' })
      : reply.code(503).header('retry-after', '1').send({ status: 'not_ready', reason })
  })
  app.get('/metrics', async (request, reply) => {
    if (!['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '')) {
      throw new AppError('not_found', 'there is nothing here')
    }
    return reply.type('text/plain; version=0.0.4').send(await metrics())
  })
}

/** Everything else is a page: the raw request goes to the web server of the same process. */
function installWeb(app: Api, web: NonNullable<GatewayOptions['web']>): void {
  void app.register((pages, _, done) => {
    pages.removeAllContentTypeParsers()
    pages.addContentTypeParser('*', (_request, _payload, next) => next(null))
    pages.route({
      method: ['GET', 'HEAD', 'POST'],
      url: '/*',
      handler: async (request, reply) => {
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value)
        reply.hijack()
        boundAnswer(reply.raw)
        await web(request.raw, reply.raw)
      },
    })
    done()
  })
}
