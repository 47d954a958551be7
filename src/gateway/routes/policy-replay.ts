import { jobSchema, type Job } from '#contracts/jobs.ts'
import { policyReplayRequestSchema } from '#contracts/policy-replay.ts'
import { policyReplayInput, policyReplayJobKind } from '#flows/policy-replay-job.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { createJob } from '#platform/jobs/store.ts'
import { runOnce } from '../once.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'
import { presentJob } from './jobs.ts'

export function policyReplayRoutes(api: Api, { ctx }: RouteContext): void {
  api.post(
    '/api/ai/policy-replay',
    {
      config: { permission: 'ai:replay', limitPerMinute: 20 },
      schema: {
        tags: ['Recommendation'],
        operationId: 'replayPolicy',
        summary:
          'What a changed rule, fee or price would have done to past returns; follow the job, nothing else is written',
        body: policyReplayRequestSchema,
        response: responses({ 202: ok(jobSchema, 'Accepted; Location is the job') }, 404, 413, 415, 422),
      },
      preSerialization: async (_request, reply, payload) => {
        if (reply.statusCode === 202) reply.header('location', `/api/jobs/${(payload as Job).id}`)
        return payload
      },
    },
    async (request, reply) => {
      const { actor } = request
      const input = policyReplayInput(ctx, actor, request.body)
      const created: string[] = []
      await runOnce(ctx, request, reply, async (tx) => {
        const job = await createJob(tx, {
          id: uuidv7(ctx.now()),
          kind: policyReplayJobKind,
          input,
          createdBy: actor.id,
          clientId: null,
          at: new Date(ctx.now()),
        })
        created.push(job.id)
        return { status: 202, body: presentJob(job), resourceId: job.id }
      })
      // After the commit, or the worker could look for a job that is not there yet. A job that is lost here is sent again.
      for (const id of created.slice(-1)) {
        await ctx.jobs
          .send(policyReplayJobKind, { jobId: id }, { id })
          .catch((error: unknown) =>
            ctx.log.warn({ jobId: id, error }, 'the queue did not take a job; it is sent again'),
          )
      }
      return reply
    },
  )
}
