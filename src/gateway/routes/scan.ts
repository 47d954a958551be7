import { scanAnswerSchema, scanRequestSchema } from '#contracts/scan.ts'
import { inScope } from '#platform/db/scope.ts'
import { resolveScan } from '#services/returns/index.ts'
import { withNames } from '../names.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

export function scanRoutes(api: Api, { ctx }: RouteContext): void {
  api.post(
    '/api/scan',
    {
      config: { permission: 'scan:read' },
      schema: {
        tags: ['Scan'],
        operationId: 'scan',
        summary: 'Say what a scanned code is and what to do next',
        body: scanRequestSchema,
        response: responses({ 200: ok(scanAnswerSchema, 'What it is') }, 413, 415),
      },
    },
    async (request) => {
      const { actor } = request
      // Another hub's unit must be found, to be told where it belongs: a scan is bound by client only.
      const answer = await inScope({ clientIds: actor.clientIds, hubIds: null }, () =>
        resolveScan(ctx, actor, request.body),
      )
      if (answer.closed === null) return answer
      const [closed] = await withNames(ctx.db, actor, [answer.closed])
      return { ...answer, closed: closed ?? answer.closed }
    },
  )
}
