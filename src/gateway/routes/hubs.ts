import { z } from 'zod'
import { timeSchema } from '#contracts/common.ts'
import {
  assignRequestSchema,
  capacitySchema,
  hubCreateSchema,
  hubPageSchema,
  hubSchema,
  hubUpdateSchema,
  performanceSchema,
} from '#contracts/hubs.ts'
import { returnChangedSchema } from '#contracts/returns.ts'
import { AppError } from '#kernel/errors.ts'
import {
  createHub,
  hubListFields,
  hubPerformance,
  listHubs,
  readCapacity,
  readHub,
  updateHub,
} from '#services/hubs/index.ts'
import { inScopeOfAll } from '#platform/db/scope.ts'
import { requireIfMatch, readIfMatch, sendVersioned } from '../etags.ts'
import { commandOf, sendAnswer } from '../idempotency.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { runOnce } from '../once.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Hubs']

export function hubRoutes(api: Api, { ctx, commands, cursorKey }: RouteContext): void {
  api.get(
    '/api/hubs',
    {
      config: { permission: 'hubs:read' },
      schema: {
        tags,
        operationId: 'listHubs',
        summary: 'Hubs that you may see, by code',
        querystring: listQuerySchema(hubListFields),
        response: responses({ 200: ok(hubPageSchema, 'A page') }),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, hubListFields, cursorKey)
      return sendPage(request, reply, query, await listHubs(ctx, request.actor, query), cursorKey)
    },
  )

  api.post(
    '/api/hubs',
    {
      config: { permission: 'hubs:write' },
      schema: {
        tags,
        operationId: 'createHub',
        summary: 'Open a hub',
        body: hubCreateSchema,
        response: responses({ 201: ok(hubSchema, 'Opened') }, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      if (request.actor.hubIds !== null)
        throw new AppError('forbidden', 'only who may see all hubs may open one', { problem: 'all_hubs_needed' })
      return runOnce(ctx, request, reply, async (tx) => {
        const hub = await createHub(ctx, tx, commandOf(request, request.body), false)
        return { status: 201, body: hub, resourceId: hub.id }
      })
    },
  )

  api.get(
    '/api/hubs/:id',
    {
      config: { permission: 'hubs:read' },
      schema: {
        tags,
        operationId: 'readHub',
        summary: 'One hub',
        params: idParams,
        response: responses({ 200: ok(hubSchema, 'The hub') }, 404),
      },
    },
    async (request, reply) => sendVersioned(request, reply, await readHub(ctx, request.actor, request.params.id)),
  )

  api.put(
    '/api/hubs/:id',
    {
      config: { permission: 'hubs:write' },
      schema: {
        tags,
        operationId: 'updateHub',
        summary: 'Change a hub: status, limit, capabilities',
        params: idParams,
        body: hubUpdateSchema,
        response: responses({ 200: ok(hubSchema, 'Changed') }, 404, 409, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
      const input = { ...request.body, hubId: request.params.id, ifVersion: requireIfMatch(request) }
      return runOnce(ctx, request, reply, async (tx) => ({
        status: 200,
        body: await updateHub(ctx, tx, commandOf(request, input)),
      }))
    },
  )

  api.get(
    '/api/hubs/:id/capacity',
    {
      config: { permission: 'hubs:read' },
      schema: {
        tags,
        operationId: 'readCapacity',
        summary: 'Places and work of a hub at this moment',
        params: idParams,
        response: responses({ 200: ok(capacitySchema, 'The capacity') }, 404),
      },
    },
    async ({ actor, params: { id } }) => {
      await readHub(ctx, actor, id)
      // A hub that is one's own is shown whole: its places are taken by everybody's units.
      return inScopeOfAll(() => readCapacity(ctx, actor, id))
    },
  )

  api.get(
    '/api/hubs/:id/performance',
    {
      config: { permission: 'hubs:read' },
      schema: {
        tags,
        operationId: 'readPerformance',
        summary: 'What a hub did in a period; the last 28 days when none is named',
        params: idParams,
        querystring: z.strictObject({ from: timeSchema.optional(), to: timeSchema.optional() }),
        response: responses({ 200: ok(performanceSchema, 'The performance') }, 404),
      },
    },
    async ({ actor, params: { id }, query: { from, to } }) => {
      await readHub(ctx, actor, id)
      return inScopeOfAll(() => hubPerformance(ctx, actor, id, { from, to }))
    },
  )

  api.post(
    '/api/hubs/assign',
    {
      config: { permission: 'hubs:assign' },
      schema: {
        tags,
        operationId: 'assignHub',
        summary: 'Assign a unit to a hub: the named one, or the cheapest capable one with a free place',
        body: assignRequestSchema,
        response: responses({ 200: ok(returnChangedSchema, 'Assigned') }, 404, 409, 412, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { returnId, hubId } = request.body
      const input = { returnId, hubId: hubId ?? null, ifVersion: readIfMatch(request) }
      return sendAnswer(request, reply, await commands.assignHub(commandOf(request, input)))
    },
  )
}
