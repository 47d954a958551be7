import { z } from 'zod'
import { pageOf, timeSchema } from './common.ts'

export const auditRecordSchema = z
  .strictObject({
    seq: z.int(),
    at: timeSchema,
    stream: z.string(),
    version: z.int(),
    type: z.string(),
    by: z.string().nullable(),
    byKind: z.string().nullable(),
    requestId: z.string().nullable(),
    data: z.unknown(),
    hash: z.string(),
  })
  .meta({ id: 'AuditRecord' })
export type AuditRecord = z.infer<typeof auditRecordSchema>
export const auditPageSchema = pageOf(auditRecordSchema, 'AuditPage')

export const auditReportSchema = z
  .strictObject({
    checked: z.int(),
    isIntact: z.boolean(),
    head: z.strictObject({ seq: z.int(), hash: z.string() }),
    firstBad: z.strictObject({ seq: z.int(), problem: z.string() }).nullable(),
  })
  .meta({ id: 'AuditReport' })
export type AuditReport = z.infer<typeof auditReportSchema>
