import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { idSchema, limits } from '#contracts/common.ts'
import { bulkResultSchema, type BulkResult } from '#contracts/imports.ts'
import type { Context } from '#context.ts'
import { submitBulk, type BulkRow } from '#flows/bulk-returns.ts'
import { bytesSource } from '#flows/import-job.ts'
import { AppError } from '#kernel/errors.ts'
import { readMapping, surveyFile } from '#services/returns/index.ts'
import { timeouts } from '../limits.ts'
import { problemOfError, problemOfRejection, statusOfRejection } from '../problems.ts'
import { responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Imports']
const bulkTypes = [
  'application/x-ndjson',
  'application/jsonl',
  'application/json-lines',
  'text/csv',
  'application/gzip',
  'application/octet-stream',
]
/** Each holds its body in memory while it is worked on. */
const bulkAtOnce = 3
const ownMapping = 'smartreturns-csv'

export function bulkRoutes(api: Api, { ctx }: RouteContext): void {
  let atWork = 0
  void api.register((scope, _, done) => {
    scope.addContentTypeParser(bulkTypes, (_request, payload, next) => next(null, payload))
    const bulk = scope as unknown as Api
    bulk.post(
      '/api/returns/bulk',
      {
        config: { permission: 'imports:write', limitPerMinute: 600 },
        bodyLimit: limits.bulkBytes,
        handlerTimeout: timeouts.bulkMs,
        schema: {
          tags,
          operationId: 'submitReturnsInBulk',
          summary: 'Many returns as JSON lines or CSV in, one line of JSON a unit out',
          description: `Up to ${limits.bulkBytes} bytes and ${limits.bulkRows} rows, gzip allowed. JSON lines are requests as of POST /api/returns; CSV is read by a saved mapping. The same body again adds nothing: clientRef is the key. The last line of the answer has the counts, or the problem that ended it.`,
          consumes: bulkTypes,
          querystring: z.strictObject({
            clientId: idSchema.optional(),
            mapping: z.string().max(64).default(ownMapping),
          }),
          response: responses(
            {
              200: {
                description: 'One line a unit, then the counts',
                content: { 'application/x-ndjson': { schema: bulkResultSchema } },
              },
            },
            404,
            413,
            415,
            422,
          ),
        },
      },
      async (request, reply) => {
        if (atWork >= bulkAtOnce)
          throw new AppError('overloaded', `${bulkAtOnce} bulk bodies are at work already`, { retryAfterSeconds: 5 })
        atWork += 1
        let isSending = false
        const end = (): void => void (atWork -= 1)
        try {
          const source = bytesSource('body', await readBody(request.body, limits.bulkBytes))
          const survey = await surveyFile(source)
          const saved = survey.format === 'csv' ? await readMapping(ctx.db, request.query.mapping) : null
          if (survey.format === 'csv' && saved === null)
            throw new AppError('not_found', `no such mapping: ${request.query.mapping}`, { problem: 'mapping_unknown' })
          const { actor, id: requestId } = request
          const rows = submitBulk(ctx, source, survey, {
            actor,
            requestId,
            clientId: request.query.clientId,
            mapping: saved?.mapping ?? null,
          })
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
      },
    )
    done()
  })
}

/** The whole body, as fast as it comes: the time to send one is bounded, the time to work on it is not. */
async function readBody(payload: unknown, bytesMax: number): Promise<Buffer> {
  if (!(payload instanceof Readable)) throw new AppError('invalid', 'the body is empty', { problem: 'body_missing' })
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

async function* answerLines(
  ctx: Pick<Context, 'log'>,
  request: FastifyRequest,
  first: IteratorResult<readonly BulkRow[], void>,
  batches: Batches,
): AsyncGenerator<string> {
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
          : print({
              line,
              status: statusOfRejection(outcome.rejection),
              problem: problemOfRejection(outcome.rejection, request),
            })
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
