import { z } from 'zod'
import { idSchema } from '#contracts/common.ts'
import { readReturnByLabel } from '#services/returns/index.ts'
import { drawActionSheet } from '../action-sheet.ts'
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
        querystring: z.strictObject({
          format: z.enum(['pdf', 'zpl', 'png']).default('pdf'),
          size: z.enum(['4x6']).default('4x6').meta({ description: 'Inches' }),
        }),
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

  api.get(
    '/api/station/actions.pdf',
    {
      config: { permission: 'scan:read' },
      schema: {
        tags: ['Labels'],
        operationId: 'readActionSheet',
        summary: 'The printable A4 sheet of action barcodes, and the card of a bench',
        querystring: z.strictObject({
          language: z.enum(['en', 'hi']).default('en'),
          bench: z
            .string()
            .regex(/^LOC-[0-9A-Z-]{1,32}$/, 'a code such as LOC-BENCH-07')
            .optional(),
        }),
        response: responses({
          200: { description: 'The sheet', content: { 'application/pdf': { schema: z.any() } } },
        }),
      },
    },
    async (request, reply) => {
      const { language, bench } = request.query
      return reply
        .type('application/pdf')
        .header('content-disposition', 'inline; filename="station-actions.pdf"')
        .send(await drawActionSheet(language, bench ?? null))
    },
  )
}
