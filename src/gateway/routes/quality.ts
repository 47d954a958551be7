import { z } from 'zod'
import { qualityCheckRequestSchema, qualityCheckSchema, qualityReviseRequestSchema } from '#contracts/quality.ts'
import { rubricSchema } from '#contracts/reference.ts'
import { returnChangedSchema } from '#contracts/returns.ts'
import { AppError } from '#kernel/errors.ts'
import { readCheckReturn, readQuality, readRubric } from '#services/quality/index.ts'
import { readIfMatch, requireIfMatch } from '../etags.ts'
import { commandOf, sendAnswer } from '../idempotency.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Quality']

export function qualityRoutes(api: Api, { ctx, commands }: RouteContext): void {
  api.post(
    '/api/quality/check',
    {
      config: { permission: 'returns:check' },
      schema: {
        tags,
        operationId: 'checkReturn',
        summary: "Submit a unit's quality check: answers in, grade and new recommendation out",
        body: qualityCheckRequestSchema,
        response: responses({ 201: ok(returnChangedSchema, 'Graded') }, 404, 409, 412, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const input = { ...request.body, ifVersion: readIfMatch(request) }
      const answer = await commands.checkReturn(commandOf(request, input))
      if (answer.outcome.ok) reply.header('location', `/api/quality/${answer.outcome.value.id}`)
      return sendAnswer(request, reply, answer, () => 201)
    },
  )

  api.get(
    '/api/quality/:id',
    {
      config: { permission: 'quality:read' },
      schema: {
        tags,
        operationId: 'readQuality',
        summary: 'Quality checks of a return, the current one first (id: the return)',
        params: idParams,
        response: responses(
          {
            200: ok(z.strictObject({ data: z.array(qualityCheckSchema) }).meta({ id: 'QualityChecks' }), 'The checks'),
          },
          404,
        ),
      },
    },
    async (request, reply) => {
      const data = await readQuality(ctx, request.actor, request.params.id)
      if (data[0] !== undefined) reply.header('etag', `"${data[0].version}"`)
      return { data }
    },
  )

  api.put(
    '/api/quality/:id',
    {
      config: { permission: 'returns:check' },
      schema: {
        tags,
        operationId: 'reviseCheck',
        summary: 'Correct a quality check (id: the check): graded anew, a decision on the old grade is taken back',
        params: idParams,
        body: qualityReviseRequestSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Graded anew') }, 404, 409, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const found = await readCheckReturn(ctx.db, id)
      if (found === null) throw new AppError('not_found', `no such quality check: ${id}`, { problem: 'check_unknown' })
      const input = {
        ...request.body,
        returnId: found.returnId,
        checkId: id,
        ifVersion: null,
        ifCheckVersion: requireIfMatch(request),
      }
      return sendAnswer(request, reply, await commands.reviseCheck(commandOf(request, input)))
    },
  )

  api.get(
    '/api/quality/rubrics/:id',
    {
      config: { permission: 'quality:read' },
      schema: {
        tags,
        operationId: 'readRubric',
        summary: 'The newest revision of a rubric, by its id or by a category',
        params: z.strictObject({ id: z.string().max(80) }),
        response: responses({ 200: ok(rubricSchema, 'The rubric') }, 404),
      },
    },
    async (request) => readRubric(ctx, request.params.id),
  )
}
