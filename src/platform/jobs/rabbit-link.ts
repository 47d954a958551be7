import { connect, type ChannelModel } from 'amqplib'
import type { Log } from '../telemetry/port.ts'
import { within } from './within.ts'

const connectMs = 3_000
const heartbeatSeconds = 10
const firstWaitMs = 100
const longestWaitMs = 2_000
const partTimeoutMs = 1_000

export type Link = {
  readonly isUp: () => boolean
  readonly close: () => Promise<void>
}

/**
 * One connection to RabbitMQ, made again by itself whenever it is lost. `setUp` gets each new one before it counts as up;
 * `onLost` is told at once. Throws when the first one does not come about.
 */
export async function openLink(settings: {
  readonly url: string
  readonly name: string
  readonly log: Log
  readonly setUp: (connection: ChannelModel) => Promise<void>
  readonly onLost: () => void
}): Promise<Link> {
  const { name, log, setUp, onLost } = settings
  const address = new URL(settings.url)
  // A process that freezes is found out by its silence.
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', String(heartbeatSeconds))
  let current: { readonly connection: ChannelModel; readonly cut: AbortController } | null = null
  let isUp = false
  let isClosed = false
  let isToldGone = false
  let timer: NodeJS.Timeout | undefined

  const dial = async () => {
    const cut = new AbortController()
    // The signal goes on to the socket: the one way to end a connection whose server says nothing.
    const options = {
      noDelay: true,
      timeout: connectMs,
      clientProperties: { connection_name: name },
      signal: cut.signal,
    }
    const connection = await connect(address.href, options)
    connection.on('error', () => undefined)
    let isLost = false
    let counts = false
    connection.once('close', () => {
      isLost = true
      if (!counts) return
      isUp = false
      onLost()
      dialLater(1)
    })
    current = { connection, cut }
    try {
      await setUp(connection)
      if (isLost || isClosed) throw new Error('the connection was lost as it was made')
    } catch (error) {
      cut.abort()
      throw error
    }
    counts = true
    isUp = true
    isToldGone = false
  }
  const dialLater = (failures: number) => {
    if (isClosed) return
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
    timer = setTimeout(() => {
      dial().catch((error: unknown) => {
        if (!isToldGone) log.warn({ err: error }, 'the job queue is not reached; it goes on trying')
        isToldGone = true
        dialLater(failures + 1)
      })
    }, waitMs)
  }
  await dial()
  return {
    isUp: () => isUp,
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      // A server that hangs is not waited for.
      if (isUp && (await within(partTimeoutMs, current!.connection.close()))) return
      current?.cut.abort()
    },
  }
}
