import { z } from 'zod'
import { feedbackRequestSchema, recommendAnswerSchema, recommendRequestSchema } from '#contracts/ai.ts'
import { problemSchema } from '#contracts/problem.ts'
import { returnChangedSchema } from '#contracts/returns.ts'
import { recommendOnly } from '#services/recommendation/index.ts'
import { commandOf, sendAnswer } from '../idempotency.ts'
import { problemOfRejection, sendProblem, statusOfRejection } from '../problems.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { oneOrMany, parseItems } from '../validation.ts'

const batchSchema = z
  .strictObject({
    results: z.array(
      z.strictObject({
        index: z.int(),
        status: z.int(),
        value: recommendAnswerSchema.optional(),
        problem: problemSchema.optional(),
      }),
    ),
  })
  .meta({ id: 'RecommendBatchResult' })
const tags = ['Recommendation']

export function aiRoutes(api: Api, { ctx, commands }: RouteContext): void {
  api.post(
    '/api/ai/recommend',
    {
      config: { permission: 'ai:recommend' },
      schema: {
        tags,
        operationId: 'recommend',
        summary: 'Recommend for one unit, or up to 250, and record nothing',
        body: oneOrMany(recommendRequestSchema, 'RecommendRequest'),
        response: responses(
          { 200: ok(z.union([recommendAnswerSchema, batchSchema]), 'The recommendation, or one result an item') },
          404,
          413,
          415,
          422,
        ),
      },
    },
    async (request, reply) => {
      const { body } = request
      if (!('items' in body)) {
        const [outcome] = await recommendOnly(ctx, request.actor, [body])
        return outcome!.ok
          ? reply.send(outcome!.value)
          : sendProblem(reply, problemOfRejection(outcome!.rejection, request))
      }
      const items = parseItems(recommendRequestSchema, body.items)
      const outcomes = await recommendOnly(
        ctx,
        request.actor,
        items.flatMap((item) => (item.ok ? item.value : [])),
      )
      let next = 0
      return reply.send({
        results: items.map((item, index) => {
          const outcome = item.ok ? outcomes[next++]! : item
          return outcome.ok
            ? { index, status: 200, value: outcome.value }
            : {
                index,
                status: statusOfRejection(outcome.rejection),
                problem: problemOfRejection(outcome.rejection, request),
              }
        }),
      })
    },
  )

  api.post(
    '/api/ai/feedback',
    {
      config: { permission: 'ai:feedback' },
      schema: {
        tags,
        operationId: 'giveFeedback',
        summary: 'Say what a recommendation was worth',
        body: feedbackRequestSchema,
        response: responses({ 201: ok(returnChangedSchema, 'Recorded') }, 404, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { recommendationId, ...body } = request.body
      const answer = await commands.giveFeedback(
        commandOf(request, { ...body, recommendationId: recommendationId ?? '' }, request.body),
      )
      return sendAnswer(request, reply, answer, () => 201)
    },
  )
}
