import type { Actor } from '#context.ts'
import type { ReadChoice } from '#platform/db/port.ts'
import type { Api } from './route.ts'

/** One who writes by one session reads by another: the person, or the key. */
const nameOf = ({ kind, id }: Actor) => `${kind}:${id}`

/** Routes that say `mayLag` read from a replica, once it has all that their caller wrote. */
export function installReads(app: Api, reads: ReadChoice): void {
  app.addHook('preHandler', (request, _reply, done) => {
    const { mayLag } = request.routeOptions.config
    if (mayLag === true && request.actor !== null) void reads.reading(nameOf(request.actor), () => done())
    else done()
  })
  // Also where it failed: it may have been committed all the same.
  app.addHook('onSend', async (request, reply, payload) => {
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
    const isRefused = reply.statusCode >= 400 && reply.statusCode < 500
    if (isWrite && !isRefused && request.actor !== null) await reads.wrote(nameOf(request.actor))
    return payload
  })
}
