import type { FastifyReply, FastifyRequest } from 'fastify'
import { accessSeconds } from '#platform/auth/access-claims.ts'
import { refreshDays, type SignedIn } from '#platform/auth/sessions.ts'

/** Each cookie goes only where it is of use. */
const paths = {
  sr_access: '/',
  sr_refresh: '/api/auth',
  sr_device: '/api/auth/login',
  sr_ticket: '/api/auth/login',
  sr_journey: '/api/auth/company',
} as const
type CookieName = keyof typeof paths

/**
 * Over https a browser takes names with these prefixes from a secure answer of this very host only: a neighbouring
 * subdomain or a plain connection cannot plant one.
 */
function nameOf(request: FastifyRequest, name: CookieName): string {
  if (request.protocol !== 'https') return name
  return paths[name] === '/' ? `__Host-${name}` : `__Secure-${name}`
}

export function readCookie(request: FastifyRequest, name: CookieName): string | null {
  return request.cookies[nameOf(request, name)] ?? null
}

/** What a request comes in with: a token or key of its header, else the cookie of a browser. */
export function credentialsOf(request: FastifyRequest): {
  readonly bearer: string | null
  readonly cookie: string | null
} {
  const header = request.headers.authorization
  if (header === undefined) return { bearer: null, cookie: readCookie(request, 'sr_access') }
  return { bearer: /^Bearer (\S{1,4096})$/i.exec(header)?.[1] ?? '', cookie: null }
}

/** A cookie that scripts can't read and, unless it is `lax`, other sites can't make the browser send. */
export function putCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: {
    readonly name: CookieName
    readonly value: string
    readonly maxAge: number
    readonly sameSite?: 'strict' | 'lax'
  },
): void {
  reply.setCookie(nameOf(request, cookie.name), cookie.value, {
    httpOnly: true,
    sameSite: cookie.sameSite ?? 'strict',
    secure: request.protocol === 'https',
    path: paths[cookie.name],
    maxAge: cookie.maxAge,
  })
}

export function dropCookie(request: FastifyRequest, reply: FastifyReply, name: CookieName): void {
  reply.clearCookie(nameOf(request, name), { path: paths[name], secure: request.protocol === 'https' })
}

export function setCookies(
  request: FastifyRequest,
  reply: FastifyReply,
  session: Pick<SignedIn, 'accessToken' | 'refreshToken'>,
): void {
  putCookie(request, reply, { name: 'sr_access', value: session.accessToken, maxAge: accessSeconds })
  putCookie(request, reply, { name: 'sr_refresh', value: session.refreshToken, maxAge: refreshDays * 86_400 })
}

export function clearCookies(request: FastifyRequest, reply: FastifyReply): void {
  dropCookie(request, reply, 'sr_access')
  dropCookie(request, reply, 'sr_refresh')
}
