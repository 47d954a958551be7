import { z } from 'zod'
import type { Answer, SubmitInput } from '#contracts/commands.ts'
import {
  cancelRequestSchema,
  receiveRequestSchema,
  returnChangedSchema,
  returnCommandSchema,
  returnDetailSchema,
  returnPageSchema,
  returnReceiptSchema,
  returnRequestSchema,
  timelineEntrySchema,
  type ReturnReceipt,
} from '#contracts/returns.ts'
import { problemSchema } from '#contracts/problem.ts'
import {
  listReturnsAsJson,
  readReturn,
  readTimeline,
  returnListFields,
  returnListIncludes,
} from '#services/returns/index.ts'
import { readIfMatch, requireIfMatch, sendVersioned } from '../etags.ts'
import { commandOf, idempotencyOf, sendAnswer } from '../idempotency.ts'
import { listQuerySchema, parseList, sendJsonPage } from '../lists.ts'
import { withNames } from '../names.ts'
import { problemOfRejection, statusOfRejection } from '../problems.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'
import { oneOrMany, parseItems } from '../validation.ts'
import { runReturnCommand } from './return-commands.ts'

const batchResultSchema = z
  .strictObject({
    results: z.array(
      z.strictObject({
        index: z.int(),
        status: z.int(),
        value: returnReceiptSchema.optional(),
        problem: problemSchema.optional(),
      }),
    ),
  })
  .meta({ id: 'ReturnBatchResult', description: 'One result an item, in their order' })
const tags = ['Returns']

export function returnRoutes(api: Api, { ctx, commands, cursorKey }: RouteContext): void {
  api.post(
    '/api/returns',
    {
      config: { permission: 'returns:create' },
      schema: {
        tags,
        operationId: 'submitReturn',
        summary: 'Take in one unit, or up to 250',
        body: oneOrMany(returnRequestSchema, 'ReturnRequest'),
        response: responses(
          {
            201: ok(returnReceiptSchema, 'Recorded'),
            200: ok(
              z.union([batchResultSchema, returnReceiptSchema]),
              'A batch: one result an item; or a unit that was known',
            ),
          },
          404,
          409,
          413,
          415,
          422,
        ),
      },
    },
    async (request, reply) => {
      const { body } = request
      const source: SubmitInput['source'] = request.actor.kind === 'user' ? 'person' : 'api'
      if (!('items' in body)) {
        const answer = await commands.submitReturn(commandOf(request, { ...body, source }, body))
        if (answer.outcome.ok) reply.header('location', `/api/returns/${answer.outcome.value.id}`)
        return sendAnswer(request, reply, answer, (receipt) => (receipt.repeated ? 200 : 201))
      }
      const idempotency = idempotencyOf(request, body)
      const items = parseItems(returnRequestSchema, body.items)
      const answers = await Promise.all(
        items.map((item, i): Promise<Answer<ReturnReceipt>> =>
          item.ok
            ? commands.submitReturn({
                actor: request.actor,
                requestId: `${request.id}:${i}`,
                // Each item is its own command under the batch's key.
                idempotency: idempotency === null ? null : { ...idempotency, key: `${idempotency.key}#${i}` },
                input: { ...item.value, source },
              })
            : Promise.resolve({ outcome: item, isReplayed: false }),
        ),
      )
      if (answers.some((answer) => answer.isReplayed)) reply.header('idempotent-replayed', 'true')
      return reply.send({
        results: answers.map(({ outcome }, index) =>
          outcome.ok
            ? { index, status: outcome.value.repeated ? 200 : 201, value: outcome.value }
            : {
                index,
                status: statusOfRejection(outcome.rejection),
                problem: problemOfRejection(outcome.rejection, request),
              },
        ),
      })
    },
  )

  api.get(
    '/api/returns',
    {
      config: { permission: 'returns:read' },
      schema: {
        tags,
        operationId: 'listReturns',
        summary: 'Returns that you may see, newest first',
        querystring: listQuerySchema(returnListFields, returnListIncludes),
        response: responses({ 200: ok(returnPageSchema, 'A page') }),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, returnListFields, cursorKey, returnListIncludes)
      return sendJsonPage(request, reply, query, await listReturnsAsJson(ctx, request.actor, query), cursorKey)
    },
  )

  api.get(
    '/api/returns/:id',
    {
      config: { permission: 'returns:read' },
      schema: {
        tags,
        operationId: 'readReturn',
        summary: 'One return with its recommendation, hub choice and decisions',
        params: idParams,
        response: responses({ 200: ok(returnDetailSchema, 'The return') }, 404),
      },
    },
    async (request, reply) => sendVersioned(request, reply, await readReturn(ctx, request.actor, request.params.id)),
  )

  api.put(
    '/api/returns/:id',
    {
      config: { permission: 'returns:read' },
      schema: {
        tags,
        operationId: 'commandReturn',
        summary: 'Issue one command on a return: receive, review, decide, execute or cancel',
        description:
          'Each command needs its own permission (returns:receive, :review, :decide, :cancel) and the version seen in If-Match.',
        params: idParams,
        body: returnCommandSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Done') }, 404, 409, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
      const answer = await runReturnCommand(
        { ctx, commands },
        request,
        request.params.id,
        requireIfMatch(request),
        request.body,
      )
      return sendAnswer(request, reply, answer)
    },
  )

  api.delete(
    '/api/returns/:id',
    {
      config: { permission: 'returns:cancel' },
      schema: {
        tags,
        operationId: 'cancelReturn',
        summary: 'Cancel a return that never came into our hands',
        params: idParams,
        querystring: z.strictObject(cancelRequestSchema.shape),
        response: responses({ 200: ok(returnChangedSchema, 'Cancelled') }, 404, 409, 412, 422, 428),
      },
    },
    async (request, reply) => {
      const input = { returnId: request.params.id, ifVersion: requireIfMatch(request), reason: request.query.reason }
      return sendAnswer(request, reply, await commands.cancelReturn(commandOf(request, input)))
    },
  )

  api.post(
    '/api/returns/:id/receive',
    {
      config: { permission: 'returns:receive' },
      schema: {
        tags,
        operationId: 'receiveReturn',
        summary: 'Take a unit into our hands at a hub',
        params: idParams,
        body: receiveRequestSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Received') }, 404, 409, 412, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const input = { ...request.body, returnId: request.params.id, ifVersion: readIfMatch(request) }
      return sendAnswer(request, reply, await commands.receiveReturn(commandOf(request, input)))
    },
  )

  api.get(
    '/api/returns/:id/timeline',
    {
      config: { permission: 'returns:read' },
      schema: {
        tags,
        operationId: 'readTimeline',
        summary: 'What happened to a return, newest first',
        params: idParams,
        response: responses(
          { 200: ok(z.strictObject({ data: z.array(timelineEntrySchema) }).meta({ id: 'Timeline' }), 'The timeline') },
          404,
        ),
      },
    },
    async (request) => {
      const entries = await readTimeline(ctx, request.actor, request.params.id)
      return { data: await withNames(ctx.db, request.actor, entries) }
    },
  )
}
