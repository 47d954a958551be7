import { z } from 'zod'
import type { Actor } from '#context.ts'
import type { Login } from '#platform/auth/login.ts'
import { mayDo } from '#platform/auth/roles.ts'
import { changesBetween, type BoardView } from '#services/hubs/index.ts'
import { lastEventId, openEventStreams } from '../event-streams.ts'
import { openHubFeed } from '../hub-feed.ts'
import { responses, type Api, type RouteContext } from '../route.ts'
import { credentialsOf } from '../session-cookies.ts'

export function liveRoutes({ identity }: Pick<Login, 'identity'>) {
  return (api: Api, { ctx }: RouteContext): void => {
    const streams = openEventStreams()
    const feed = openHubFeed(ctx)
    // Before the server waits for its connections to end.
    api.addHook('preClose', (done) => {
      streams.closeAll()
      feed.close()
      done()
    })
    api.get(
      '/api/live/hubs',
      {
        config: { permission: 'hubs:read', limitPerMinute: 120 },
        schema: {
          tags: ['Hubs'],
          operationId: 'liveHubs',
          summary: 'The board of the hubs as it changes, as server-sent events',
          description:
            'Event `hubs`: the first message has all hubs that you may see, each later one those that changed. Who comes back with Last-Event-ID is told what changed since, or all where that is no longer known.',
          querystring: z.strictObject({ lastEventId: z.string().max(64).optional() }),
          response: responses({
            200: {
              description: 'A stream of messages; the data of each is JSON',
              content: { 'text/event-stream': { schema: z.string() } },
            },
          }),
        },
      },
      async (request, reply) => {
        let actor: Actor = request.actor
        let seen = feed.at(lastEventId(request))
        const { id, view } = await feed.current()
        const stream = streams.open(request, reply, {
          beat: async () => {
            actor = await identity.authenticate(credentialsOf(request))
            return mayDo(actor, 'hubs:read')
          },
          close: () => stopListening(),
        })
        const tell = (at: string, now: BoardView) => {
          const changes = changesBetween(actor, seen, now)
          seen = now
          if (changes !== null) stream.send({ id: at, event: 'hubs', data: changes })
        }
        const stopListening = feed.listen(tell)
        tell(id, view)
        return reply
      },
    )
  }
}
