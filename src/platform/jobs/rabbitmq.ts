import { randomUUID } from 'node:crypto'
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#kernel/errors.ts'
import type { Queryable } from '../db/port.ts'
import type { Log } from '../telemetry/port.ts'
import { onSchedule } from './cron.ts'
import { engineId, isUuid } from './names.ts'
import { usualRetries, type JobHandler, type Jobs, type Retries } from './port.ts'
import { openLink, type Link } from './rabbit-link.ts'
import { openRabbitQueues, readMessage, type JobMessage, type RabbitQueues } from './rabbit-queues.ts'
import * as store from './rabbit-store.ts'
import { fullJitter } from './waits.ts'
import { within } from './within.ts'

type Work = { readonly kind: string; readonly handler: JobHandler }

const dayMs = 86_400_000
const jobsKeptMs = 7 * dayMs
const lettersKeptMs = 90 * dayMs
const forgetEachMs = 3_600_000
const partTimeoutMs = 1_000
/** Beyond the longest wait, how long a queue may say nothing of a job before it counts as lost and may be sent again. */
const silentMs = 600_000
const takesMax = 5

/**
 * Jobs in queues of RabbitMQ. Tables of ours keep what it does not: which ids are known, and dead letters. Sending fails at once
 * while RabbitMQ is gone; workers go on by themselves when it is back.
 */
