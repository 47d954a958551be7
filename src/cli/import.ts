import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { once } from 'node:events'
import type { Command } from 'commander'
import type { ImportMapping, ImportReport, RefusedCell } from '#contracts/imports.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { nearest } from '#kernel/nearest.ts'
import { importFile } from '#flows/import-returns.ts'
import {
  errorsCsv,
  errorsHeader,
  listMappings,
  readImportClient,
  readMapping,
  readMappingFile,
  type ImportSource,
} from '#services/returns/index.ts'
import { openProgress, printReport } from './import-progress.ts'
import { exitCodes, type OpenedProgram } from './open.ts'

export type OpenContext = () => Promise<Pick<OpenedProgram, 'ctx' | 'close'>>

type Flags = {
  readonly map?: string
  readonly client: string
  readonly errors?: string
  readonly dryRun?: boolean
  readonly resume?: boolean
  readonly again?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const shownRefusals = 10
const chunkBytes = 262_144

/** `smartreturns import FILE`: takes in a file of returns, order lines or products. */
export function importCommand(program: Command, open: OpenContext): void {
  program
    .command('import')
    .summary('take in a file of returns, order lines or products')
    .description(
      'Takes in CSV or JSONL (also .gz), or the first sheet of an Excel workbook (.xlsx), row by row: what is good is recorded, every bad row is told with its line.',
    )
    .argument('<file>', 'the file')
    .requiredOption('--client <code>', 'code or id of the client whose goods they are')
    .option('--map <name>', 'a saved mapping, or a JSON file; found by the header when absent')
    .option('--dry-run', 'judge every row and write nothing')
    .option('--errors <file>', 'write every refused row into this CSV file')
    .option('--resume', 'go on where an interrupted import of this file stopped')
    .option('--again', 'take in a file once more that was taken in to its end')
    .option('--json', 'the report as one line of JSON')
    .option('--quiet', 'no progress')
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await runImport(file, flags, open)
    })
}

async function runImport(file: string, flags: Flags, open: OpenContext): Promise<number> {
  const source = await sourceOf(file)
  if (source === null)
    return fail(`there is no file ${file}`, 'give the path of a CSV, JSONL or XLSX file', exitCodes.usage)
  const { ctx, close } = await open()
  const stop = stopOnInterrupt()
  try {
    const client = await readImportClient(ctx.db, flags.client)
    if (client === null)
      return fail(`there is no client ${flags.client}`, 'give the code or the id of a client', exitCodes.usage)
    const mapping = flags.map === undefined ? undefined : await mappingOf(ctx, flags.map)
    const errors = openErrors(flags.errors, flags.resume === true)
    const progress = openProgress(process.stderr, { isQuiet: flags.quiet === true, isTty: process.stderr.isTTY })
    try {
      const report = await importFile(ctx, source, {
        clientId: client.id,
        actor: { kind: 'system', id: 'cli', role: 'system', hubIds: null, clientIds: null },
        mapping,
        isDryRun: flags.dryRun === true,
        resume: flags.resume === true,
        again: flags.again === true,
        signal: stop.signal,
        onProgress: progress.show,
        onRefused: errors.write,
      })
      progress.end()
      await errors.end()
      return conclude(report, flags, file, errors.first)
    } finally {
      progress.end()
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const isUsage = ['invalid', 'unprocessable', 'not_found', 'unsupported_media_type'].includes(error.code)
    return fail(
      error.message,
      isUsage ? null : `what was committed stays; go on with --resume`,
      isUsage ? exitCodes.usage : exitCodes.failed,
    )
  } finally {
    stop.end()
    await close()
  }
}

function fail(what: string, advice: string | null, code: number): number {
  console.error(`import: ${what}`)
  if (advice !== null) console.error(`        ${advice}`)
  return code
}

async function sourceOf(file: string): Promise<ImportSource | null> {
  try {
    const found = await stat(file)
    if (!found.isFile()) return null
    return {
      name: basename(file).slice(0, 200),
      bytes: found.size,
      open: () => createReadStream(file, { highWaterMark: chunkBytes }),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new AppError('invalid', `${file} cannot be read: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
}

/** A path where it looks like one, else the name of a saved mapping. */
async function mappingOf(ctx: Pick<Context, 'db'>, given: string): Promise<ImportMapping> {
  if (given.endsWith('.json') || given.includes('/')) {
    try {
      return await readMappingFile(given)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new AppError('not_found', `there is no mapping file ${given}`, { cause: error })
    }
  }
  const saved = await readMapping(ctx.db, given)
  if (saved !== null) return saved.mapping
  const names = (await listMappings(ctx.db)).map(({ mapping }) => mapping.name)
  throw new AppError(
    'not_found',
    `there is no mapping ${given}; the nearest is ${nearest(given, names)}, all: ${names.join(', ')}`,
  )
}

/** Ctrl-C lets the slices at work end; a second one does not wait. */
function stopOnInterrupt(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController()
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    console.error('\nstopping after the rows at work; once more stops at once')
    controller.abort()
  }
  process.on('SIGINT', onInterrupt)
  return { signal: controller.signal, end: () => process.off('SIGINT', onInterrupt) }
}

type Errors = {
  readonly first: RefusedCell[]
  readonly write: (refusals: readonly RefusedCell[]) => Promise<void>
  readonly end: () => Promise<void>
}

function openErrors(path: string | undefined, isResumed: boolean): Errors {
  const first: RefusedCell[] = []
  const file = path === undefined ? null : createWriteStream(path, { flags: isResumed ? 'a' : 'w' })
  let failure: Error | null = null
  file?.on('error', (error) => {
    failure = error
  })
  if (file !== null && !isResumed) file.write(errorsHeader)
  const check = (): void => {
    if (failure !== null)
      throw new AppError('invalid', `the errors file ${path} cannot be written: ${failure.message}`, { cause: failure })
  }
  return {
    first,
    write: async (refusals) => {
      check()
      first.push(...refusals.slice(0, Math.max(0, shownRefusals - first.length)))
      if (file !== null && !file.write(errorsCsv(refusals)))
        await Promise.race([once(file, 'drain'), once(file, 'close')])
    },
    end: async () => {
      check()
      if (file === null) return
      file.end()
      if (!file.closed) await once(file, 'close')
      check()
    },
  }
}

function conclude(report: ImportReport, flags: Flags, file: string, first: readonly RefusedCell[]): number {
  if (flags.json === true) console.log(JSON.stringify(report))
  else printReport(report, { write: (line) => console.log(line) })
  const { counts, state } = report
  if (counts.refused > 0 && flags.errors === undefined && flags.quiet !== true) {
    for (const cell of first)
      console.error(
        `line ${cell.line}${cell.column === '' ? '' : `, ${cell.column}`}: ${cell.reason}${cell.value === '' ? '' : ` (${cell.value})`}`,
      )
    if (counts.refused > first.length) console.error('all of them: --errors FILE')
  }
  if (state === 'interrupted') {
    console.error(
      `stopped before line ${report.nextLine}; go on with: smartreturns import ${file} --map ${flags.map ?? report.mapping} --client ${flags.client} --resume`,
    )
    return exitCodes.interrupted
  }
  return counts.refused > 0 ? exitCodes.partly : exitCodes.ok
}
