import { PgBoss } from 'pg-boss'
import { AppError } from '#kernel/errors.ts'
import type { Log } from '../telemetry/port.ts'
import { engineId, isUuid } from './names.ts'
import { usualRetries, type DeadLetter, type Jobs, type Retries } from './port.ts'

export type PgBossSettings = {
  readonly connectionString: string
  readonly log: Log
  readonly poolMax?: number
  readonly pollSeconds?: number
  /** How long closing waits for the jobs under way before it leaves them to be tried again elsewhere. */
  readonly stopTimeoutMs?: number
  readonly retries?: Retries
}

const deadLetter = 'dead_letter'
const lettersMax = 100_000
/** How often it is looked for jobs whose heartbeat stopped. */
const superviseSeconds = 15
const queue = {
  // A process that died stops its heartbeat: its job starts elsewhere within a minute, not after the hour.
  heartbeatSeconds: 20,
  expireInSeconds: 3600,
  retentionSeconds: 14 * 86_400,
  deleteAfterSeconds: 7 * 86_400,
} as const

/** Jobs in tables of our own database (schema `pgboss`): at least once, retried with growing waits, then dead letters. */
export async function openPgBoss(settings: PgBossSettings): Promise<Jobs> {
  const {
    connectionString,
    log,
    poolMax = 3,
    pollSeconds = 1,
    stopTimeoutMs = 10_000,
    retries = usualRetries,
  } = settings
  const tries = {
    retryLimit: retries.attempts - 1,
    retryDelay: Math.ceil(retries.firstWaitMs / 1000),
    retryBackoff: true,
    retryDelayMax: Math.ceil(retries.longestWaitMs / 1000),
  }
  const boss = new PgBoss({
    connectionString,
    schema: 'pgboss',
    application_name: 'smartreturns-jobs',
    max: poolMax,
    connectionTimeoutMillis: 5_000,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
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
    const options = { ...queue, ...tries, deadLetter }
    // A queue that an earlier version made keeps what it was made with until it is told.
    const made = boss.createQueue(kind, options).then(() => boss.updateQueue(kind, options))
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
    send: async (kind, input, { id, priority = 0 } = {}) => {
      await ready(kind)
      await boss.send(kind, input, id === undefined ? { priority } : { id: engineId(id), priority })
    },
    schedule: async (kind, cron) => {
      await ready(kind)
      await boss.schedule(kind, cron, {}, { tz: 'UTC' })
    },
    deadLetters: async (limit) => {
      const found = await boss.findJobs<Record<string, unknown> | null>(deadLetter, { queued: true, limit: lettersMax })
      return found
        .slice(-limit)
        .toReversed()
        .map((letter): DeadLetter => ({
          id: letter.id,
          kind: letter.sourceName ?? deadLetter,
          input: letter.data ?? {},
          reason: reasonOf(letter.sourceOutput),
          attempts: (letter.sourceRetryCount ?? 0) + 1,
          at: letter.createdOn,
        }))
    },
    replay: async (id) => isUuid(id) && (await boss.redrive(deadLetter, { ids: [id] })) === 1,
    close: () => boss.stop({ graceful: true, close: true, timeout: stopTimeoutMs }),
  }
}

function reasonOf(output: object | null): string {
  const message = output !== null && 'message' in output ? output.message : undefined
  return typeof message === 'string' && message !== '' ? message : 'no reason was left'
}
