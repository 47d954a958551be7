import type { CommandActor } from '#contracts/commands.ts'
import {
  importLimits,
  noCounts,
  type ImportCounts,
  type ImportMapping,
  type ImportProgress,
  type ImportReport,
  type RefusedCell,
} from '#contracts/imports.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import {
  bindMapping,
  detectMapping,
  listMappings,
  mappingHash,
  readImport,
  readImportClient,
  startImport,
  surveyFile,
  withMappedColumns,
  type BoundMapping,
  type FileSurvey,
  type ImportSource,
  type ImportState,
  type RowFacts,
} from '#services/returns/index.ts'
import { openCheckpoints, type Checkpoints } from './import-checkpoints.ts'
import { slicesOf, type Slice } from './import-slices.ts'
import { addCounts, openSliceJudge, openSliceWriter, type SliceResult, type SliceWriter } from './write-slice.ts'

export type ImportOptions = {
  readonly clientId: string
  readonly actor: CommandActor
  /** The saved mapping that fits the header when absent. */
  readonly mapping?: ImportMapping | undefined
  /** Judges every row and writes nothing. */
  readonly isDryRun?: boolean
  /** Goes on where an earlier run of the same file and mapping stopped; else from the first line. */
  readonly resume?: boolean
  /** More rows than this are refused before any is taken in. */
  readonly rowsMax?: number
  /** Takes in a file anew that was taken in to its end before: rows that were refused then may be accepted now. */
  readonly again?: boolean
  /** Stops after the slices at work when aborted. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (progress: ImportProgress) => void
  /** Refused rows, in the order of the file, before the checkpoint passes them. */
  readonly onRefused?: (refusals: readonly RefusedCell[]) => Promise<void>
}

/** Two slices at once: one is read and judged while the other is in its transaction. */
const slicesAtOnce = 2

/**
 * Takes in a file of returns, order lines or products, slice by slice. Bad rows are refused one by one; what is
 * committed stays; the same file with the same mapping adds nothing twice.
 */
export async function importFile(ctx: Context, source: ImportSource, options: ImportOptions): Promise<ImportReport> {
  await checkClient(ctx, options)
  const startedMs = ctx.now()
  const surveyed = await surveyFile(source, {
    delimiter: options.mapping?.delimiter,
    encoding: options.mapping?.encoding,
  })
  const rowsMax = options.rowsMax ?? importLimits.rows
  if (surveyed.lines > rowsMax + 1)
    throw new AppError('too_large', `at most ${rowsMax} lines in one file; split it`, { problem: 'too_many_rows' })
  const mapping =
    options.mapping ??
    detectMapping(
      (await listMappings(ctx.db)).map((saved) => saved.mapping),
      surveyed.header,
    )
  const survey =
    surveyed.format === 'jsonl' ? { ...surveyed, header: withMappedColumns(surveyed.header, mapping) } : surveyed
  const bound = bindMapping(mapping, survey.header)
  const key = { clientId: options.clientId, sha256: survey.sha256, mappingHash: mappingHash(mapping) }
  const before = await readImport(ctx.db, key)
  const report = reporter(survey, bound, options, () => (ctx.now() - startedMs) / 1000)
  if (before?.state === 'done' && options.again !== true && options.isDryRun !== true) {
    const note = `this file was taken in with this mapping on ${before.updatedAt.toISOString()}: nothing was added`
    return report('already_imported', before.id, before.nextLine, noCounts, [note])
  }
  const isResumed = options.resume === true && before !== null && before.state !== 'done' && options.isDryRun !== true
  const from = isResumed ? { nextLine: before.nextLine, counts: before.counts } : { nextLine: 1, counts: noCounts }
  const id = before?.id ?? uuidv7(ctx.now())
  const facts: RowFacts = {
    categories: new Set(ctx.reference.categories.keys()),
    clientId: options.clientId,
    nowMs: ctx.now(),
  }
  const task = {
    clientId: options.clientId,
    actor: options.actor,
    importId: options.isDryRun === true ? 'dry-run' : id,
    bound,
  }

  if (options.isDryRun === true) {
    const run = { write: openSliceJudge(ctx, task), checkpoints: null, from, startedMs }
    const { counts, nextLine, isWhole } = await runSlices(
      ctx,
      slicesOf(source, survey, bound, facts, 1),
      survey,
      options,
      run,
    )
    return report(isWhole ? 'done' : 'interrupted', null, nextLine, counts, [])
  }
  const run = uuidv7(ctx.now())
  const importId = await startImport(ctx.db, {
    ...key,
    id,
    fileName: source.name,
    mapping: mapping.name,
    run,
    at: new Date(ctx.now()),
    ...from,
  })
  const checkpoints = openCheckpoints(ctx, { id: importId, run })
  const slices = slicesOf(source, survey, bound, facts, from.nextLine)
  const result = await runSlices(ctx, slices, survey, options, {
    write: openSliceWriter(ctx, { ...task, importId }),
    checkpoints,
    from,
    startedMs,
  })
  return report(
    result.isWhole ? 'done' : 'interrupted',
    importId,
    result.nextLine,
    result.counts,
    notesOnStart(before, isResumed),
  )
}

