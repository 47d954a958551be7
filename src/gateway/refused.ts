import { AppError } from '#kernel/errors.ts'
import type { Refusals } from '#platform/events/refusals.ts'
import { originOf } from '#platform/auth/origin.ts'
import type { Api } from './route.ts'

/** Signing in has records of its own; a page asks who it is with before it knows whether anybody is. */
const notHere = new Set(['POST /api/auth/login', 'GET /api/auth/me'])

/** Who was refused goes into the audit trail: without valid credentials, without the right, or at another's object. */
export function recordRefusals(app: Api, refusals: Refusals): void {
  app.addHook('onError', (request, _reply, error, done) => {
    done()
    if (!(error instanceof AppError)) return
    const { code } = error
    const route = request.routeOptions.url ?? ''
    if (code !== 'unauthenticated' && code !== 'forbidden' && code !== 'not_found') return
    // Nothing is refused to who looks for what nobody has a right to: a route with an id may be about another's object.
    if (code === 'not_found' && (request.actor === null || !route.includes('/:'))) return
    if (!route.startsWith('/api/') || notHere.has(`${request.method} ${route}`)) return
    const by = request.actor === null ? null : { kind: request.actor.kind, id: request.actor.id }
    refusals.add({
      code,
      problem: error.problem ?? code,
      method: request.method,
      route,
      by,
      from: originOf(request.ip, request.headers['user-agent'] ?? ''),
      requestId: request.id,
    })
  })
}
