import { openBullMq } from '#platform/jobs/bullmq.ts'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import type { Jobs } from '#platform/jobs/port.ts'
import { openRabbitMq } from '#platform/jobs/rabbitmq.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import type { Log } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'
import type { OpenedDatabase } from './open-database.ts'

const prefix = 'smartreturns-jobs'
// Whoever sends may be in a transaction, and must not wait for a second connection of its own pool.
const connectionsMax = 3
const statementTimeoutMs = 30_000

/** The queue of jobs that the settings name. Throws when it can't be opened. */
export async function openJobs(
  config: Pick<Config, 'SMARTRETURNS_JOBS' | 'REDIS_URL' | 'RABBIT_URL'>,
  { database, log }: { readonly database: OpenedDatabase; readonly log: Log },
): Promise<Jobs> {
  const { connectionString } = database
  // That an engine has its address is checked with the settings.
  if (config.SMARTRETURNS_JOBS === 'redis') return openBullMq({ url: config.REDIS_URL!, prefix, log })
  if (config.SMARTRETURNS_JOBS === 'database') return openPgBoss({ connectionString, log })
  const db = openPostgres({
    connectionString,
    engine: database.db.engine,
    poolMax: connectionsMax,
    applicationName: 'smartreturns-jobs',
    statementTimeoutMs,
    asApplication: database.access?.isEnforced === true,
  })
  try {
    const jobs = await openRabbitMq({ url: config.RABBIT_URL!, prefix, db, log })
    const close = async () => {
      await jobs.close()
      await db.close()
    }
    return { ...jobs, close }
  } catch (error) {
    await db.close()
    throw error
  }
}
