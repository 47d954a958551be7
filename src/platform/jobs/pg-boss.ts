import { PgBoss } from 'pg-boss'
import { AppError } from '#kernel/errors.ts'
import type { Log } from '../telemetry/port.ts'
import type { Jobs } from './port.ts'

export type PgBossSettings = {
  readonly connectionString: string
  readonly log: Log
  readonly poolMax?: number
  readonly pollSeconds?: number
  /** How long closing waits for the jobs under way before it leaves them to be tried again elsewhere. */
  readonly stopTimeoutMs?: number
}

const deadLetter = 'dead_letter'
const queue = {
  retryLimit: 5,
  retryDelay: 2,
  retryBackoff: true,
  retryDelayMax: 300,
  // A process that died stops its heartbeat: its job starts elsewhere after a minute, not after the hour.
  heartbeatSeconds: 60,
  expireInSeconds: 3600,
  retentionSeconds: 14 * 86_400,
  deleteAfterSeconds: 7 * 86_400,
} as const

/** Jobs in tables of our own database (schema `pgboss`): at least once, retried with growing waits, then dead letters. */
export async function openPgBoss(settings: PgBossSettings): Promise<Jobs> {
  const { connectionString, log, poolMax = 3, pollSeconds = 1, stopTimeoutMs = 10_000 } = settings
  const boss = new PgBoss({
    connectionString,
    schema: 'pgboss',
    application_name: 'smartreturns-jobs',
    max: poolMax,
    connectionTimeoutMillis: 5_000,
    superviseIntervalSeconds: 30,
    monitorIntervalSeconds: 30,
  })
  boss.on('error', (error: Error) =>
    log.warn({ reason: error.message }, 'the job queue is in trouble; it goes on trying'),
  )
  boss.on('warning', (warning) => log.warn({ warning: warning.message }, 'the job queue warns'))
  try {
    await boss.start()
    await boss.createQueue(deadLetter, { retentionSeconds: 90 * 86_400 })
  } catch (error) {
    await boss.stop({ graceful: false, close: true })
    throw new AppError('unavailable', 'the job queue could not be opened in the database', { cause: error })
  }
  const known = new Map<string, Promise<void>>()
  // Costs a round trip the first time in a process. A failure must not be remembered.
  const ready = (kind: string): Promise<void> => {
    const earlier = known.get(kind)
    if (earlier !== undefined) return earlier
    const made = boss.createQueue(kind, { ...queue, deadLetter })
    known.set(kind, made)
    made.catch(() => known.delete(kind))
    return made
  }

  return {
    engine: 'pg-boss',
    work: async (kind, handler) => {
      await ready(kind)
      const options = { batchSize: 1, pollingIntervalSeconds: pollSeconds } as const
      await boss.work<Record<string, unknown> | null>(kind, options, async ([job]) => {
        if (job === undefined) return
        try {
          await handler(job.data ?? {}, job.id)
        } catch (error) {
          log.error(
            { kind, jobId: job.id, attempt: job.retryCount + 1, error },
            'a job failed; it is tried again while its attempts last',
          )
          throw error
        }
      })
    },
    send: async (kind, input, id) => {
      await ready(kind)
      await boss.send(kind, input, id === undefined ? {} : { id })
    },
    schedule: async (kind, cron) => {
      await ready(kind)
      await boss.schedule(kind, cron, {}, { tz: 'UTC' })
    },
    close: () => boss.stop({ graceful: true, close: true, timeout: stopTimeoutMs }),
  }
}
