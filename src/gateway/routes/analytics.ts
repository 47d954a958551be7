import {
  dashboardQuerySchema,
  dashboardSchema,
  esgQuerySchema,
  esgReportSchema,
  reportRequestSchema,
  trendsQuerySchema,
  trendsSchema,
} from '#contracts/analytics.ts'
import { jobSchema, type Job } from '#contracts/jobs.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { createJob } from '#platform/jobs/store.ts'
import { readDashboard, readEsg, readTrends, reportInputOf, reportJob } from '#services/analytics/index.ts'
import { runOnce } from '../once.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { presentJob } from './jobs.ts'

const tags = ['Analytics']

export function analyticsRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/analytics/dashboard',
    {
      config: { permission: 'analytics:read' },
      schema: {
        tags,
        operationId: 'readDashboard',
        summary: 'Key figures of a period beside the like period before; the last 28 days when none is named',
        querystring: dashboardQuerySchema,
        response: responses({ 200: ok(dashboardSchema, 'The figures, with their definitions') }),
      },
    },
    async (request) => readDashboard(ctx, request.actor, request.query),
  )

  api.get(
    '/api/analytics/trends',
    {
      config: { permission: 'analytics:read' },
      schema: {
        tags,
        operationId: 'readTrends',
        summary: 'One measure over time, cut by one dimension, without holes',
        querystring: trendsQuerySchema,
        response: responses({ 200: ok(trendsSchema, 'The series') }),
      },
    },
    async (request) => readTrends(ctx, request.actor, request.query),
  )

  api.get(
    '/api/analytics/esg',
    {
      config: { permission: 'analytics:read' },
      schema: {
        tags,
        operationId: 'readEsg',
        summary: 'Carbon and landfill of the units closed in a period, with ranges, gaps and versions',
        querystring: esgQuerySchema,
        response: responses({ 200: ok(esgReportSchema, 'The report') }),
      },
    },
    async (request) => readEsg(ctx, request.actor, request.query),
  )

  api.post(
    '/api/analytics/reports',
    {
      config: { permission: 'reports:create', limitPerMinute: 60 },
      schema: {
        tags,
        operationId: 'createReport',
        summary: 'Write rows of a period into a file; follow the job, then fetch the file that its result names',
        body: reportRequestSchema,
        response: responses({ 202: ok(jobSchema, 'Accepted; Location is the job') }, 413, 415, 422),
      },
      // A replayed answer has the same place.
      preSerialization: async (_request, reply, payload) => {
        if (reply.statusCode === 202) reply.header('location', `/api/jobs/${(payload as Job).id}`)
        return payload
      },
    },
    async (request, reply) => {
      const { actor } = request
      const input = reportInputOf(actor, request.body, ctx.now())
      const created: string[] = []
      await runOnce(ctx, request, reply, async (tx) => {
        const clientId = actor.clientIds?.length === 1 ? actor.clientIds[0]! : null
        const job = await createJob(tx, {
          id: uuidv7(ctx.now()),
          kind: reportJob,
          input,
          createdBy: actor.id,
          clientId,
          at: new Date(ctx.now()),
        })
        created.push(job.id)
        return { status: 202, body: presentJob(job), resourceId: job.id }
      })
      // After the commit, or the worker could look for a job that is not there yet. A job that is lost here is sent again.
      for (const id of created.slice(-1)) {
        await ctx.jobs
          .send(reportJob, { jobId: id }, { id })
          .catch((error: unknown) =>
            ctx.log.warn({ jobId: id, error }, 'the queue did not take a job; it is sent again'),
          )
      }
      return reply
    },
  )
}
