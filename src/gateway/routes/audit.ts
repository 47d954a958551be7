import { z } from 'zod'
import {
  auditCheckpointsSchema,
  auditDetailSchema,
  auditExportSchema,
  auditPageSchema,
  auditReportSchema,
  type AuditRecord,
} from '#contracts/audit.ts'
import { AppError } from '#kernel/errors.ts'
import { readNames } from '#platform/auth/store.ts'
import { exportStream, isIncluded, toCheckpoint } from '#platform/events/audit-export.ts'
import { auditListFields, listAudit, readAuditRecord } from '#platform/events/audit.ts'
import type { Copies } from '#platform/events/checkpoint-copies.ts'
import { publicKeyText } from '#platform/events/checkpoint-copies.ts'
import { readCheckpointsAfter, readHeadSeq, readLastCheckpoint } from '#platform/events/checkpoint-store.ts'
import type { Checkpoints } from '#platform/events/checkpoints.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Audit']
const permission = 'audit:read'
const seqParams = z.strictObject({ seq: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) })

/** The log as an audit trail: who did what to what, from where, and that nobody changed it since. */
export function auditRoutes(audit: { readonly checkpoints: Checkpoints; readonly copies: Copies }) {
  const { checkpoints, copies } = audit
  return (api: Api, { ctx, cursorKey }: RouteContext): void => {
    const named = async (records: readonly AuditRecord[]): Promise<AuditRecord[]> => {
      const names = await readNames(ctx.db, [...new Set(records.flatMap(({ by }) => (by === null ? [] : [by])))])
      return records.map((record) => ({ ...record, byName: names.get(record.by ?? '') ?? null }))
    }

    api.get(
      '/api/audit',
      {
        config: { permission },
        schema: {
          tags,
          operationId: 'listAudit',
          summary: 'Records of the log, newest first: filters by who, what, object and time',
          querystring: listQuerySchema(auditListFields),
          response: responses({ 200: ok(auditPageSchema, 'A page') }),
        },
      },
      async (request, reply) => {
        const query = parseList(request.query, auditListFields, cursorKey)
        const page = await listAudit(ctx.db, query)
        return sendPage(request, reply, query, { ...page, data: await named(page.data) }, cursorKey)
      },
    )

    api.get(
      '/api/audit/records/:seq',
      {
        config: { permission },
        schema: {
          tags,
          operationId: 'readAuditRecord',
          summary: 'One record: what it changed, and whether it stands under a signed checkpoint',
          params: seqParams,
          response: responses({ 200: ok(auditDetailSchema, 'The record') }, 404),
        },
      },
      async ({ params: { seq } }) => {
        const found = await readAuditRecord(ctx.db, seq)
        if (found === null) throw new AppError('not_found', `no such record: ${seq}`, { problem: 'record_unknown' })
        const [record] = await named([found.record])
        const [covering] = await readCheckpointsAfter(ctx.db, seq - 1, 1)
        return {
          record: record!,
          changes: found.changes,
          checkpoint: covering === undefined ? null : toCheckpoint(covering),
          isProven: covering === undefined ? false : await isIncluded(ctx.db, seq, covering),
        }
      },
    )

    api.get(
      '/api/audit/checkpoints',
      {
        config: { permission },
        schema: {
          tags,
          operationId: 'readAuditCheckpoints',
          summary: 'The newest signed checkpoint and the key that signs',
          response: responses({ 200: ok(auditCheckpointsSchema, 'What was signed') }),
        },
      },
      async () => {
        const last = await readLastCheckpoint(ctx.db)
        return {
          publicKey: publicKeyText(checkpoints.key),
          records: await readHeadSeq(ctx.db),
          newest: last === null ? null : toCheckpoint(last),
        }
      },
    )

    api.get(
      '/api/audit/returns/:id/export',
      {
        config: { permission, limitPerMinute: 60 },
        schema: {
          tags,
          operationId: 'exportReturnAudit',
          summary: 'All records of one return, signed: anybody can check the file with scripts/verify-audit-export.mjs',
          params: idParams,
          response: responses({ 200: ok(auditExportSchema, 'The export') }, 404, 409),
        },
      },
      async ({ params: { id } }, reply) => {
        const body = await exportStream(ctx, checkpoints, `return-${id}`)
        return reply.header('content-disposition', `attachment; filename="audit-${id}.json"`).send(body)
      },
    )

    api.get(
      '/api/audit/verify',
      {
        config: { permission, limitPerMinute: 6 },
        schema: {
          tags,
          operationId: 'verifyAudit',
          summary: 'Check the whole log: its hash chain, and every signed checkpoint',
          response: responses({ 200: ok(auditReportSchema, 'What was found') }),
        },
      },
      async () => verifyAudit(ctx.db, { witness: { key: checkpoints.key, copies } }),
    )
  }
}
