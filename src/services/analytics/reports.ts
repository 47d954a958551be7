import { createHash } from 'node:crypto'
import { stringify } from 'csv-stringify/sync'
import type { ReportRequest } from '#contracts/analytics.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import type { JobRun } from '#platform/jobs/port.ts'
import { pdfKinds } from './pdf-columns.ts'
import { addDays, periodOf, startOf } from './periods.ts'
import { drawReport, pdfRowsMax, tooLong } from './report-pdf.ts'
import { reportKindTable } from './report-kinds.ts'
import { countReportRows, streamReportRows, writeReportFile } from './report-store.ts'

export const reportJob = 'report'

/** A blob is written in one piece, so a report must fit into memory. */
const bytesMax = 256 * 1_048_576

/** What a report's job remembers: the days and rights of the moment in which it was asked for. */
export type ReportInput = {
  readonly kind: ReportRequest['kind']
  readonly format: ReportRequest['format']
  readonly from: string
  readonly to: string
  readonly fromInstant: string
  readonly toInstant: string
  readonly filters: Readonly<Record<string, string | undefined>>
  readonly clientIds: readonly string[] | null
  readonly hubIds: readonly string[] | null
}

export function reportInputOf(actor: Actor, request: ReportRequest, nowMs: number): ReportInput {
  const known = Object.keys(reportKindTable[request.kind].filters)
  const errors = Object.keys(request.filters)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      pointer: `/filters/${name}`,
      code: 'filter_unknown',
      detail: `a report of ${request.kind} has no filter ${name}; it takes ${known.join(', ')}`,
    }))
  if (errors.length > 0)
    throw new AppError('invalid', errors.map((error) => error.detail).join('; '), { problem: 'filter_unknown', errors })
  const { from, to } = periodOf(request.from, request.to, nowMs)
  return {
    kind: request.kind,
    format: request.format,
    from,
    to,
    fromInstant: startOf(from).toISOString(),
    toInstant: startOf(addDays(to, 1)).toISOString(),
    filters: request.filters,
    clientIds: actor.clientIds,
    hubIds: actor.hubIds,
  }
}

/** Writes the rows into a file named after the job, so that a repeated job replaces its own file and makes no second. */
export async function writeReport(
  ctx: Pick<Context, 'db' | 'blobs' | 'now'>,
  input: ReportInput,
  run: JobRun,
): Promise<{ fileId: string; rows: number; bytes: number }> {
  const total = await countReportRows(ctx.db, input)
  if (input.format === 'pdf' && total > pdfRowsMax) throw tooLong()
  await run.progress(0, total)
  const { content, rows } = await (input.format === 'pdf' ? paper : table)(ctx, input, (done) =>
    run.progress(done, Math.max(total, done)),
  )
  const blobKey = `report/${run.id}`
  await ctx.blobs.write(blobKey, content)
  const { mediaType, extension } = formats[input.format]
  await writeReportFile(ctx.db, {
    id: run.id,
    mediaType,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    blobKey,
    name: `${input.kind}-${input.from}-${input.to}.${extension}`,
    createdBy: run.createdBy,
    createdAt: new Date(ctx.now()),
  })
  return { fileId: run.id, rows, bytes: content.length }
}

const formats: Readonly<Record<ReportRequest['format'], { mediaType: string; extension: string }>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', extension: 'csv' },
  json: { mediaType: 'application/x-ndjson', extension: 'jsonl' },
  pdf: { mediaType: 'application/pdf', extension: 'pdf' },
}

type Written = { readonly content: Buffer; readonly rows: number }
type Progress = (rows: number) => Promise<void>
type WriteContext = Pick<Context, 'db' | 'now'>

function paper(ctx: WriteContext, input: ReportInput, progress: Progress): Promise<Written> {
  const filters = Object.entries(input.filters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  )
  const head = { from: input.from, to: input.to, filters, asOf: new Date(ctx.now()) }
  return drawReport(pdfKinds[input.kind], head, streamReportRows(ctx.db, input), progress)
}

async function table(ctx: WriteContext, input: ReportInput, progress: Progress): Promise<Written> {
  const names = reportKindTable[input.kind].columns.map(([name]) => name)
  const chunks: Buffer[] = []
  let bytes = 0
  let rows = 0
  const push = (text: string) => {
    const chunk = Buffer.from(text, 'utf8')
    bytes += chunk.length
    if (bytes > bytesMax)
      throw new AppError(
        'too_large',
        `the report is larger than ${bytesMax} bytes: take a shorter period or a filter`,
        { problem: 'report_too_large' },
      )
    chunks.push(chunk)
  }
  if (input.format === 'csv') push(csvOf([names]))
  for await (const batch of streamReportRows(ctx.db, input)) {
    const plain = batch.map((row) => names.map((name) => plainOf(row[name])))
    push(input.format === 'csv' ? csvOf(plain) : linesOf(names, plain))
    rows += batch.length
    await progress(rows)
  }
  return { content: Buffer.concat(chunks), rows }
}

type Plain = string | number | boolean | null

function plainOf(value: unknown): Plain {
  if (value instanceof Date) return value.toISOString()
  return value as Plain
}

/** A text that a spreadsheet would take for a formula is shown as text; numbers stay numbers. */
function csvOf(rows: readonly (readonly Plain[])[]): string {
  return stringify(rows as Plain[][], {
    escape_formulas: true,
    record_delimiter: 'windows',
    cast: { boolean: (value) => (value ? 'true' : 'false') },
  })
}

function linesOf(names: readonly string[], rows: readonly (readonly Plain[])[]): string {
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, row[i]])))}\n`).join('')
}
