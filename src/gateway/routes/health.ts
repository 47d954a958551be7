import { z } from 'zod'
import { isAnswering } from '#platform/db/inspect.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const healthSchema = z
  .strictObject({ status: z.enum(['ok', 'degraded']), engines: z.record(z.string(), z.string()), asOf: z.string() })
  .meta({ id: 'Health' })

export function healthRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/health',
    {
      config: { permission: 'public' },
      schema: {
        tags: ['Health'],
        operationId: 'readHealth',
        summary: 'Whether the parts answer, and which engine each port runs',
        response: responses({ 200: ok(healthSchema, 'The health') }),
      },
    },
    async () => {
      const isDatabaseUp = await isAnswering(ctx.db)
      return {
        status: isDatabaseUp ? ('ok' as const) : ('degraded' as const),
        engines: {
          database: ctx.db.engine,
          jobs: ctx.jobs.engine,
          cache: ctx.cache.engine,
          blobs: ctx.blobs.engine,
          secrets: ctx.secrets.engine,
          geocoder: ctx.geocoder.engine,
          routing: ctx.routing.engine,
          inference: ctx.inference.info()[0]?.engine ?? 'none',
        },
        asOf: new Date(ctx.now()).toISOString(),
      }
    },
  )
}
