import { z } from 'zod'
import { jobActorSchema } from './actors.ts'
import { problemSchema } from './problem.ts'
import { returnReceiptSchema } from './returns.ts'
import { currencySchema, idSchema, minorSchema, text, timeSchema } from './common.ts'

/** Files that bring many returns, order lines or products: what a mapping says, what an import answers. */

export const importLimits = {
  /** One row with more units than this is a slip of the pen, and would not fit into one batch. */
  unitsPerRow: 200,
  rows: 5_000_000,
  plainBytes: 4 * 1_073_741_824,
  /** A workbook is read whole; larger tables go as CSV. */
  workbookBytes: 16 * 1_048_576,
  /** A packed file that grows beyond this many times its size is refused as a bomb. */
  unpackRatio: 200,
  recordChars: 262_144,
  columns: 500,
  linesPerSlice: 4_000,
  linesPerStatement: 1_000,
  productsPerSlice: 1_000,
  errorRows: 100_000,
  errorValueChars: 80,
} as const

export const importKinds = ['returns', 'orders', 'products'] as const
export const importKindSchema = z.enum(importKinds)
export type ImportKind = z.infer<typeof importKindSchema>

export const textEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export const textEncodingSchema = z.enum(textEncodings)
export type TextEncoding = z.infer<typeof textEncodingSchema>

export const numberLocales = ['en-IN', 'en-US', 'de-DE', 'fr-FR', 'de-CH'] as const
export type NumberLocale = (typeof numberLocales)[number]

const columnName = text(200)

/** How one of our fields comes out of the file's columns. */
export const columnRuleSchema = z
  .strictObject({
    from: z
      .union([columnName, z.array(columnName).min(1).max(10)])
      .optional()
      .meta({ description: 'Column; of several, the first that the file has' }),
    join: z
      .array(columnName)
      .min(2)
      .max(10)
      .optional()
      .meta({ description: 'Columns that together make the value, joined by "-"' }),
    format: text(40)
      .optional()
      .meta({ description: 'Dates: iso, excel, epoch_s, epoch_ms or a pattern such as DD-MM-YY HH:mm' }),
    map: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Value in the file → our value; case does not matter' }),
    match: z
      .array(z.strictObject({ startsWith: text(200).optional(), contains: text(200).optional(), value: text(200) }))
      .max(500)
      .optional()
      .meta({ description: 'Tried in order when `map` has no answer; case does not matter' }),
    otherwise: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'Value when neither map nor match knows the one in the file; empty = leave out' }),
    default: text(200).optional().meta({ description: 'Value of an empty cell' }),
    empty: z
      .array(z.string().max(100))
      .max(20)
      .optional()
      .meta({ description: 'Texts that mean an empty cell, such as NA' }),
    required: z.boolean().optional(),
    ordinal: z.boolean().optional().meta({ description: 'The second, third … row with this value gets ~2, ~3 …' }),
    rounding: z
      .enum(['exact', 'half_up'])
      .optional()
      .meta({ description: 'What to do with fractions of a minor unit; refused when absent' }),
  })
  .meta({ id: 'ImportColumnRule' })
export type ColumnRule = z.infer<typeof columnRuleSchema>

export const importMappingSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'small letters, digits, - and _'),
    version: z.int().min(1),
    kind: importKindSchema,
    description: text(1000).optional(),
    delimiter: z.enum([',', ';', '\t', '|']).optional(),
    encoding: textEncodingSchema.optional(),
    /** How numbers are written: grouping and decimal mark. */
    locale: z.enum(numberLocales).default('en-IN'),
    currency: currencySchema.default('INR'),
    timezone: z
      .string()
      .max(64)
      .refine((zone) => isTimezone(zone), 'not an IANA time zone such as Asia/Kolkata')
      .default('Asia/Kolkata'),
    columns: z.record(z.string(), columnRuleSchema),
    constants: z.record(z.string(), text(200)).default({}),
    rowFilter: z
      .strictObject({
        from: z.union([columnName, z.array(columnName).min(1).max(10)]),
        in: z.array(z.string().max(200)).min(1).max(100),
      })
      .optional()
      .meta({ description: 'Rows that are returns; the others are order lines, or skipped' }),
    orderLines: z
      .enum(['none', 'others', 'all'])
      .default('none')
      .meta({ description: 'Which rows of a file of returns are recorded as order lines as well' }),
  })
  .meta({
    id: 'ImportMapping',
    examples: [
      {
        name: 'shop-export',
        version: 1,
        kind: 'returns',
        locale: 'en-IN',
        currency: 'INR',
        timezone: 'Asia/Kolkata',
        columns: {
          clientRef: { from: 'Order No', required: true },
          sku: { from: 'Item Code' },
          requestedAt: { from: 'Return Date', format: 'DD-MM-YY' },
          reasonCode: { from: 'Reason', map: { 'Too small': 'size_or_fit' }, otherwise: 'changed_mind' },
        },
        constants: { saleChannel: 'own_site' },
        orderLines: 'none',
      },
    ],
  })
export type ImportMapping = z.infer<typeof importMappingSchema>

function isTimezone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** One cell that could not be taken, or a row as a whole (`column` empty). */
export const refusedCellSchema = z
  .strictObject({
    line: z.int().min(1),
    column: z.string(),
    code: z.string(),
    reason: z.string(),
    value: z.string().meta({ description: 'Shortened; never shown for personal data' }),
  })
  .meta({ id: 'ImportRefusal' })
