import { scanAnswerSchema, scanRequestSchema } from '#contracts/scan.ts'
import { resolveScan } from '#services/returns/index.ts'
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
    async (request) => resolveScan(ctx, request.actor, request.body),
  )
}
