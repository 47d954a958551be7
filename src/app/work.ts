import type { Context } from '#context.ts'
import { lapseReservations } from '#flows/lapse-reservations.ts'
import { redecideUnsold } from '#flows/redecide-unsold.ts'
import { importJob, importJobKind } from '#flows/import-job.ts'
import { scoreChallenger, valueChallenger } from '#flows/try-challenger.ts'
import { policyReplayJob, policyReplayJobKind } from '#flows/policy-replay-job.ts'
import type { Subscriber } from '#platform/events/port.ts'
import { listWaitingJobs, runJob } from '#platform/jobs/store.ts'
import { learningSubscriber, measureDrift, pushFeatures } from '#services/recommendation/index.ts'
import { kpiSubscriber, reportJob, writeReport, type ReportInput } from '#services/analytics/index.ts'
import { challengerOf } from './open-challenger.ts'
import { openWebhooks } from './open-webhooks.ts'
import { openPrivacyWork } from './privacy-work.ts'

const resendJob = 'resend_jobs'
const lapseJob = 'lapse_reservations'
const featuresJob = 'push_features'
const driftJob = 'measure_drift'
const scoreJob = 'score_challenger'
const valueJob = 'value_challenger'
const unsoldJob = 'redecide_unsold'
/** A job that was recorded and not begun for so long may have been lost on its way to the queue. */
const lostAfterMs = 60_000

export type Work = {
  /** For the relay, which one process runs. */
  readonly subscribers: readonly Subscriber[]
  readonly close: () => Promise<void>
}

/** The jobs of the queue and their schedules, in every process that works: each job is given to one of them. */
export async function openWork(ctx: Context): Promise<Work> {
  await ctx.jobs.work(reportJob, (input) =>
    runJob(ctx, String(input.jobId), (asked, run) => writeReport(ctx, asked as unknown as ReportInput, run)),
  )
  await ctx.jobs.work(importJobKind, (input) =>
    runJob(ctx, String(input.jobId), (asked, run) => importJob(ctx, asked, run)),
  )
  await ctx.jobs.work(policyReplayJobKind, (input) =>
    runJob(ctx, String(input.jobId), (asked, run) => policyReplayJob(ctx, asked, run)),
  )
  await ctx.jobs.work(resendJob, async () => {
    const waiting = await listWaitingJobs(ctx.db, new Date(ctx.now() - lostAfterMs))
    // The queue knows an id once: what is only slow is not done twice.
    for (const { id, kind } of waiting) await ctx.jobs.send(kind, { jobId: id }, { id })
  })
  await ctx.jobs.schedule(resendJob, '* * * * *')
  await openPrivacyWork(ctx)
  await ctx.jobs.work(lapseJob, async () => {
    const lapsed = await lapseReservations(ctx)
    if (lapsed > 0) ctx.log.info({ lapsed }, 'reservations lapsed')
  })
  await ctx.jobs.schedule(lapseJob, '*/10 * * * *')
  await ctx.jobs.work(unsoldJob, async () => {
    const redecided = await redecideUnsold(ctx)
    if (redecided > 0) ctx.log.info({ redecided }, 'unsold units decided again')
  })
  await ctx.jobs.schedule(unsoldJob, '15 * * * *')
  const challenger = challengerOf(ctx)
  const ending = new AbortController()
  await ctx.jobs.work(scoreJob, async () => {
    const units = await scoreChallenger(ctx, challenger, ending.signal)
    if (units > 0) ctx.log.info({ units }, 'units scored by the challenger')
  })
  await ctx.jobs.schedule(scoreJob, '* * * * *')
  await ctx.jobs.work(valueJob, async () => void (await valueChallenger(ctx, challenger)))
  await ctx.jobs.schedule(valueJob, '10 3 * * *')
  await ctx.jobs.work(featuresJob, async () => {
    const { pushed, leftOut } = await pushFeatures(ctx)
    if (leftOut > 0)
      ctx.log.warn({ pushed, leftOut }, 'features of the log are not those that decisions were made with')
  })
  await ctx.jobs.schedule(featuresJob, '* * * * *')
  await ctx.jobs.work(driftJob, async () => void (await measureDrift(ctx)))
  await ctx.jobs.schedule(driftJob, '30 3 * * *')
  const webhooks = await openWebhooks(ctx)
  return {
    subscribers: [kpiSubscriber, learningSubscriber, webhooks.subscriber],
    close: async () => {
      ending.abort()
      await webhooks.close()
    },
  }
}
