import { returnChangedSchema, type ReturnCommand } from '#contracts/returns.ts'
import { stageRequestSchema, workflowPageSchema, workflowSchema, type StageRequest } from '#contracts/workflow.ts'
import { AppError } from '#kernel/errors.ts'
import { listPendingWorkflows, readWorkflow, workflowListFields } from '#services/returns/index.ts'
import { readIfMatch, sendVersioned } from '../etags.ts'
import { sendAnswer } from '../idempotency.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'
import { runReturnCommand } from './return-commands.ts'

const tags = ['Workflow']

export function workflowRoutes(api: Api, { ctx, commands, cursorKey }: RouteContext): void {
  api.get(
    '/api/workflow/pending',
    {
      config: { permission: 'workflow:read' },
      schema: {
        tags,
        operationId: 'listPendingWorkflows',
        summary: 'Workflows that have a step to take, longest waiting first',
        querystring: listQuerySchema(workflowListFields),
        response: responses({ 200: ok(workflowPageSchema, 'A page') }),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, workflowListFields, cursorKey)
      return sendPage(request, reply, query, await listPendingWorkflows(ctx, request.actor, query), cursorKey)
    },
  )

  api.get(
    '/api/workflow/:id',
    {
      config: { permission: 'workflow:read' },
      schema: {
        tags,
        operationId: 'readWorkflow',
        summary: 'Where the workflow of a return stands (id: the return)',
        params: idParams,
        response: responses({ 200: ok(workflowSchema, 'The workflow') }, 404),
      },
    },
    async (request, reply) => sendVersioned(request, reply, await readWorkflow(ctx, request.actor, request.params.id)),
  )

  api.put(
    '/api/workflow/:id/stage',
    {
      config: { permission: 'workflow:read' },
      schema: {
        tags,
        operationId: 'moveStage',
        summary: 'Move a return to a stage by the command that leads there (id: the return)',
        description:
          'Never writes a bare stage: `received`, `disposition`, `completed`, `cancelled` and `rejected` issue their commands; `quality_check` is reached by POST /api/quality/check.',
        params: idParams,
        body: stageRequestSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Moved') }, 404, 409, 412, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const answer = await runReturnCommand(
        { ctx, commands },
        request,
        request.params.id,
        readIfMatch(request),
        commandFor(request.body),
      )
      return sendAnswer(request, reply, answer)
    },
  )
}

function commandFor(body: StageRequest): ReturnCommand {
  switch (body.stage) {
    case 'received': {
      const { stage: _, ...input } = body
      return { command: 'receive', ...input }
    }
    case 'disposition': {
      const { stage: _, ...input } = body
      return { command: 'decide', ...input }
    }
    case 'completed': {
      const { stage: _, ...input } = body
      return { command: 'execute', execution: 'done', ...input }
    }
    case 'cancelled':
      return { command: 'cancel', reason: body.reason }
    case 'rejected':
      return body.note === undefined
        ? { command: 'review', verdict: 'reject' }
        : { command: 'review', verdict: 'reject', note: body.note }
    case 'quality_check':
      throw new AppError('conflict', 'a unit reaches quality_check by its answers: POST /api/quality/check', {
        problem: 'check_needed',
      })
    default:
      return body satisfies never
  }
}
