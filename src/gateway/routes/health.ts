import { z } from 'zod'
import { isAnswering } from '#platform/db/inspect.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const healthSchema = z
  .strictObject({ status: z.enum(['ok', 'degraded']), engines: z.record(z.string(), z.string()), asOf: z.string() })
  .meta({ id: 'Health' })

const versionSchema = z
  .strictObject({ name: z.literal('smartreturns'), version: z.string(), api: z.literal('v1') })
  .meta({ id: 'Version' })

export function healthRoutes(version: string) {
  return (api: Api, context: RouteContext): void => {
    healthRoute(api, context)
    api.get(
      '/api/version',
      {
        config: { permission: 'public' },
        schema: {
          tags: ['Health'],
          operationId: 'readVersion',
          summary: 'Which program answers, and the version of its API',
          response: responses({ 200: ok(versionSchema, 'The version') }),
        },
      },
      () => ({ name: 'smartreturns' as const, version, api: 'v1' as const }),
    )
  }
}

function healthRoute(api: Api, { ctx }: RouteContext): void {
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
