import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '#kernel/errors.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A browser sends the cookie along whoever wrote the page. So a write that is authenticated by cookie must come from
 * our own origin: by Sec-Fetch-Site, which pages cannot forge, else by Origin. Beside it stands SameSite=Strict.
 */
export function refuseCrossSite(request: FastifyRequest): void {
  if (safe.has(request.method)) return
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return
    throw new AppError('forbidden', 'this request comes from another site', { problem: 'cross_site' })
  }
  const { origin } = request.headers
  if (origin === undefined || origin === `${request.protocol}://${request.host}`) return
  throw new AppError('forbidden', 'this request comes from another site', { problem: 'cross_site' })
}

const allowedHeaders = 'authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id'
const exposedHeaders =
  'etag, idempotent-replayed, link, location, ratelimit, ratelimit-policy, retry-after, x-request-id'

/**
 * Scripts of the listed origins may call the API and read its answers, with a token of their own: cookies are never
 * allowed across origins. Every other origin gets no such header, and a browser keeps the answer from it.
 */
export function installCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  const listed = new Set(origins)
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (!request.url.startsWith('/api')) return done()
    reply.header('vary', 'origin')
    if (origin === undefined || !listed.has(origin)) return done()
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', exposedHeaders)
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return done()
    reply
      .code(204)
      .header('access-control-allow-methods', 'GET, POST, PUT, DELETE')
      .header('access-control-allow-headers', allowedHeaders)
      .header('access-control-max-age', '600')
      .send()
  })
}
