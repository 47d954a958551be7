import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { idSchema, limits } from '#contracts/common.ts'
import { bulkResultSchema, importJobSchema, type BulkResult, type ImportJob, type ImportJobInput, type ImportReport } from '#contracts/imports.ts'
import type { Context } from '#context.ts'
import { submitBulk, type BulkRow } from '#flows/bulk-returns.ts'
import { bytesSource, importJobKind } from '#flows/import-job.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { createJob, readJob, type JobRow } from '#platform/jobs/store.ts'
import { readImportClient, readMapping, recordFile, surveyFile } from '#services/returns/index.ts'
import { problemOfError, problemOfRejection, statusOfRejection } from '../problems.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Imports']
const bulkTypes = ['application/x-ndjson', 'application/jsonl', 'application/json-lines', 'text/csv', 'application/gzip', 'application/octet-stream']
/** Each holds its body in memory while it is worked on. */
const bulkAtOnce = 3
const ownMapping = 'smartreturns-csv'

export function importRoutes(api: Api, { ctx }: RouteContext): void {
  api.post('/api/imports', {
    config: { permission: 'imports:write' },
    bodyLimit: limits.bulkBytes + 65_536,
    schema: {
      tags, operationId: 'importFile', summary: 'Hand in a file of returns, order lines or products (multipart/form-data: mapping, clientId, dryRun, then file)',
      consumes: ['multipart/form-data'], response: responses({ 202: ok(importJobSchema, 'A job takes it in: follow it at Location') }, 404, 413, 415, 422),
    },
  }, async (request, reply) => {
    const job = await acceptUpload(ctx, request)
    return reply.code(202).header('location', `/api/jobs/${job.id}`).send(importOf(job))
  })

  api.get('/api/imports/:id', {
    config: { permission: 'jobs:read' },
    schema: { tags, operationId: 'readImport', summary: 'How far an import is, and its report', params: idParams, response: responses({ 200: ok(importJobSchema, 'The import') }, 404) },
  }, async (request) => {
    const { actor, params } = request
    // As with all jobs: a client's keys see those of their client, people their own, admins all.
    const scope = { actorId: actor.id, clientIds: actor.role === 'integration' ? actor.clientIds : null, seesAll: actor.role === 'admin' }
    const job = await readJob(ctx.db, scope, params.id)
    if (job.kind !== importJobKind) throw new AppError('not_found', `no such import: ${params.id}`, { problem: 'import_unknown' })
    return importOf(job)
  })

  let atWork = 0
  void api.register((scope, _, done) => {
    scope.addContentTypeParser(bulkTypes, (_request, payload, next) => next(null, payload))
    const bulk = scope as unknown as Api
    bulk.post('/api/returns/bulk', {
      config: { permission: 'imports:write' },
      bodyLimit: limits.bulkBytes,
      schema: {
        tags, operationId: 'submitReturnsInBulk', summary: 'Many returns as JSON lines or CSV in, one line of JSON a unit out',
        description: `Up to ${limits.bulkBytes} bytes and ${limits.bulkRows} rows, gzip allowed. JSON lines are requests as of POST /api/returns; CSV is read by a saved mapping. The same body again adds nothing: clientRef is the key. The last line of the answer has the counts, or the problem that ended it.`,
        consumes: bulkTypes,
        querystring: z.strictObject({ clientId: idSchema.optional(), mapping: z.string().max(64).default(ownMapping) }),
        response: responses({ 200: { description: 'One line a unit, then the counts', content: { 'application/x-ndjson': { schema: bulkResultSchema } } } }, 404, 413, 415, 422),
      },
    }, async (request, reply) => {
      if (atWork >= bulkAtOnce) throw new AppError('overloaded', `${bulkAtOnce} bulk bodies are at work already`, { retryAfterSeconds: 5 })
      atWork += 1
      let isSending = false
      const end = (): void => void (atWork -= 1)
      try {
        const source = bytesSource('body', await readBody(request.body as Readable, limits.bulkBytes))
        const survey = await surveyFile(source)
        const saved = survey.format === 'csv' ? await readMapping(ctx.db, request.query.mapping) : null
        if (survey.format === 'csv' && saved === null) throw new AppError('not_found', `no such mapping: ${request.query.mapping}`, { problem: 'mapping_unknown' })
        const { actor, id: requestId } = request
        const rows = submitBulk(ctx, source, survey, { actor, requestId, clientId: request.query.clientId, mapping: saved?.mapping ?? null })
        // Before the status is sent: what is wrong with the whole body is a problem, not a line.
        const first = await rows.next()
        const stream = Readable.from(answerLines(ctx, request, first, rows))
        stream.once('close', end)
        isSending = true
        // The schema is that of a line; what is sent is a stream of them.
        return await reply.type('application/x-ndjson').send(stream as unknown as BulkResult)
      } finally {
        if (!isSending) end()
      }
    })
    done()
  })
}

