import { randomUUID } from 'node:crypto'
import type { Channel, ConfirmChannel, ConsumeMessage, Options } from 'amqplib'
import { AppError } from '#kernel/errors.ts'
import type { Log } from '../telemetry/port.ts'
import { openLink } from './rabbit-link.ts'
import { waitStep } from './waits.ts'
import { within } from './within.ts'

/** One copy of a job as it lies in a queue. `attempt` is the try that it is for. */
export type JobMessage = {
  readonly kind: string
  readonly id: string
  readonly token: string
  readonly attempt: number
  readonly priority: number
  readonly input: Record<string, unknown>
}

const priorityMax = 9
const confirmMs = 3_000
/** How long one run may take before the server gives the job to another process, where it knows the argument (3.12). */
const runMaxMs = 6 * 3_600_000
/** A queue of waiting jobs that nobody used for so long after its wait goes away. */
const unusedMs = 600_000

export type RabbitQueues = {
  readonly declare: (channel: Channel, kind: string) => Promise<string>
  /** Comes back when the server has it on its disk; throws at once while there is no server. `waitMs` keeps it from workers for so long. */
  readonly send: (message: JobMessage, waitMs?: number) => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * One durable queue a kind, ordered by priority. What is to wait lies in a queue for its length of wait, whose messages all expire
 * in order and go back, by its dead-letter exchange, to the queue of their kind.
 */
export async function openRabbitQueues(settings: {
  readonly url: string
  readonly prefix: string
  readonly log: Log
}): Promise<RabbitQueues> {
  const { url, prefix, log } = settings
  const [waits, back] = [`${prefix}.wait`, `${prefix}.back`]
  const kindKey = (kind: string) => encodeURIComponent(kind).replaceAll('.', '%2E')
  let channel: ConfirmChannel | null = null
  let isBlocked = false
  const declared = new Set<string>()
  const returned = new Set<string>()

  const declare = async (on: Channel, kind: string) => {
    const queue = `${prefix}.jobs.${kindKey(kind)}`
    const args = { 'x-consumer-timeout': runMaxMs }
    await on.assertQueue(queue, { durable: true, maxPriority: priorityMax, arguments: args })
    await on.bindQueue(queue, back, `*.${kindKey(kind)}`)
    return queue
  }
  const declareWait = async (on: Channel, waitMs: number) => {
    const queue = `${waits}.${waitMs}`
    const options = { durable: true, messageTtl: waitMs, expires: waitMs + unusedMs, deadLetterExchange: back }
    await on.assertQueue(queue, options)
    await on.bindQueue(queue, waits, `${waitMs}.*`)
  }
  const link = await openLink({
    url,
    name: `${prefix} sends`,
    log,
    setUp: async (connection) => {
      const opened = await connection.createConfirmChannel()
      opened.on('error', (error) => log.warn({ reason: error.message }, 'the job queue refused; it is opened anew'))
      opened.on('close', () => void connection.close().catch(() => undefined))
      opened.on('return', ({ properties }) => void returned.add(String(properties.messageId)))
      connection.on('blocked', () => (isBlocked = true))
      connection.on('unblocked', () => (isBlocked = false))
      for (const exchange of [waits, back]) await opened.assertExchange(exchange, 'topic', { durable: true })
      declared.clear()
      isBlocked = false
      channel = opened
    },
    onLost: () => (channel = null),
  })

  const publish = async (on: ConfirmChannel, exchange: string, key: string, body: Buffer, options: Options.Publish) => {
    const messageId = randomUUID()
    await new Promise<void>((done, fail) => {
      const confirmed = (error: unknown) => (error === null ? done() : fail(error))
      on.publish(exchange, key, body, { ...options, messageId, persistent: true, mandatory: true }, confirmed)
    })
    if (!returned.delete(messageId)) return
    // Somebody took the queue away: it is declared again by the next who sends.
    declared.clear()
    throw new Error('no queue took the job')
  }
  const sendOn = async (on: ConfirmChannel, message: JobMessage, waitMs: number | undefined) => {
    const { kind, priority, input, ...headers } = message
    const body = Buffer.from(JSON.stringify(input))
    const options = { headers, priority, contentType: 'application/json' }
    const queue = `${prefix}.jobs.${kindKey(kind)}`
    if (!declared.has(kind)) {
      await declare(on, kind)
      declared.add(kind)
    }
    if (waitMs === undefined) return publish(on, '', queue, body, options)
    const step = waitStep(waitMs)
    // Each time: a queue that is declared does not go away for a while.
    await declareWait(on, step)
    await publish(on, waits, `${step}.${kindKey(kind)}`, body, options)
  }
  return {
    declare,
    send: async (message, waitMs) => {
      const unavailable = (why: string, cause?: unknown) =>
        new AppError('unavailable', `the job could not be sent: ${why}`, { cause })
      if (channel === null) throw unavailable('RabbitMQ is not reached')
      if (isBlocked) throw unavailable('RabbitMQ takes nothing, its memory or disk is full')
      let failure: unknown
      const sending = sendOn(channel, message, waitMs).catch((error: unknown) => {
        failure = error
        throw error
      })
      if (await within(confirmMs, sending)) return
      throw unavailable(failure === undefined ? 'RabbitMQ does not confirm it' : 'RabbitMQ did not take it', failure)
    },
    close: () => link.close(),
  }
}

/** The job in a message; null where it is none of ours. */
export function readMessage(kind: string, { content, properties }: ConsumeMessage): JobMessage | null {
  const { id, token, attempt } = (properties.headers ?? {}) as Record<string, unknown>
  if (typeof id !== 'string' || typeof token !== 'string' || typeof attempt !== 'number') return null
  try {
    const input = JSON.parse(content.toString('utf8')) as Record<string, unknown>
    return { kind, id, token, attempt, input, priority: Number(properties.priority ?? 0) }
  } catch {
    return null
  }
}
