import { AppError } from '#kernel/errors.ts'
import { openBullMq } from '#platform/jobs/bullmq.ts'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import type { Jobs } from '#platform/jobs/port.ts'
import type { Log } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'

/** The queue of jobs that the settings name. Throws when it can't be opened. */
export async function openJobs(
  config: Pick<Config, 'SMARTRETURNS_JOBS' | 'REDIS_URL'>,
  { connectionString, log }: { readonly connectionString: string; readonly log: Log },
): Promise<Jobs> {
  if (config.SMARTRETURNS_JOBS === 'database') return openPgBoss({ connectionString, log })
  if (config.REDIS_URL === undefined)
    throw new AppError('invalid', 'SMARTRETURNS_JOBS=redis needs REDIS_URL, the server where jobs wait')
  return openBullMq({ url: config.REDIS_URL, prefix: 'smartreturns-jobs', log })
}
