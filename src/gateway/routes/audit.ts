import { auditPageSchema, auditReportSchema } from '#contracts/audit.ts'
import { auditListFields, listAudit } from '#platform/events/audit.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Audit']

export function auditRoutes(api: Api, { ctx, cursorKey }: RouteContext): void {
  api.get(
    '/api/audit',
    {
      config: { permission: 'audit:read' },
      schema: {
        tags,
        operationId: 'listAudit',
        summary: 'Records of the log, newest first',
        querystring: listQuerySchema(auditListFields),
        response: responses({ 200: ok(auditPageSchema, 'A page') }),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, auditListFields, cursorKey)
      return sendPage(request, reply, query, await listAudit(ctx.db, query), cursorKey)
    },
  )

  api.get(
    '/api/audit/verify',
    {
      config: { permission: 'audit:read', limitPerMinute: 6 },
      schema: {
        tags,
        operationId: 'verifyAudit',
        summary: 'Recompute the hash chain of the whole log',
        response: responses({ 200: ok(auditReportSchema, 'What was found') }),
      },
    },
    async () => verifyAudit(ctx.db),
  )
}
