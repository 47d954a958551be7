import type { FastifyReply, FastifyRequest } from 'fastify'
import { accessSeconds } from '#platform/auth/access-claims.ts'
import { refreshDays, type SignedIn } from '#platform/auth/sessions.ts'

/** Cookies that scripts can't read and other sites can't make the browser send. */
export function cookieOptions(request: FastifyRequest) {
  return { httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const
}

export function setCookies(
  request: FastifyRequest,
  reply: FastifyReply,
  session: Pick<SignedIn, 'accessToken' | 'refreshToken'>,
): void {
  const options = cookieOptions(request)
  reply.setCookie('sr_access', session.accessToken, { ...options, path: '/', maxAge: accessSeconds })
  reply.setCookie('sr_refresh', session.refreshToken, { ...options, path: '/api/auth', maxAge: refreshDays * 86_400 })
}

export function clearCookies(reply: FastifyReply): void {
  reply.clearCookie('sr_access', { path: '/' }).clearCookie('sr_refresh', { path: '/api/auth' })
}
