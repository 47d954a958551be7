import type { Context } from '#context.ts'
import { completeErasures } from '#flows/erase-person.ts'
import { nightlyMax, runRetention } from '#flows/run-retention.ts'
import { indexPeople } from '#services/returns/index.ts'

const indexJob = 'index_people'
const eraseJob = 'complete_erasures'
const retentionJob = 'run_retention'

/** What privacy does beside requests: persons are indexed, interrupted erasures completed, old data removed at night. */
export async function openPrivacyWork(ctx: Context): Promise<void> {
  await ctx.jobs.work(indexJob, async () => void (await indexPeople(ctx)))
  await ctx.jobs.schedule(indexJob, '* * * * *')
  await ctx.jobs.work(eraseJob, async () => {
    const completed = await completeErasures(ctx)
    if (completed > 0) ctx.log.warn({ completed }, 'erasures that were interrupted are complete now')
  })
  await ctx.jobs.schedule(eraseJob, '*/5 * * * *')
  await ctx.jobs.work(retentionJob, async () => {
    const { results } = await runRetention(ctx, 'schedule', { isDryRun: false }, nightlyMax)
    const removed = Object.fromEntries(results.map((result) => [result.dataClass, result.removed]))
    ctx.log.info({ removed }, 'what was past its time was removed')
  })
  await ctx.jobs.schedule(retentionJob, '40 2 * * *')
}
