import { explanationQuerySchema, explanationSchema } from '#contracts/explanations.ts'
import { readExplanation } from '#services/recommendation/index.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

export function explanationRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/returns/:id/explanation',
    {
      config: { permission: 'returns:read' },
      schema: {
        tags: ['Returns'],
        operationId: 'explainReturn',
        summary: 'Why its recommendation and not another option, in money, feature by feature',
        description:
          'Compares with the runner-up, or with the option that `disposition` and `channel` name. Worked out at the first view.',
        params: idParams,
        querystring: explanationQuerySchema,
        response: responses({ 200: ok(explanationSchema, 'The reasons') }, 404, 422),
      },
    },
    async (request) => readExplanation(ctx, request.actor, request.params.id, request.query),
  )
}