export type RefusedCell = z.infer<typeof refusedCellSchema>

const count = z.int().min(0)
export const importCountsSchema = z
  .strictObject({
    rows: count.meta({ description: 'Rows with data that were read' }),
    units: count.meta({ description: 'Returns handed in: one a unit' }),
    accepted: count.meta({ description: 'Recorded anew and not refused by policy' }),
    needsReview: count.meta({ description: 'Of those accepted, how many need a person' }),
    rejected: count.meta({ description: 'Recorded in stage rejected: refused by policy' }),
    repeated: count.meta({ description: 'Known before: nothing was written' }),
    orderLines: count.meta({ description: 'Order lines written: new or changed' }),
    orderLinesUnchanged: count,
    products: count.meta({ description: 'Products written: new or changed' }),
    productsUnchanged: count,
    skipped: count.meta({ description: 'Rows that the mapping leaves out' }),
    refused: count.meta({ description: 'Rows that could not be taken; each is in the errors file' }),
  })
  .meta({ id: 'ImportCounts' })
export type ImportCounts = z.infer<typeof importCountsSchema>

export const noCounts: ImportCounts = {
  rows: 0,
  units: 0,
  accepted: 0,
  needsReview: 0,
  rejected: 0,
  repeated: 0,
  orderLines: 0,
  orderLinesUnchanged: 0,
  products: 0,
  productsUnchanged: 0,
  skipped: 0,
  refused: 0,
}

export const importReportSchema = z
  .strictObject({
    importId: idSchema.nullable().meta({ description: 'Null for a dry run' }),
    state: z.enum(['done', 'interrupted', 'already_imported']),
    isDryRun: z.boolean(),
    fileName: z.string(),
    fileSha256: z.string(),
    bytes: count,
    format: z.enum(['csv', 'jsonl']),
    delimiter: z.string().nullable(),
    encoding: textEncodingSchema,
    mapping: z.string(),
    /** What a person should know: another encoding than UTF-8, columns that nobody reads … */
    notes: z.array(z.string()),
    nextLine: z.int().min(1),
    counts: importCountsSchema,
    seconds: z.number(),
    rowsPerSecond: z.number(),
  })
  .meta({ id: 'ImportReport' })
export type ImportReport = z.infer<typeof importReportSchema>

export type ImportProgress = {
  readonly rows: number
  readonly doneBytes: number
  readonly totalBytes: number
  readonly ratePerSecond: number
  readonly etaSeconds: number | null
}

/** A line of an order as a client tells it. `paidMinor` is what was paid for one unit. */
export const orderLineSchema = z.strictObject({
  lineRef: text(160),
  orderRef: text(128),
  sku: text(128).nullable(),
  categoryId: text(128).nullable(),
  quantity: z.int().min(0).max(1_000_000),
  currency: currencySchema,
  paidMinor: minorSchema.nullable(),
  orderedAt: timeSchema,
  deliveredAt: timeSchema.nullable(),
  shipPincode: text(16).nullable(),
  shipState: text(100).nullable(),
  saleChannel: text(64).nullable(),
  outcome: z.enum(['delivered', 'returned', 'rto', 'cancelled', 'lost', 'unknown']),
})
export type OrderLine = z.infer<typeof orderLineSchema>

/** A file that was handed in over HTTP and is taken in by a job. */
export const importJobSchema = z
  .strictObject({
    id: idSchema,
    state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
    fileName: z.string(),
    mapping: z.string(),
    clientId: idSchema,
    isDryRun: z.boolean(),
    done: count.meta({ description: 'Bytes taken in' }),
    total: count.nullable(),
    error: z.string().nullable(),
    report: importReportSchema.nullable(),
    errorsFileId: idSchema.nullable(),
    createdAt: timeSchema,
    finishedAt: timeSchema.nullable(),
  })
  .meta({ id: 'ImportJob' })
export type ImportJob = z.infer<typeof importJobSchema>

/** What the queue keeps of an import; the actor is the one who handed the file in. */
export const importJobInputSchema = z.strictObject({
  fileId: idSchema,
  blobKey: z.string(),
  fileName: z.string(),
  bytes: count,
  clientId: idSchema,
  mapping: z.string().nullable(),
  isDryRun: z.boolean(),
  actor: jobActorSchema,
})
export type ImportJobInput = z.infer<typeof importJobInputSchema>

export const savedMappingSchema = z
  .strictObject({
    mapping: importMappingSchema,
    isShipped: z.boolean(),
    createdBy: z.string(),
    updatedAt: timeSchema,
    version: z.int(),
  })
  .meta({ id: 'SavedImportMapping' })
export const savedMappingsSchema = z
  .strictObject({ data: z.array(savedMappingSchema) })
  .meta({ id: 'SavedImportMappings' })

/** One line of the answer to `POST /api/returns/bulk`; the last one has only `counts`, or the problem that ended it. */
export const bulkResultSchema = z
  .strictObject({
    line: z.int().min(1).optional().meta({ description: 'Line of the body on which the row begins' }),
    status: z.int().optional(),
    value: returnReceiptSchema.optional(),
    problem: problemSchema.optional(),
    counts: z.strictObject({ rows: count, recorded: count, repeated: count, refused: count }).optional(),
  })
  .meta({ id: 'BulkReturnResult' })
export type BulkResult = z.infer<typeof bulkResultSchema>
