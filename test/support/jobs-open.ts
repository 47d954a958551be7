import type { Database } from '#platform/db/port.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { openBullMq } from '#platform/jobs/bullmq.ts'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import type { Jobs } from '#platform/jobs/port.ts'
import { openRabbitMq } from '#platform/jobs/rabbitmq.ts'
import { silentLog } from './fakes.ts'

export type JobsPlace = {
  readonly engine: string
  /** Of the queue's server; pg-boss has none but the database. */
  readonly address: string
  readonly prefix: string
  readonly database: string
}

/** An engine of jobs as one more process opens it, with its usual waits. */
export async function openJobsAt(place: JobsPlace): Promise<{ readonly jobs: Jobs; readonly db: Database }> {
  const { engine, address: url, prefix, database } = place
  const db = openPostgres({
    connectionString: database,
    poolMax: 2,
    applicationName: 'test',
    engine: 'postgres',
    statementTimeoutMs: 30_000,
  })
  const log = silentLog
  if (engine === 'bullmq') return { db, jobs: await openBullMq({ url, prefix, log }) }
  if (engine === 'rabbitmq') return { db, jobs: await openRabbitMq({ url, prefix, db, log }) }
  return { db, jobs: await openPgBoss({ connectionString: database, log, pollSeconds: 0.5 }) }
}
