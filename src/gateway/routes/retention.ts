import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { breachReportSchema, breachRequestSchema } from '#contracts/breach.ts'
import {
  dataClassSchema,
  keptForever,
  retentionChangeSchema,
  retentionPolicyListSchema,
  retentionPolicySchema,
  retentionRunListSchema,
  retentionRunRequestSchema,
  retentionRunSchema,
} from '#contracts/retention.ts'
import { changeRetention, listRetentionRuns, readRetention, requestMax, runRetention } from '#flows/run-retention.ts'
import { AppError } from '#kernel/errors.ts'
import { breachText, reportBreach } from '#services/returns/index.ts'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { once } from '../once.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Privacy']
const permission = 'privacy:manage'
const runsShown = 50

const askerOf = ({ actor, id }: FastifyRequest) => ({ actor, requestId: id })

/** How long data are kept is a matter of the installation: who is bound to clients may not decide it for others. */
function refuseBound({ actor }: FastifyRequest): void {
  if (actor.clientIds === null && actor.hubIds === null) return
  throw new AppError('forbidden', 'this concerns all clients, and you are bound to some', {
    problem: 'bound_to_clients',
  })
}

/** How long data are kept, what a run removes, and what a breach has touched. */
export function retentionRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/privacy/retention',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'readRetention',
        summary: 'How long each class of data is kept, and when it was last seen to',
        response: responses({ 200: ok(retentionPolicyListSchema, 'The policies') }),
      },
    },
    async (request) => {
      refuseBound(request)
      return { data: await readRetention(ctx), kept: keptForever.map((each) => ({ ...each })) }
    },
  )

  api.put(
    '/api/privacy/retention/:dataClass',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'changeRetention',
        summary: 'Change how long a class of data is kept (If-Match: its version, "0" where nobody changed it yet)',
        params: z.strictObject({ dataClass: dataClassSchema }),
        body: retentionChangeSchema,
        response: responses({ 200: ok(retentionPolicySchema, 'Changed') }, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
      refuseBound(request)
      const { dataClass } = request.params
      const seen = { dataClass, ifVersion: requireIfMatch(request) }
      await once(ctx, request, reply, request.body, async (tx) => {
        await changeRetention(ctx, tx, askerOf(request), seen, request.body)
        return { status: 200, body: { dataClass } }
      })
      const changed = (await readRetention(ctx)).find((policy) => policy.dataClass === dataClass)!
      return sendVersioned(request, reply, changed)
    },
  )

  api.get(
    '/api/privacy/retention/runs',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'listRetentionRuns',
        summary: 'The last runs, newest first',
        response: responses({ 200: ok(retentionRunListSchema, 'The runs') }),
      },
    },
    async (request) => {
      refuseBound(request)
      return { data: await listRetentionRuns(ctx, runsShown) }
    },
  )

  api.post(
    '/api/privacy/retention/runs',
    {
      config: { permission, limitPerMinute: 20 },
      schema: {
        tags,
        operationId: 'runRetention',
        summary: 'Count what is past its time (dry run), or remove it now, up to 500 of each class',
        body: retentionRunRequestSchema,
        response: responses({ 200: ok(retentionRunSchema, 'What was found and removed') }, 413, 415),
      },
    },
    async (request) => {
      refuseBound(request)
      return runRetention(ctx, request.actor.id, request.body, requestMax)
    },
  )

  api.post(
    '/api/privacy/breach-reports',
    {
      config: { permission, limitPerMinute: 10 },
      schema: {
        tags,
        operationId: 'reportBreach',
        summary: 'What a breach has touched: whom, what, since when; as JSON, or as text by Accept: text/plain',
        body: breachRequestSchema,
        response: responses(
          {
            200: {
              description: 'The report',
              content: { 'application/json': { schema: breachReportSchema }, 'text/plain': { schema: z.string() } },
            },
          },
          404,
          413,
          415,
        ),
      },
    },
    async (request, reply) => {
      const report = await reportBreach(ctx, askerOf(request), request.body)
      const isText = /text\/plain/.test(request.headers.accept ?? '')
      return isText
        ? reply.type('text/plain; charset=utf-8').send(breachText(report))
        : reply.type('application/json; charset=utf-8').send(JSON.stringify(report))
    },
  )
}
