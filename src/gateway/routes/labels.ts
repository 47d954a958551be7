import { z } from 'zod'
import { idSchema } from '#contracts/common.ts'
import { readReturnByLabel } from '#services/returns/index.ts'
import { drawLabel } from '../label.ts'
import { responses, type Api, type RouteContext } from '../route.ts'

export function labelRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/returns/:id/label',
    {
      config: { permission: 'returns:read' },
      schema: {
        tags: ['Labels'],
        operationId: 'readLabel',
        summary: 'The label of a unit: Code 128, QR, disposition in words',
        params: z.strictObject({ id: idSchema }),
        querystring: z.strictObject({ format: z.enum(['pdf', 'zpl', 'png']).default('pdf') }),
        response: responses(
          {
            200: {
              description: 'The label as application/pdf, application/zpl or image/png',
              content: { 'application/pdf': { schema: z.any() } },
            },
          },
          404,
        ),
      },
    },
    async (request, reply) => {
      const unit = await readReturnByLabel(ctx, request.actor, request.params.id)
      const label = await drawLabel(unit, request.query.format)
      return reply
        .type(label.mediaType)
        .header('content-disposition', `inline; filename="${label.fileName}"`)
        .send(label.bytes)
    },
  )
}