export async function openRabbitMq(settings: {
  readonly url: string
  readonly prefix: string
  readonly db: Queryable
  readonly log: Log
  readonly stopTimeoutMs?: number
  readonly retries?: Retries
  readonly random?: () => number
}): Promise<Jobs> {
  const { db, log, stopTimeoutMs = 10_000, retries = usualRetries, random = Math.random } = settings
  const now = Date.now
  const works: Work[] = []
  const channels = new Set<{ readonly channel: Channel; readonly tag: string }>()
  /** By kind and id what runs in this process; a job that comes again meanwhile waits for its end. */
  const running = new Map<string, Promise<void>>()
  const underWay = new Set<Promise<void>>()
  const schedules: (() => void)[] = []
  let worker: ChannelModel | null = null
  let isClosing = false

  /** One try. Comes back when its message is no longer needed. */
  const work = async ({ kind, handler }: Work, message: JobMessage): Promise<void> => {
    const { id } = message
    const { begun, isVoid } = await store.beginTry(db, message, new Date(now()))
    if (isVoid) return
    const attempt = begun ?? message.attempt
    // As often as it may, its process died over it.
    if (attempt > retries.attempts) return bury(message, attempt - 1, 'the process ended during its last try')
    try {
      await handler(message.input, id)
    } catch (error) {
      log.error({ kind, jobId: id, attempt, error }, 'a job failed; it is tried again while its attempts last')
      if (attempt >= retries.attempts) return bury(message, attempt, reasonOf(error))
      return queues.send({ ...message, attempt: attempt + 1 }, fullJitter(retries, attempt, random))
    }
    await store.noteDone(db, message, new Date(now()))
  }
  const bury = async (message: JobMessage, attempts: number, reason: string) => {
    const { kind, id, input, priority } = message
    const letterId = engineId(`dead letter ${kind} ${id}`)
    await store.bury(db, message, { id: letterId, kind, input, reason, attempts, priority, at: new Date(now()) })
  }
  const workOnce = async (what: Work, message: JobMessage) => {
    const key = `${what.kind} ${message.id}`
    while (running.has(key)) await running.get(key)?.catch(() => undefined)
    const run = work(what, message)
    running.set(key, run)
    try {
      await run
    } finally {
      running.delete(key)
    }
  }
  const onMessage = async (what: Work, channel: Channel, delivery: ConsumeMessage) => {
    const message = readMessage(what.kind, delivery)
    try {
      if (message === null) log.error({ kind: what.kind }, 'a message that is no job of ours was thrown away')
      else await workOnce(what, message)
      settle(() => channel.ack(delivery))
    } catch (error) {
      log.warn({ kind: what.kind, jobId: message?.id, err: error }, 'how a job ended was not noted; it comes again')
      if (!isClosing) await sleep(partTimeoutMs)
      settle(() => channel.nack(delivery))
    }
  }
  const take = (what: Work, channel: Channel, delivery: ConsumeMessage) => {
    const end = onMessage(what, channel, delivery).finally(() => underWay.delete(end))
    underWay.add(end)
  }
  const consume = async (connection: ChannelModel, what: Work) => {
    const channel = await connection.createChannel()
    const restart = () => void connection.close().catch(() => undefined)
    channel.on('error', (error) => log.warn({ reason: error.message }, 'the job queue refused; it is opened anew'))
    channel.on('close', () => isClosing || restart())
    await channel.prefetch(1)
    const queue = await queues.declare(channel, what.kind)
    // Null says that somebody took the queue away.
    const { consumerTag } = await channel.consume(queue, (delivery) =>
      delivery === null ? restart() : take(what, channel, delivery),
    )
    channels.add({ channel, tag: consumerTag })
  }

  const { queues, link } = await open(settings, {
    setUp: async (connection) => {
      channels.clear()
      for (const what of works) await consume(connection, what)
      worker = connection
    },
    onLost: () => (worker = null),
  })
  const forget = () =>
    store.forgetOld(db, new Date(now() - jobsKeptMs), new Date(now() - lettersKeptMs)).catch((error: unknown) => {
      log.warn({ err: error }, 'old jobs could not be forgotten; they are tried again in an hour')
    })
  const forgetting = setInterval(() => void forget(), forgetEachMs).unref()

  const send = async (kind: string, input: Record<string, unknown>, id: string, priority: number) => {
    for (let takes = 1; takes <= takesMax; takes++) {
      const copy = { kind, id, token: randomUUID() }
      const lostBefore = new Date(now() - retries.longestWaitMs - silentMs)
      if (!(await store.claimSending(db, copy, new Date(now()), lostBefore))) return
      await queues.send({ ...copy, attempt: 1, input, priority })
      if (await store.noteSent(db, copy, new Date(now()))) return
    }
    throw new AppError('unavailable', `the job could not be sent: ${takesMax} others sent the same one meanwhile`)
  }
  return {
    engine: 'rabbitmq',
    work: async (kind, handler) => {
      const what = { kind, handler }
      works.push(what)
      // Who is not connected takes it over when it is.
      await (worker === null ? undefined : consume(worker, what))?.catch((error: unknown) => {
        if (link.isUp()) throw error
      })
    },
    send: (kind, input, { id, priority = 0 } = {}) =>
      send(kind, input, id === undefined ? randomUUID() : engineId(id), priority),
    schedule: (kind, cron) => {
      // The instant is the id: of all processes that send it, one is first.
      const fire = (at: Date) => send(kind, {}, engineId(`${kind} at ${at.toISOString()}`), 0)
      schedules.push(onSchedule(cron, now, fire))
      return Promise.resolve()
    },
    deadLetters: (limit) => store.listLetters(db, limit),
    replay: async (letterId) => {
      const letter = isUuid(letterId) ? await store.readLetter(db, letterId) : undefined
      if (letter === undefined) return false
      // Its id says whose replay it is: one that is interrupted between the two steps, or done twice at once, sends one job.
      await send(letter.kind, letter.input, engineId(`replay of ${letterId}`), letter.priority)
      return store.removeLetter(db, letterId)
    },
    close: async () => {
      isClosing = true
      clearInterval(forgetting)
      for (const end of schedules) end()
      // Whose connection is gone has nobody to tell how its jobs ended: they begin anew elsewhere.
      if (link.isUp()) {
        await within(partTimeoutMs, Promise.all([...channels].map(({ channel, tag }) => channel.cancel(tag))))
        await within(stopTimeoutMs, Promise.all(underWay))
      }
      await Promise.all([link.close(), queues.close()])
    },
  }
}

/** Two connections: one that sends, one that works, so that a server that takes nothing still hears what is done. */
async function open(
  { url, prefix, log }: { readonly url: string; readonly prefix: string; readonly log: Log },
  worker: Pick<Parameters<typeof openLink>[0], 'setUp' | 'onLost'>,
): Promise<{ readonly queues: RabbitQueues; readonly link: Link }> {
  let queues: RabbitQueues | undefined
  try {
    queues = await openRabbitQueues({ url, prefix, log })
    return { queues, link: await openLink({ url, name: `${prefix} works`, log, ...worker }) }
  } catch (error) {
    await queues?.close()
    throw new AppError('unavailable', 'the job queue could not be opened in RabbitMQ', { cause: error })
  }
}

/** On a channel that is gone: the server gives the message to another by itself. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch {
    // Told by the connection's own events.
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'no reason was left'
}
