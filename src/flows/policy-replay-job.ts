import { createHash } from 'node:crypto'
import type { PolicyReplayRequest } from '#contracts/policy-replay.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import type { JobRun } from '#platform/jobs/port.ts'
import { writeReportFile } from '#services/analytics/index.ts'
import { patchDecision, replayPolicy } from '#services/recommendation/index.ts'

export const policyReplayJobKind = 'policy_replay'

/** What the job remembers: the request, and the clients of who asked at that moment. */
export type PolicyReplayInput = {
  readonly policy: Readonly<Record<string, unknown>>
  readonly since: string | null
  readonly clientIds: readonly string[] | null
}

/** Refuses a bad policy before there is a job for it. */
export function policyReplayInput(
  ctx: Pick<Context, 'reference'>,
  actor: Pick<Actor, 'clientIds'>,
  { policy, since, clientId }: PolicyReplayRequest,
): PolicyReplayInput {
  patchDecision(ctx.reference.decision, policy)
  if (clientId !== undefined && actor.clientIds !== null && !actor.clientIds.includes(clientId))
    throw new AppError('not_found', `no such client: ${clientId}`, { problem: 'client_unknown' })
  return {
    policy,
    since: since === undefined ? null : new Date(since).toISOString(),
    clientIds: clientId === undefined ? actor.clientIds : [clientId],
  }
}

/** Replays the policy and writes the whole report into a file named after the job; a repeated job replaces its own file. */
export async function policyReplayJob(
  ctx: Pick<Context, 'db' | 'blobs' | 'inference' | 'reference' | 'now'>,
  asked: Readonly<Record<string, unknown>>,
  run: JobRun,
): Promise<Record<string, unknown>> {
  const input = asked as PolicyReplayInput
  const policy = patchDecision(ctx.reference.decision, input.policy)
  const report = await replayPolicy(ctx, policy, { since: input.since, clientIds: input.clientIds }, run.progress)
  const content = Buffer.from(JSON.stringify({ policy: input.policy, report }, null, 2), 'utf8')
  const blobKey = `report/${run.id}`
  await ctx.blobs.write(blobKey, content)
  await writeReportFile(ctx.db, {
    id: run.id,
    mediaType: 'application/json',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    blobKey,
    name: 'policy-replay.json',
    createdBy: run.createdBy,
    createdAt: new Date(ctx.now()),
  })
  return { fileId: run.id, report }
}
