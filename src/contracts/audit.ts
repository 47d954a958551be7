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
    byName: z.string().nullable(),
    from: z.string().nullable().meta({ description: 'Network (/24 or /48) and kind of program of the request' }),
    requestId: z.string().nullable(),
    data: z.unknown(),
    hash: z.string(),
  })
  .meta({ id: 'AuditRecord' })
export type AuditRecord = z.infer<typeof auditRecordSchema>
export const auditPageSchema = pageOf(auditRecordSchema, 'AuditPage')

export const auditChangeSchema = z.strictObject({ field: z.string(), before: z.unknown(), after: z.unknown() })
export type AuditChange = z.infer<typeof auditChangeSchema>

const base64 = z.string()
export const auditCheckpointSchema = z
  .strictObject({
    size: z.int().meta({ description: 'Records that it covers, from the first on' }),
    root: base64.meta({ description: 'Root of the Merkle tree (RFC 6962) over them' }),
    at: timeSchema,
    note: z.string().meta({ description: 'The signed text (C2SP tlog-checkpoint, Ed25519)' }),
  })
  .meta({ id: 'AuditCheckpoint' })
export type AuditCheckpoint = z.infer<typeof auditCheckpointSchema>
export const auditCheckpointsSchema = z
  .strictObject({
    publicKey: base64.meta({ description: 'Ed25519, 32 bytes: keep it elsewhere to check signatures by' }),
    records: z.int().meta({ description: 'Length of the log at this moment' }),
    newest: auditCheckpointSchema.nullable(),
  })
  .meta({ id: 'AuditCheckpoints' })

export const auditDetailSchema = z
  .strictObject({
    record: auditRecordSchema,
    changes: z
      .array(auditChangeSchema)
      .meta({ description: 'Fields that are not as an earlier record of the object said' }),
    checkpoint: auditCheckpointSchema.nullable().meta({ description: 'The first signed one that covers it' }),
    isProven: z.boolean().meta({ description: 'Its inclusion proof leads to the root of that checkpoint' }),
  })
  .meta({ id: 'AuditDetail' })
export type AuditDetail = z.infer<typeof auditDetailSchema>

export const auditExportSchema = z
  .strictObject({
    format: z.literal('smartreturns-audit-export/1'),
    stream: z.string(),
    publicKey: base64,
    checkpoint: z.string(),
    statement: z.string().meta({ description: 'Signed: these are all records of the object under that checkpoint' }),
    records: z.array(
      z.strictObject({
        seq: z.int(),
        stream: z.string(),
        version: z.int(),
        type: z.string(),
        micros: z.string().meta({ description: 'Microseconds since 1970' }),
        data: z.string().meta({ description: 'The very text of the payload; personal data in it are ciphertext' }),
        proof: z.array(base64),
      }),
    ),
  })
  .meta({ id: 'AuditExport' })
export type AuditExport = z.infer<typeof auditExportSchema>

export const auditReportSchema = z
  .strictObject({
    checked: z.int(),
    isIntact: z.boolean(),
    head: z.strictObject({ seq: z.int(), hash: z.string() }),
    firstBad: z.strictObject({ seq: z.int(), problem: z.string() }).nullable(),
    signed: z.int().meta({ description: 'Records under a signed checkpoint' }),
    copied: z.int().meta({ description: 'Of these, records whose hashes stand outside the database' }),
    signedAt: timeSchema.nullable(),
  })
  .meta({ id: 'AuditReport' })
export type AuditReport = z.infer<typeof auditReportSchema>
