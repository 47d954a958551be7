import type { Database, Transaction } from '../db/port.ts'
import type { Log, Metrics } from '../telemetry/port.ts'
import type { Relay, RelayLag, Subscriber } from './port.ts'
import { openLogReader, type LogReader } from './log-reader.ts'

export type RelayContext = {
  readonly db: Database
  readonly log: Log
  readonly metrics: Metrics
  readonly now: () => number
}
export type RelaySettings = {
  readonly pollMs?: number
  readonly batchEvents?: number
  /** How long a failing subscriber waits at most before it is given its batch again. */
  readonly backoffMaxMs?: number
}

const defaults = { pollMs: 500, batchEvents: 1000, backoffMaxMs: 30_000 } as const
const STATEMENT_TIMEOUT_MS = 60_000
const BACKOFF_MS = 250

type Step = 'more' | 'idle' | 'held_elsewhere'

/** The relay from the event log, in process: effect and cursor of a subscriber in one transaction. */
export function openRelay(ctx: RelayContext, subscribers: readonly Subscriber[], settings: RelaySettings = {}): Relay {
  const { pollMs, batchEvents, backoffMaxMs } = { ...defaults, ...settings }
  const names = subscribers.map((subscriber) => subscriber.name)
  const log = openLogReader(ctx.db, pollMs / 2)
  const sleepers = new Set<Sleeper>()
  let loops: Promise<void>[] = []
  let isStopped = false
  let wakes = 0

  async function serve(subscriber: Subscriber): Promise<void> {
    const sleeper = newSleeper()
    sleepers.add(sleeper)
    let failures = 0
    let isRegistered = false
    // oxlint-disable-next-line no-unmodified-loop-condition -- `stop` sets it.
    while (!isStopped) {
      const seen = wakes
      let waitMs = 0
      try {
        if (!isRegistered)
          await ctx.db.query('insert into subscriptions (name) values ($1) on conflict do nothing', [subscriber.name])
        isRegistered = true
        const step = await relayBatch(ctx, log, subscriber, batchEvents)
        if (failures > 0) ctx.log.info({ subscriber: subscriber.name, failures }, 'subscriber works again')
        failures = 0
        // At the same moments for all, so that what one has read the others need not read again.
        if (step !== 'more' && seen === wakes) waitMs = pollMs - (ctx.now() % pollMs)
      } catch (error) {
        failures += 1
        waitMs = Math.min(backoffMaxMs, BACKOFF_MS * 2 ** Math.min(failures - 1, 10)) * (0.5 + Math.random() / 2)
        ctx.metrics.count('smartreturns_relay_failures_total', 'Batches that a subscriber failed to take', {
          subscriber: subscriber.name,
        })
        // The batch is never skipped: the log's order is a promise, and a gap in a projection would never be found.
        ctx.log.error(
          { subscriber: subscriber.name, failures, retryMs: Math.round(waitMs), error },
          'subscriber failed; its batch is tried again',
        )
      }
      if (waitMs > 0 && !isStopped) await sleeper.sleep(waitMs, failures === 0)
    }
    sleepers.delete(sleeper)
  }

  /** The gauge is set by whoever runs, whether it serves the subscriber or stands by. */
  async function watch(): Promise<void> {
    const sleeper = newSleeper()
    sleepers.add(sleeper)
    // oxlint-disable-next-line no-unmodified-loop-condition -- `stop` sets it.
    while (!isStopped) {
      try {
        await lag()
      } catch (error) {
        ctx.log.warn({ error }, 'the lag of the subscribers is not known')
      }
      if (!isStopped) await sleeper.sleep(Math.max(pollMs, 5000), false)
    }
    sleepers.delete(sleeper)
  }

  async function lag(): Promise<RelayLag[]> {
    const lags = await readLag(ctx.db, names, ctx.now())
    for (const { name, events, seconds } of lags) {
      ctx.metrics.gauge('smartreturns_relay_lag_events', 'Events that a subscriber has not taken yet', events, {
        subscriber: name,
      })
      ctx.metrics.gauge(
        'smartreturns_relay_lag_seconds',
        'Age of the oldest event that a subscriber has not taken',
        seconds,
        { subscriber: name },
      )
    }
    return lags
  }

  return {
    start: () => {
      if (loops.length === 0) loops = [...subscribers.map(serve), watch()]
    },
    wake: () => {
      wakes += 1
      log.renew()
      for (const sleeper of sleepers) sleeper.wake(false)
    },
    lag,
    stop: async () => {
      isStopped = true
      for (const sleeper of sleepers) sleeper.wake(true)
      await Promise.all(loops)
    },
  }
}

