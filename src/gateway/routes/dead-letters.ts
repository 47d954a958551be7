import { z } from 'zod'
import { byOf } from '#contracts/events.ts'
import { deadLetterListSchema, deadLetterReplaySchema } from '#contracts/jobs.ts'
import { readDeadLetters, replayDeadLetter } from '#platform/jobs/dead-letters.ts'
import { runOnce } from '../once.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Jobs']
const config = { permission: 'jobs:manage' }
const params = z.strictObject({ id: z.string().regex(/^[\w:.@-]{1,200}$/) })

export function deadLetterRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/dead-letters',
    {
      config,
      schema: {
        tags,
        operationId: 'listDeadLetters',
        summary: 'Jobs that failed on every try, the newest first',
        response: responses({ 200: ok(deadLetterListSchema, 'The dead letters') }),
      },
    },
    async () => ({ data: await readDeadLetters(ctx) }),
  )

  api.post(
    '/api/dead-letters/:id/replay',
    {
      config,
      schema: {
        tags,
        operationId: 'replayDeadLetter',
        summary: 'Send a dead letter again as a new job with all its tries',
        params,
        response: responses({ 200: ok(deadLetterReplaySchema, 'It is sent') }, 404, 409, 422),
      },
    },
    async (request, reply) =>
      runOnce(ctx, request, reply, async (tx) => {
        const meta = { by: byOf(request.actor), requestId: request.id }
        return { status: 200, body: await replayDeadLetter(ctx, tx, request.params.id, meta) }
      }),
  )
}
