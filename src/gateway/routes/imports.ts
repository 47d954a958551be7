import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { limits } from '#contracts/common.ts'
import { importSurveySchema, surveyLimits } from '#contracts/import-survey.ts'
import { importJobSchema, type ImportJob, type ImportJobInput, type ImportReport } from '#contracts/imports.ts'
import type { Context } from '#context.ts'
import { bytesSource, importJobKind } from '#flows/import-job.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { createJob, readJob, type JobRow } from '#platform/jobs/store.ts'
import { inspectFile, listMappings, readImportClient, readMapping, recordFile } from '#services/returns/index.ts'
import { readUpload } from '../uploads.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Imports']

export function importRoutes(api: Api, { ctx }: RouteContext): void {
  api.post(
    '/api/imports',
    {
      config: { permission: 'imports:write', limitPerMinute: 120 },
      bodyLimit: limits.bulkBytes + 65_536,
      schema: {
        tags,
        operationId: 'importFile',
        summary:
          'Hand in a file of returns, order lines or products (multipart/form-data: mapping, clientId, dryRun, then file)',
        consumes: ['multipart/form-data'],
        response: responses(
          { 202: ok(importJobSchema, 'A job takes it in: follow it at Location') },
          404,
          413,
          415,
          422,
        ),
      },
    },
    async (request, reply) => {
      const job = await acceptUpload(ctx, request)
      return reply.code(202).header('location', `/api/jobs/${job.id}`).send(importOf(job))
    },
  )

  api.post(
    '/api/imports/survey',
    {
      config: { permission: 'imports:write', limitPerMinute: 120 },
      bodyLimit: surveyLimits.bytes + 65_536,
      schema: {
        tags,
        operationId: 'surveyFile',
        summary: 'What a file is, from its beginning: columns, first rows, mappings that fit. Nothing is kept',
        consumes: ['multipart/form-data'],
        response: responses({ 200: ok(importSurveySchema, 'The shape of the file') }, 413, 415, 422),
      },
    },
    async (request) => {
      const { part, bytes } = await readUpload(request, 'beginning of the file', surveyLimits.bytes)
      const mappings = (await listMappings(ctx.db)).map((saved) => saved.mapping)
      return inspectFile(bytesSource(fileNameOf(part.filename), bytes), mappings)
    },
  )

  api.get(
    '/api/imports/:id',
    {
      config: { permission: 'jobs:read' },
      schema: {
        tags,
        operationId: 'readImport',
        summary: 'How far an import is, and its report',
        params: idParams,
        response: responses({ 200: ok(importJobSchema, 'The import') }, 404),
      },
    },
    async (request) => {
      const { actor, params } = request
      // As with all jobs: a client's keys see those of their client, people their own, admins all.
      const scope = {
        actorId: actor.id,
        clientIds: actor.role === 'integration' ? actor.clientIds : null,
        seesAll: actor.role === 'admin',
      }
      const job = await readJob(ctx.db, scope, params.id)
      if (job.kind !== importJobKind)
        throw new AppError('not_found', `no such import: ${params.id}`, { problem: 'import_unknown' })
      return importOf(job)
    },
  )
}

async function acceptUpload(ctx: Context, request: FastifyRequest): Promise<JobRow> {
  const { part, bytes } = await readUpload(request, 'file', limits.bulkBytes)
  const field = (name: string): string | null => {
    const found = part.fields[name]
    return found !== undefined && 'value' in found && typeof found.value === 'string' && found.value !== ''
      ? found.value
      : null
  }
  const { actor } = request
  const clientId = await clientOf(ctx, actor.clientIds, field('clientId'))
  const mapping = field('mapping')
  if (mapping !== null && (await readMapping(ctx.db, mapping)) === null)
    throw new AppError('not_found', `no such mapping: ${mapping}`, { problem: 'mapping_unknown' })
  const at = new Date(ctx.now())
  const [fileId, jobId] = [uuidv7(ctx.now()), uuidv7(ctx.now())]
  const fileName = fileNameOf(part.filename)
  const blobKey = `import/${fileId}`
  await ctx.blobs.write(blobKey, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { kind, id, role, hubIds } = actor
  const input: ImportJobInput = {
    fileId,
    blobKey,
    fileName,
    bytes: bytes.length,
    clientId,
    mapping,
    isDryRun: field('dryRun') === 'true',
    actor: {
      kind,
      id,
      role,
      hubIds: hubIds === null ? null : [...hubIds],
      clientIds: actor.clientIds === null ? null : [...actor.clientIds],
    },
  }
  const job = await ctx.db.transaction(async (tx) => {
    await recordFile(tx, {
      id: fileId,
      clientId,
      kind: 'import',
      mediaType: 'text/plain',
      bytes: bytes.length,
      sha256,
      blobKey,
      name: fileName,
      createdBy: actor.id,
      at,
    })
    return createJob(tx, { id: jobId, kind: importJobKind, input, createdBy: actor.id, clientId, at })
  })
  await ctx.jobs.send(importJobKind, { jobId: job.id }, { id: job.id })
  return job
}

function fileNameOf(given: string): string {
  return (given.split(/[\\/]/).at(-1) ?? '').replaceAll(/\p{Cc}/gu, '').slice(0, 200) || 'upload'
}

async function clientOf(
  ctx: Pick<Context, 'db'>,
  own: readonly string[] | null,
  given: string | null,
): Promise<string> {
  const named = given ?? (own?.length === 1 ? own[0]! : null)
  if (named === null)
    throw new AppError('invalid', 'say whose goods they are in clientId', { problem: 'client_missing' })
  const client = await readImportClient(ctx.db, named)
  if (client === null || (own !== null && !own.includes(client.id)))
    throw new AppError('not_found', `no such client: ${named}`, { problem: 'client_unknown' })
  return client.id
}

function importOf(job: JobRow): ImportJob {
  const input = job.input as ImportJobInput
  const result = job.result as { report: ImportReport; errorsFileId: string | null } | null
  return {
    id: job.id,
    state: job.state,
    fileName: input.fileName,
    mapping: result?.report.mapping ?? input.mapping ?? '',
    clientId: input.clientId,
    isDryRun: input.isDryRun,
    done: job.done,
    total: job.total,
    error: job.error,
    report: result?.report ?? null,
    errorsFileId: result?.errorsFileId ?? null,
    createdAt: job.createdAt.toISOString(),
    finishedAt: job.finishedAt?.toISOString() ?? null,
  }
}
