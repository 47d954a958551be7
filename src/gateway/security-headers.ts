import helmet from '@fastify/helmet'
import type { Api } from './route.ts'

/** One year: what the lists of browsers ask for at least. */
const hsts = 'max-age=31536000; includeSubDomains'

/** Headers of every answer. The pages have a policy of their own, with the hashes of their scripts (web/server.ts). */
export async function installSecurityHeaders(app: Api): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      // Answers of the API are data: nothing in them may load, run or be framed.
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    // Only where the browser came by TLS, ours or a proxy's that is trusted; in clear it would mean nothing.
    strictTransportSecurity: false,
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (request.protocol === 'https') reply.header('strict-transport-security', hsts)
    // Everything of the API is of somebody; what may be kept says so itself.
    if (request.url.startsWith('/api')) reply.header('cache-control', 'no-store')
    done()
  })
}
