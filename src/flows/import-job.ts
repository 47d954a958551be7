import { createHash } from 'node:crypto'
import { limits } from '#contracts/common.ts'
import { importJobInputSchema, importLimits, type ImportJobInput, type RefusedCell } from '#contracts/imports.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { JobCancelled, type JobRun } from '#platform/jobs/port.ts'
import {
  errorsCsv,
  errorsHeader,
  readMapping,
  recordFile,
  removeFile,
  type ImportSource,
} from '#services/returns/index.ts'
import { importFile } from './import-returns.ts'

export const importJobKind = 'import'

const progressEveryMs = 1_000

/** The work of one import job. It may run again for the same job: it goes on from the checkpoint. */
export async function importJob(
  ctx: Context,
  input: Readonly<Record<string, unknown>>,
  run: JobRun,
): Promise<Record<string, unknown>> {
  const job = importJobInputSchema.parse(input)
  const stop = new AbortController()
  const errors = await openErrorParts(ctx, job, run)
  let failure: unknown = null
  let toldMs = Number.NEGATIVE_INFINITY
  try {
    const report = await importFile(ctx, await uploadedSource(ctx, job), {
      clientId: job.clientId,
      actor: job.actor,
      mapping: await mappingOf(ctx, job.mapping),
      isDryRun: job.isDryRun,
      resume: true,
      rowsMax: limits.bulkRows,
      signal: stop.signal,
      onRefused: errors.write,
      onProgress: ({ doneBytes, totalBytes }) => {
        if (ctx.now() - toldMs < progressEveryMs) return
        toldMs = ctx.now()
        run.progress(doneBytes, totalBytes).catch((error: unknown) => {
          failure = error
          stop.abort()
        })
      },
    })
    if (failure !== null) throw failure
    await run.progress(report.bytes, report.bytes)
    const errorsFileId = await errors.end()
    await removeUpload(ctx, job)
    return { report, errorsFileId }
  } catch (error) {
    // Nobody will try again: the upload, which may hold personal data, is not kept for nothing.
    const isPassing =
      error instanceof AppError ? ['unavailable', 'overloaded'].includes(error.code) : !(error instanceof JobCancelled)
    if (!isPassing) await removeUpload(ctx, job)
    throw error
  }
}

async function mappingOf(ctx: Pick<Context, 'db'>, name: string | null) {
  if (name === null) return undefined
  const saved = await readMapping(ctx.db, name)
  if (saved === null) throw new AppError('not_found', `no such mapping: ${name}`, { problem: 'mapping_unknown' })
  return saved.mapping
}

async function uploadedSource(ctx: Pick<Context, 'blobs'>, job: ImportJobInput): Promise<ImportSource> {
  const bytes = await ctx.blobs.read(job.blobKey)
  if (bytes === null)
    throw new AppError('not_found', 'the uploaded file is no longer there: hand it in again', {
      problem: 'file_unknown',
    })
  return bytesSource(job.fileName, bytes)
}

const chunkBytes = 262_144

/** Bytes in memory, read in chunks with a pause in between: other work is not kept waiting. */
export function bytesSource(name: string, bytes: Uint8Array): ImportSource {
  return {
    name,
    bytes: bytes.byteLength,
    open: async function* () {
      for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
        yield bytes.subarray(at, at + chunkBytes)
        await new Promise(setImmediate)
      }
    },
  }
}

async function removeUpload(ctx: Pick<Context, 'blobs' | 'db'>, job: ImportJobInput): Promise<void> {
  await ctx.blobs.remove(job.blobKey)
  await removeFile(ctx.db, job.fileId)
}

type ErrorParts = {
  readonly write: (refusals: readonly RefusedCell[]) => Promise<void>
  readonly end: () => Promise<string | null>
}

/**
 * Refused rows in numbered parts, each written before the checkpoint passes its rows; joined into one file at the end.
 * A run after a crash goes on behind the parts that are there.
 */
async function openErrorParts(
  ctx: Pick<Context, 'blobs' | 'db' | 'now'>,
  job: ImportJobInput,
  run: JobRun,
): Promise<ErrorParts> {
  const keyOf = (part: number) => `errorpart/${idFrom(`${run.id}/${part}`)}`
  const parts: Uint8Array[] = []
  for (let part = await ctx.blobs.read(keyOf(0)); part !== null; part = await ctx.blobs.read(keyOf(parts.length)))
    parts.push(part)
  let rows = 0
  return {
    write: async (refusals) => {
      const kept = refusals.slice(0, Math.max(0, importLimits.errorRows - rows))
      rows += kept.length
      if (kept.length === 0) return
      const part = Buffer.from(errorsCsv(kept))
      await ctx.blobs.write(keyOf(parts.length), part)
      parts.push(part)
    },
    end: async () => {
      if (parts.length === 0) return null
      const bytes = Buffer.concat([Buffer.from(errorsHeader), ...parts])
      const blobKey = `errors/${run.id}`
      await ctx.blobs.write(blobKey, bytes)
      await recordFile(ctx.db, {
        id: run.id,
        clientId: job.clientId,
        kind: 'errors',
        mediaType: 'text/csv',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        blobKey,
        name: `${job.fileName}.errors.csv`,
        createdBy: run.createdBy,
        at: new Date(ctx.now()),
      })
      for (let part = 0; part < parts.length; part++) await ctx.blobs.remove(keyOf(part))
      return run.id
    },
  }
}

/** The same text gives the same id: what a run before the crash wrote is found again. */
function idFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