/** One batch: its effect and the new cursor commit together or not at all. */
async function relayBatch(
  ctx: RelayContext,
  log: LogReader,
  subscriber: Subscriber,
  batchEvents: number,
): Promise<Step> {
  const head = await log.head()
  const isBehind = await ctx.db.lookup({
    name: 'is_behind',
    text: 'select 1 from subscriptions where name = $1 and seq < $2',
    values: [subscriber.name, head],
  })
  if (isBehind.length === 0) return 'idle'
  return ctx.db.transaction((tx) => takeBatch(tx, ctx, { log, head, subscriber, batchEvents }), {
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })
}

type Taking = {
  readonly log: LogReader
  readonly head: number
  readonly subscriber: Subscriber
  readonly batchEvents: number
}

async function takeBatch(
  tx: Transaction,
  ctx: RelayContext,
  { log, head, subscriber, batchEvents }: Taking,
): Promise<Step> {
  const [cursor] = await tx.query<{ seq: number }>(
    'select seq from subscriptions where name = $1 for no key update skip locked',
    [subscriber.name],
  )
  if (cursor === undefined) return 'held_elsewhere'
  // The log has no gaps, so the batch is known before it is read. All subscribers cut it at the same places, so that they share it.
  const last = Math.min(head, (Math.floor(cursor.seq / batchEvents) + 1) * batchEvents)
  if (last <= cursor.seq) return 'idle'
  const { types } = subscriber
  const all = await log.read(tx, cursor.seq, last)
  const events = types === undefined ? all : all.filter((event) => types.includes(event.type))
  const startedMs = performance.now()
  if (events.length > 0) await subscriber.handle(tx, events)
  await tx.query('update subscriptions set seq = $2, updated_at = $3 where name = $1', [
    subscriber.name,
    last,
    new Date(ctx.now()),
  ])
  ctx.metrics.observe(
    'smartreturns_relay_batch_seconds',
    'Time of one batch of a subscriber',
    (performance.now() - startedMs) / 1000,
    { subscriber: subscriber.name },
  )
  return last < head ? 'more' : 'idle'
}

async function readLag(db: Database, names: readonly string[], nowMs: number): Promise<RelayLag[]> {
  const rows = await db.query<{ name: string; events: number; at: Date | null }>(
    `select s.name, h.seq - s.seq as events, e.at from subscriptions s cross join log_head h
     left join events e on e.seq = s.seq + 1 where s.name = any($1::text[]) order by s.name`,
    [names],
  )
  return rows.map(({ name, events, at }) => ({
    name,
    events,
    seconds: at === null ? 0 : Math.max(0, (nowMs - at.getTime()) / 1000),
  }))
}

type Sleeper = {
  readonly sleep: (ms: number, isWakeable: boolean) => Promise<void>
  readonly wake: (isEnd: boolean) => void
}

/** A wait that the end always cuts short, and news only where `isWakeable`: news must not hurry a failing subscriber. */
function newSleeper(): Sleeper {
  let end: ((isEnd: boolean) => void) | null = null
  return {
    sleep: (ms, isWakeable) =>
      new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer)
          end = null
          resolve()
        }
        const timer = setTimeout(finish, ms)
        end = (isEnd) => {
          if (isEnd || isWakeable) finish()
        }
      }),
    wake: (isEnd) => end?.(isEnd),
  }
}
