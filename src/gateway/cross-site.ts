import type { FastifyRequest } from 'fastify'
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
