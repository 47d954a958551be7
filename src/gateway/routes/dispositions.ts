import {
  decideRequestSchema,
  executeRequestSchema,
  returnChangedSchema,
  withdrawRequestSchema,
} from '#contracts/returns.ts'
import { readIfMatch } from '../etags.ts'
import { commandOf, sendAnswer } from '../idempotency.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Dispositions']

export function dispositionRoutes(api: Api, { commands }: RouteContext): void {
  api.post(
    '/api/returns/:id/disposition',
    {
      config: { permission: 'returns:decide' },
      schema: {
        tags,
        operationId: 'decideReturn',
        summary: 'Accept the recommendation, or override it with a reason code',
        params: idParams,
        body: decideRequestSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Decided') }, 404, 409, 412, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const input = { ...request.body, returnId: request.params.id, ifVersion: readIfMatch(request) }
      return sendAnswer(request, reply, await commands.decideReturn(commandOf(request, input)))
    },
  )

  api.post(
    '/api/returns/:id/disposition/undo',
    {
      config: { permission: 'returns:decide' },
      schema: {
        tags,
        operationId: 'undoDecision',
        summary: 'Take back a decision that is only planned; a refund that it made due is taken back with it',
        params: idParams,
        body: withdrawRequestSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Taken back') }, 404, 409, 412, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const input = { ...request.body, returnId: request.params.id, ifVersion: readIfMatch(request) }
      return sendAnswer(request, reply, await commands.withdrawDecision(commandOf(request, input)))
    },
  )

  api.put(
    '/api/dispositions/:id',
    {
      config: { permission: 'returns:decide' },
      schema: {
        tags,
        operationId: 'executeDisposition',
        summary: 'Carry out a decided disposition: in progress, blocked, done, reversed',
        params: idParams,
        body: executeRequestSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Done') }, 404, 409, 412, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const input = { ...request.body, dispositionId: request.params.id, ifVersion: readIfMatch(request) }
      return sendAnswer(request, reply, await commands.executeDisposition(commandOf(request, input)))
    },
  )
}