function notesOnStart(before: ImportState | null, isResumed: boolean): string[] {
  if (before === null || before.state === 'done') return []
  if (isResumed) return [`went on from line ${before.nextLine}; the counts are those of all runs together`]
  return [`an earlier run had stopped before line ${before.nextLine}; this one began again at the first line`]
}

async function checkClient(ctx: Pick<Context, 'db'>, { clientId, actor }: ImportOptions): Promise<void> {
  const client = await readImportClient(ctx.db, clientId)
  if (client?.id !== clientId || (actor.clientIds !== null && !actor.clientIds.includes(client.id))) {
    throw new AppError('not_found', `no such client: ${clientId}`, { problem: 'client_unknown' })
  }
  if (!client.isActive)
    throw new AppError('conflict', `the client ${client.code} is switched off`, { problem: 'client_inactive' })
}

type Progressed = { readonly nextLine: number; readonly counts: ImportCounts }
type Run = {
  readonly write: SliceWriter
  readonly checkpoints: Checkpoints | null
  readonly from: Progressed
  readonly startedMs: number
}

async function runSlices(
  ctx: Pick<Context, 'now'>,
  slices: AsyncIterable<Slice>,
  survey: FileSurvey,
  options: ImportOptions,
  { write, checkpoints, from, startedMs }: Run,
): Promise<Progressed & { readonly isWhole: boolean }> {
  const working: { readonly slice: Slice; readonly result: Promise<PromiseSettledResult<SliceResult>[]> }[] = []
  let { nextLine, counts } = from
  const settle = async (): Promise<void> => {
    const { slice, result } = working.shift()!
    const [settled] = await result
    if (settled?.status !== 'fulfilled') throw settled?.reason
    const { counts: added, refusals } = settled.value
    counts = addCounts(counts, added)
    nextLine = slice.nextLine
    if (refusals.length > 0) await options.onRefused?.(refusals.toSorted((a, b) => a.line - b.line))
    checkpoints?.note({ nextLine, counts })
    options.onProgress?.(
      progressOf(
        counts.rows,
        counts.rows - from.counts.rows,
        slice.bytes,
        survey.bytes,
        (ctx.now() - startedMs) / 1000,
      ),
    )
  }
  let isWhole = true
  try {
    for await (const slice of slices) {
      if (options.signal?.aborted === true) {
        isWhole = false
        break
      }
      if (working.length >= slicesAtOnce) await settle()
      // Settled, not raced: a failure is met in the slice's own turn.
      working.push({ slice, result: Promise.allSettled([write(slice)]) })
    }
    while (working.length > 0) await settle()
  } catch (error) {
    await Promise.all(working.map(({ result }) => result))
    await checkpoints?.abandon({ nextLine, counts })
    throw error
  }
  await checkpoints?.close(isWhole ? 'done' : 'interrupted', { nextLine, counts })
  return { nextLine, counts, isWhole }
}

function progressOf(
  rows: number,
  fresh: number,
  doneBytes: number,
  totalBytes: number,
  seconds: number,
): ImportProgress {
  const ratePerSecond = seconds > 0 ? fresh / seconds : 0
  const etaSeconds = seconds > 0 && doneBytes > 0 ? Math.max(0, (seconds * (totalBytes - doneBytes)) / doneBytes) : null
  return { rows, doneBytes, totalBytes, ratePerSecond, etaSeconds }
}

function reporter(survey: FileSurvey, bound: BoundMapping, options: ImportOptions, seconds: () => number) {
  return (
    state: ImportReport['state'],
    importId: string | null,
    nextLine: number,
    counts: ImportCounts,
    notes: readonly string[],
  ): ImportReport => {
    const took = seconds()
    return {
      importId,
      state,
      isDryRun: options.isDryRun === true,
      fileName: survey.name,
      fileSha256: survey.sha256,
      bytes: survey.bytes,
      format: survey.format,
      delimiter: survey.delimiter,
      encoding: survey.encoding.encoding,
      mapping: bound.mapping.name,
      notes: [...notes, ...(survey.encoding.note === null ? [] : [survey.encoding.note]), ...bound.notes],
      nextLine,
      counts,
      seconds: took,
      rowsPerSecond: took > 0 ? Math.round(counts.rows / took) : 0,
    }
  }
}
