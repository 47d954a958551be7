import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '#kernel/errors.ts'
import { pathOf } from './problems.ts'
import type { Api } from './route.ts'

/** What is no route of the API is a problem document, not a page; it is told before a body is read. */
export function installUnknownApi(app: Api): { readonly install: () => void } {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    if (!url.startsWith('/api') || url.includes('*')) return
    const pattern = new RegExp(`^${url.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+')}$`)
    const entry = known.get(url) ?? { pattern, methods: new Set<string>() }
    for (const one of [method].flat()) entry.methods.add(one)
    known.set(url, entry)
  })

  function refuse(request: FastifyRequest, reply: FastifyReply): never {
    const path = pathOf(request)
    const exact = known.get(path)
    const found = exact === undefined ? [...known.values()].filter(({ pattern }) => pattern.test(path)) : [exact]
    const methods = found.flatMap((one) => [...one.methods])
    if (methods.length > 0) {
      const allow = [...new Set(methods)].toSorted().join(', ')
      reply.header('allow', allow)
      throw new AppError('method_not_allowed', `${path} takes ${allow}, not ${request.method}`)
    }
    throw new AppError('not_found', `there is nothing at ${request.method} ${path}`, { problem: 'route_unknown' })
  }

  // A path that is declared by itself takes its own methods only, though a route with a parameter would take the rest.
  app.addHook('onRequest', (request, reply, done) => {
    const isPattern = request.routeOptions.url?.includes(':') === true
    if (!isPattern || !known.has(pathOf(request))) return done()
    try {
      refuse(request, reply)
    } catch (error) {
      done(error as Error)
    }
  })

  return {
    install: () => {
      const onRequest = async (request: FastifyRequest, reply: FastifyReply) => refuse(request, reply)
      const config = { permission: 'public', limitPerMinute: 6000 }
      app.all('/api/*', { config, schema: { hide: true }, onRequest }, onRequest)
    },
  }
}
