import { z } from 'zod'
import { hubBoardSchema, hubEventsSchema, occupancySchema } from '#contracts/hub-board.ts'
import { idSchema } from '#contracts/common.ts'
import { rebalanceCommitSchema, rebalancedSchema, rebalanceSchema } from '#contracts/rebalance.ts'
import { commitRebalance, previewRebalance } from '#flows/rebalance-hubs.ts'
import { inScopeOfAll } from '#platform/db/scope.ts'
import { boardFor, readBoard, readHubEvents, readOccupancy, readUnassigned } from '#services/hubs/index.ts'
import { commandOf, sendAnswer } from '../idempotency.ts'
import { withNames } from '../names.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Hubs']
const daysMax = 92

/** What a manager looks at and does across hubs. */
export function hubBoardRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/hubs/board',
    {
      config: { permission: 'hubs:read' },
      schema: {
        tags,
        operationId: 'readHubBoard',
        summary: 'Hubs at this moment: places, queues by stage, what waits too long, units without a hub',
        response: responses({ 200: ok(hubBoardSchema, 'The board') }),
      },
    },
    async ({ actor }) => {
      // A hub that is one's own is shown whole: its places are taken by everybody's units.
      const view = await inScopeOfAll(() => readBoard(ctx))
      return { hubs: boardFor(actor, view), unassigned: await readUnassigned(ctx, actor), asOf: view.asOf }
    },
  )

  api.get(
    '/api/hubs/occupancy',
    {
      config: { permission: 'hubs:read' },
      schema: {
        tags,
        operationId: 'readHubOccupancy',
        summary: 'Places taken at the end of each day, of one hub or of all',
        querystring: z.strictObject({
          hubId: idSchema.optional(),
          days: z.coerce.number().int().min(1).max(daysMax).default(14),
        }),
        response: responses({ 200: ok(occupancySchema, 'The places by day') }),
      },
    },
    ({ actor, query: { hubId, days } }) =>
      inScopeOfAll(() => readOccupancy(ctx, actor, { hubId: hubId ?? null, days })),
  )

  api.get(
    '/api/hubs/:id/events',
    {
      config: { permission: 'hubs:read' },
      schema: {
        tags,
        operationId: 'readHubEvents',
        summary: 'What was changed of a hub, newest first',
        params: idParams,
        response: responses({ 200: ok(hubEventsSchema, 'The events') }, 404),
      },
    },
    async ({ actor, params: { id } }) => ({
      data: await withNames(ctx.db, actor, await readHubEvents(ctx, actor, id)),
    }),
  )

  api.post(
    '/api/hubs/rebalance',
    {
      config: { permission: 'hubs:assign' },
      schema: {
        tags,
        operationId: 'previewRebalance',
        summary: 'Moves that would save, as a dry run',
        response: responses({ 200: ok(rebalanceSchema, 'The moves') }),
      },
    },
    // Where units could go better is asked of all hubs.
    ({ actor }) => inScopeOfAll(() => previewRebalance(ctx, actor)),
  )

  api.post(
    '/api/hubs/rebalance/commit',
    {
      config: { permission: 'hubs:assign' },
      schema: {
        tags,
        operationId: 'commitRebalance',
        summary: 'Make the moves of a plan: all of them, or none',
        description: 'A plan that is out of date is refused with 409; `errors` names each move and what changed.',
        body: rebalanceCommitSchema,
        response: responses({ 200: ok(rebalancedSchema, 'Moved') }, 409, 413, 415, 422),
      },
    },
    // The flow asks for each unit whether it is the caller's; the hub that it goes to need not be.
    async (request, reply) =>
      sendAnswer(request, reply, await inScopeOfAll(() => commitRebalance(ctx, commandOf(request, request.body)))),
  )
}