async function acceptUpload(ctx: Context, request: FastifyRequest): Promise<JobRow> {
  if (!request.isMultipart()) throw new AppError('unsupported_media_type', 'send multipart/form-data with the file in the field file')
  const part = await request.file({ limits: { fileSize: limits.bulkBytes } })
  if (part === undefined) throw new AppError('invalid', 'there is no file in the form', { problem: 'file_missing' })
  const bytes = await part.toBuffer()
  const field = (name: string): string | null => {
    const found = part.fields[name]
    return found !== undefined && 'value' in found && typeof found.value === 'string' && found.value !== '' ? found.value : null
  }
  const { actor } = request
  const clientId = await clientOf(ctx, actor.clientIds, field('clientId'))
  const mapping = field('mapping')
  if (mapping !== null && (await readMapping(ctx.db, mapping)) === null) throw new AppError('not_found', `no such mapping: ${mapping}`, { problem: 'mapping_unknown' })
  const at = new Date(ctx.now())
  const [fileId, jobId] = [uuidv7(ctx.now()), uuidv7(ctx.now())]
  const fileName = (part.filename.split(/[\\/]/).at(-1) ?? '').replaceAll(/\p{Cc}/gu, '').slice(0, 200) || 'upload'
  const blobKey = `import/${fileId}`
  await ctx.blobs.write(blobKey, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { kind, id, role, hubIds } = actor
  const input: ImportJobInput = {
    fileId, blobKey, fileName, bytes: bytes.length, clientId, mapping, isDryRun: field('dryRun') === 'true',
    actor: { kind, id, role, hubIds: hubIds === null ? null : [...hubIds], clientIds: actor.clientIds === null ? null : [...actor.clientIds] },
  }
  const job = await ctx.db.transaction(async (tx) => {
    await recordFile(tx, { id: fileId, clientId, kind: 'import', mediaType: 'text/plain', bytes: bytes.length, sha256, blobKey, name: fileName, createdBy: actor.id, at })
    return createJob(tx, { id: jobId, kind: importJobKind, input, createdBy: actor.id, clientId, at })
  })
  await ctx.jobs.send(importJobKind, { jobId: job.id }, job.id)
  return job
}

async function clientOf(ctx: Pick<Context, 'db'>, own: readonly string[] | null, given: string | null): Promise<string> {
  const named = given ?? (own?.length === 1 ? own[0]! : null)
  if (named === null) throw new AppError('invalid', 'say whose goods they are in clientId', { problem: 'client_missing' })
  const client = await readImportClient(ctx.db, named)
  if (client === null || (own !== null && !own.includes(client.id))) throw new AppError('not_found', `no such client: ${named}`, { problem: 'client_unknown' })
  return client.id
}

function importOf(job: JobRow): ImportJob {
  const input = job.input as ImportJobInput
  const result = job.result as { report: ImportReport; errorsFileId: string | null } | null
  return {
    id: job.id, state: job.state, fileName: input.fileName, mapping: result?.report.mapping ?? input.mapping ?? '', clientId: input.clientId,
    isDryRun: input.isDryRun, done: job.done, total: job.total, error: job.error, report: result?.report ?? null,
    errorsFileId: result?.errorsFileId ?? null, createdAt: job.createdAt.toISOString(), finishedAt: job.finishedAt?.toISOString() ?? null,
  }
}

/** The whole body, as fast as it comes: the time to send one is bounded, the time to work on it is not. */
async function readBody(payload: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new AppError('too_large', `the body is larger than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

type Batches = AsyncGenerator<readonly BulkRow[], void>

async function* answerLines(ctx: Pick<Context, 'log'>, request: FastifyRequest, first: IteratorResult<readonly BulkRow[], void>, batches: Batches): AsyncGenerator<string> {
  const counts = { rows: 0, recorded: 0, repeated: 0, refused: 0 }
  const print = (line: BulkResult): string => `${JSON.stringify(line)}\n`
  try {
    for (let batch = first; batch.done !== true; batch = await batches.next()) {
      let text = ''
      for (const { line, outcome } of batch.value) {
        counts.rows += 1
        if (!outcome.ok) counts.refused += 1
        else if (outcome.value.repeated) counts.repeated += 1
        else counts.recorded += 1
        text += outcome.ok
          ? print({ line, status: outcome.value.repeated ? 200 : 201, value: outcome.value })
          : print({ line, status: statusOfRejection(outcome.rejection), problem: problemOfRejection(outcome.rejection, request) })
      }
      yield text
    }
    yield print({ counts })
  } catch (error) {
    // The status line is long gone: the last line tells instead.
    ctx.log.warn({ requestId: request.id, err: error }, 'a bulk body was not taken in to its end')
    yield print({ counts, problem: problemOfError(error as Error, request) })
  }
}
