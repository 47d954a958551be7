import { jobPageSchema, jobSchema, type Job } from '#contracts/jobs.ts'
import type { ListFields, ListQuery } from '#contracts/lists.ts'
import type { Actor } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { cancelJob, listJobs, readJob, type JobRow, type JobScope } from '#platform/jobs/store.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Jobs']
const states = ['queued', 'running', 'done', 'failed', 'cancelled']
const fields: ListFields = {
  kind: { kind: 'code', isSortable: false },
  state: { kind: 'code', isSortable: false, values: states },
}

/** Input stays inside: it holds the rights of who asked. */
export function presentJob(job: JobRow): Job {
  return {
    id: job.id,
    kind: job.kind,
    state: job.state,
    done: job.done,
    total: job.total,
    result: job.result,
    error: job.error,
    cancelRequested: job.cancelRequested,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
  }
}

/** A client's keys see the jobs of their client, people their own, admins all. */
function scopeOf(actor: Actor): JobScope {
  return {
    actorId: actor.id,
    clientIds: actor.role === 'integration' ? actor.clientIds : null,
    seesAll: actor.role === 'admin' || actor.role === 'system',
  }
}

function valuesOf(query: ListQuery, field: string): string[] {
  const own = query.filters.filter((filter) => filter.field === field)
  if (own.some((filter) => filter.operator === 'contains')) {
    const detail = `${field} takes eq, in, not contains`
    throw new AppError('invalid', detail, {
      problem: 'query_invalid',
      errors: [{ pointer: `/query/filter[${field}]`, code: 'operator_unknown', detail }],
    })
  }
  return own.flatMap((filter) => filter.values)
}

export function jobRoutes(api: Api, { ctx, cursorKey }: RouteContext): void {
  api.get(
    '/api/jobs',
    {
      config: { permission: 'jobs:read' },
      schema: {
        tags,
        operationId: 'listJobs',
        summary: 'Your jobs, the newest first',
        querystring: listQuerySchema(fields),
        response: responses({ 200: ok(jobPageSchema, 'A page') }),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, fields, cursorKey)
      const kinds = valuesOf(query, 'kind')
      const asked = valuesOf(query, 'state')
      const rows = await listJobs(ctx.db, scopeOf(request.actor), {
        limit: query.limit + 1,
        beforeId: query.after?.at(-1) ?? null,
        kinds: kinds.length === 0 ? null : kinds,
        states: asked.length === 0 ? null : asked,
      })
      const shown = rows.slice(0, query.limit)
      const next = rows.length > query.limit ? [shown.at(-1)!.id] : null
      return sendPage(request, reply, query, { data: shown.map(presentJob), next }, cursorKey)
    },
  )

  api.get(
    '/api/jobs/:id',
    {
      config: { permission: 'jobs:read' },
      schema: {
        tags,
        operationId: 'readJob',
        summary: 'How far a job is, and its result',
        params: idParams,
        response: responses({ 200: ok(jobSchema, 'The job') }, 404),
      },
    },
    async (request) => presentJob(await readJob(ctx.db, scopeOf(request.actor), request.params.id)),
  )

  api.post(
    '/api/jobs/:id/cancel',
    {
      config: { permission: 'jobs:read' },
      schema: {
        tags,
        operationId: 'cancelJob',
        summary: 'End a job of yours: at once while it is queued, else when it next tells how far it is',
        params: idParams,
        response: responses({ 200: ok(jobSchema, 'The job as it is now') }, 404),
      },
    },
    async (request) => {
      const scope = { ...scopeOf(request.actor), clientIds: null }
      return presentJob(await cancelJob(ctx.db, scope, request.params.id, new Date(ctx.now())))
    },
  )
}
