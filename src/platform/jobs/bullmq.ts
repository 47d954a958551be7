import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { AppError } from '#kernel/errors.ts'
import type { Log } from '../telemetry/port.ts'
import { engineId } from './names.ts'
import { usualRetries, type DeadLetter, type Jobs, type Retries } from './port.ts'
import { halfJitter } from './waits.ts'
import { within } from './within.ts'

type Input = Record<string, unknown>

const lowest = 10
/** A process that died holds its jobs for so long; with the next look for such jobs it is under a minute. */
const lockMs = 30_000
const stalledLookMs = 15_000
const partTimeoutMs = 1_000
const kept = { removeOnComplete: { age: 7 * 86_400 }, removeOnFail: { age: 90 * 86_400 } } as const
const kindsKey = 'kinds'
/** Between the id of a dead letter's job and its kind; no kind holds it. */
const mark = '@'

/**
 * Jobs on Redis by BullMQ. Redis must keep what it was told (`appendonly yes`): what it forgets is sent again only where
 * the database knows of it. Sending fails at once while Redis is gone; workers wait for it.
 */
export async function openBullMq(settings: {
  readonly url: string
  readonly prefix: string
  readonly log: Log
  readonly stopTimeoutMs?: number
  readonly retries?: Retries
  readonly random?: () => number
}): Promise<Jobs> {
  const { url, prefix, log, stopTimeoutMs = 10_000, retries = usualRetries, random = Math.random } = settings
  let isToldGone = false
  const connect = (waits: boolean) => {
    const redis = new Redis(url, {
      // What was under way when Redis went is not waited for either, but by workers.
      maxRetriesPerRequest: waits ? null : 0,
      enableOfflineQueue: waits,
      lazyConnect: !waits,
    })
    redis.on('error', (error: Error) => {
      if (!isToldGone) log.warn({ reason: error.message }, 'the job queue is not reached; it goes on trying')
      isToldGone = true
    })
    redis.on('ready', () => (isToldGone = false))
    return redis
  }
  const connection = connect(false)
  try {
    await connection.connect()
  } catch (error) {
    connection.disconnect()
    throw new AppError('unavailable', 'the job queue could not be opened in Redis', { cause: error })
  }
  const waiting = connect(true)
  const queues = new Map<string, Queue<Input>>()
  const workers: Worker<Input>[] = []
  const attempt = { attempts: retries.attempts, backoff: { type: 'custom' }, ...kept }

  const queueOf = async (kind: string): Promise<Queue<Input>> => {
    const known = queues.get(kind)
    if (known !== undefined) return known
    await connection.sadd(`${prefix}:${kindsKey}`, kind)
    const queue = new Queue<Input>(kind, { connection, prefix })
    queue.on('error', () => undefined)
    queues.set(kind, queue)
    return queue
  }
  return {
    engine: 'bullmq',
    work: async (kind, handler) => {
      await queueOf(kind)
      const work = async ({ id, data }: { id?: string; data: Input }) => handler(data, id!)
      const worker = new Worker<Input>(kind, work, {
        connection: waiting,
        prefix,
        lockDuration: lockMs,
        stalledInterval: stalledLookMs,
        // A job whose process died goes back to the queue as often as one that failed.
        maxStalledCount: retries.attempts,
        settings: { backoffStrategy: (failures) => halfJitter(retries, failures, random) },
      })
      worker.on('error', () => undefined)
      worker.on('failed', (job, error) =>
        log.error(
          { kind, jobId: job?.id, attempt: job?.attemptsMade, error },
          'a job failed; it is tried again while its attempts last',
        ),
      )
      workers.push(worker)
      await worker.waitUntilReady()
    },
    send: async (kind, input, { id, priority = 0 } = {}) => {
      const queue = await queueOf(kind)
      const place = { priority: lowest - priority }
      await queue.add(kind, input, { ...attempt, ...place, ...(id === undefined ? {} : { jobId: engineId(id) }) })
    },
    schedule: async (kind, cron) => {
      const queue = await queueOf(kind)
      const template = { name: kind, data: {}, opts: { ...attempt, priority: lowest } }
      await queue.upsertJobScheduler(kind, { pattern: cron, tz: 'UTC' }, template)
    },
    deadLetters: async (limit) => {
      const kinds = await connection.smembers(`${prefix}:${kindsKey}`)
      const lists = await Promise.all(kinds.map(async (kind) => (await queueOf(kind)).getFailed(0, limit - 1)))
      return lists
        .flat()
        .map((job): DeadLetter => ({
          id: `${job.id}${mark}${job.queueName}`,
          kind: job.queueName,
          input: job.data,
          reason: job.failedReason,
          attempts: job.attemptsMade,
          at: new Date(job.finishedOn ?? job.timestamp),
        }))
        .toSorted((a, b) => b.at.getTime() - a.at.getTime())
        .slice(0, limit)
    },
    replay: async (deadLetterId) => {
      const cut = deadLetterId.lastIndexOf(mark)
      const [id, kind] = [deadLetterId.slice(0, Math.max(cut, 0)), deadLetterId.slice(cut + 1)]
      // A queue is made for no name that somebody only made up.
      if (id === '' || (await connection.sismember(`${prefix}:${kindsKey}`, kind)) === 0) return false
      const queue = await queueOf(kind)
      const job = await queue.getJob(id)
      if (job === undefined || !(await job.isFailed())) return false
      // Its id says whose replay it is: one that is interrupted between the two steps, or done twice at once, sends one job.
      const opts = { ...attempt, priority: job.opts.priority ?? lowest, jobId: engineId(`replay of ${deadLetterId}`) }
      await queue.add(kind, job.data, opts)
      const isFirst = (await connection.zrem(queue.toKey('failed'), id)) === 1
      await queue.remove(id)
      return isFirst
    },
    close: async () => {
      // A worker is closed once, gently or not: without Redis a gentle end never comes, and its timers would keep the process.
      const isGone = !(await within(partTimeoutMs, connection.ping()))
      await within(stopTimeoutMs, Promise.all(workers.map((worker) => worker.close(isGone))))
      await within(partTimeoutMs, Promise.allSettled([...queues.values()].map((queue) => queue.close())))
      connection.disconnect()
      waiting.disconnect()
    },
  }
}
