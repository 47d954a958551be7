import pg from 'pg'
import type { Log, Metrics } from '../telemetry/port.ts'

/** One advisory lock for the whole program: who holds it leads. */
const LEADER_LOCK = 7_310_005
const pollMs = 1000
const connectMs = 5000
const queryMs = 3000
/** The server ends the session of a leader that has been silent for so long, frozen or cut off, and so frees the lock. */
const silentSeconds = 5

export type LeaderSettings = {
  readonly connectionString: string
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly metrics: Pick<Metrics, 'gauge'>
  /** Begins what only one process does; answers how it ends. */
  readonly lead: () => Promise<() => Promise<void>>
}

export type Leader = {
  /** Resolves after the first try, whoever leads then. Throws what the first `lead` threw. */
  readonly start: () => Promise<void>
  readonly isLeading: () => boolean
  readonly close: () => Promise<void>
}

/**
 * Leads while its own session holds the lock, and says so to the server every second. A process that dies ends its session at
 * once; one that is frozen is ended by the server. What is done twice in between must be harmless: the lock of each
 * subscriber and of the checkpoints sees to that.
 */
export function openLeader(settings: LeaderSettings): Leader {
  const { log, metrics } = settings
  let session: pg.Client | null = null
  let end: (() => Promise<void>) | null = null
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let beat: NodeJS.Timeout | undefined
  let turn: Promise<void> = Promise.resolve()
  const report = () =>
    metrics.gauge('smartreturns_leader', 'Whether this process leads: relay, checkpoints', end === null ? 0 : 1, {})

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: settings.connectionString,
      application_name: 'smartreturns-leader',
      connectionTimeoutMillis: connectMs,
      query_timeout: queryMs,
      keepAlive: true,
      options: `-c idle_session_timeout=${silentSeconds}s`,
    })
    client.on('error', () => undefined)
    // Who lost its session looks at once.
    client.once('end', () => client === session && run())
    try {
      await client.connect()
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
    return client
  }

  async function giveUp(): Promise<void> {
    const [gone, stop] = [session, end]
    session = null
    end = null
    report()
    if (stop !== null) {
      await stop()
      log.info({}, 'this process leads no more')
    }
    clearInterval(beat)
    // After what it led has ended: the next leader begins when the session is over.
    await gone?.end().catch(() => undefined)
  }

  async function look(): Promise<void> {
    const held = (session ??= await connect())
    if (end !== null) {
      await held.query('select 1')
      return
    }
    const { rows } = await held.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [LEADER_LOCK])
    if (rows[0]?.got !== true) return
    // Also while it begins and ends, which may take long.
    beat = setInterval(() => void held.query('select 1').catch(() => undefined), pollMs)
    end = await settings.lead()
    report()
    log.info({}, 'this process leads')
  }

  /** Looks now, and then every second; while it looks already, that look is enough. */
  function run(): void {
    if (isClosed || timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    turn = look()
      .catch(async (error: unknown) => {
        log.warn({ err: error }, 'the lock of the leader is not reachable')
        await giveUp()
      })
      .catch((error: unknown) => log.warn({ err: error }, 'what the leader did does not end well'))
      .finally(again)
  }

  function again(): void {
    if (!isClosed) timer = setTimeout(run, pollMs)
  }

  return {
    start: async () => {
      report()
      await look()
      again()
    },
    isLeading: () => end !== null,
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await turn
      await giveUp()
    },
  }
}
