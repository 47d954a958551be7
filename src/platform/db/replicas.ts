import type { Log, Metrics } from '../telemetry/port.ts'
import { lagMs, lsnOf, sight, type Sightings } from './lag.ts'
import type { Database, ReadChoice } from './port.ts'
import { readingFrom, type Reader } from './reads.ts'
import { inScopeOfAll } from './scope.ts'

const pollMs = 200
/** A replica of which nothing was heard for so long is not read from. */
const silentMs = 1_500

type Replica = {
  readonly place: string
  readonly db: Database
  replayed: bigint
  heardAtMs: number
  isTold: boolean
}

/**
 * Chooses replicas for reads. One is read from when it has replayed all that the caller has written, and lags by `lagMaxMs` at
 * most; otherwise the primary is. What callers have written stands in a table of the primary, so it holds across processes.
 */
export function openReplicas(settings: {
  readonly primary: Database
  readonly replicas: readonly { readonly place: string; readonly db: Database }[]
  readonly lagMaxMs: number
  readonly log: Pick<Log, 'warn' | 'info'>
  readonly metrics: Pick<Metrics, 'gauge' | 'count'>
  readonly now: () => number
}): ReadChoice & { readonly close: () => Promise<void> } {
  const { primary, lagMaxMs, log, metrics, now } = settings
  const seen: Sightings = []
  const replicas = settings.replicas.map(({ place, db }): Replica => ({
    place,
    db,
    replayed: 0n,
    heardAtMs: -Infinity,
    isTold: false,
  }))
  let system: string | null = null
  /** Until then the primary alone is read from: that somebody has written could not be noted. */
  let distrustedUntilMs = -Infinity

  const isHeard = (replica: Replica) => now() - replica.heardAtMs <= silentMs
  const fail = (replica: Replica, error: unknown) => {
    replica.heardAtMs = -Infinity
    if (!replica.isTold)
      log.warn({ replica: replica.place, err: error }, 'a replica is not read from; the primary answers')
    replica.isTold = true
  }
  const listen = async (replica: Replica) => {
    const askedAtMs = now()
    try {
      const [row] = await replica.db.query<{ lsn: string | null; system: string }>(
        'select pg_last_wal_replay_lsn()::text as lsn, system_identifier::text as system from pg_control_system()',
      )
      if (row!.lsn === null) throw new Error('it is no replica: it does not replay a log')
      if (row!.system !== system) throw new Error('it is the replica of another database')
      replica.replayed = lsnOf(row!.lsn)
      replica.heardAtMs = askedAtMs
      if (replica.isTold) log.info({ replica: replica.place }, 'a replica is read from again')
      replica.isTold = false
    } catch (error) {
      fail(replica, error)
    }
  }
  const poll = async () => {
    try {
      const [row] = await primary.query<{ lsn: string; system: string }>(
        'select pg_current_wal_insert_lsn()::text as lsn, system_identifier::text as system from pg_control_system()',
      )
      system = row!.system
      sight(seen, lsnOf(row!.lsn), now())
    } catch {
      // Whoever asks the primary hears of it.
    }
    for (const replica of replicas) {
      const lag = lagMs(seen, replica.replayed, now())
      const labels = { replica: replica.place }
      metrics.gauge('smartreturns_replica_up', 'Whether a replica answers', isHeard(replica) ? 1 : 0, labels)
      const seconds = (lag ?? now() - (seen[0]?.atMs ?? now())) / 1000
      metrics.gauge('smartreturns_replica_lag_seconds', 'How old the answers of a replica may be', seconds, labels)
    }
  }
  /** Each by itself: one that hangs holds up no other. */
  const often = (work: () => Promise<void>) => {
    let isBusy = false
    return setInterval(() => {
      if (isBusy) return
      isBusy = true
      void work().finally(() => (isBusy = false))
    }, pollMs).unref()
  }
  const timers = [often(poll), ...replicas.map((replica) => often(() => listen(replica)))]

  const readerOf = (replica: Replica): Reader => ({
    db: replica.db,
    isGood: () => isHeard(replica),
    fail: (error) => fail(replica, error),
  })
  const isFit = (replica: Replica, lsn: bigint) => {
    const lag = lagMs(seen, replica.replayed, now())
    return isHeard(replica) && replica.replayed >= lsn && lag !== null && lag <= lagMaxMs
  }
  const choose = async (caller: string): Promise<Reader | null> => {
    if (now() < distrustedUntilMs || !replicas.some(isHeard)) return null
    const [row] = await primary.query<{ lsn: string | null; isKept: boolean | null }>(
      `select max(lsn)::text as lsn, bool_or(caller = '') as "isKept" from caller_writes where caller in ('', $1)`,
      [caller],
    )
    if (row!.isKept !== true) {
      // The table was emptied by a crash: who had written what is forgotten, so all count as having written everything.
      await primary.query(
        `insert into caller_writes (caller, lsn) values ('', pg_current_wal_insert_lsn()) on conflict do nothing`,
      )
      return null
    }
    const fit = replicas.filter((replica) => isFit(replica, lsnOf(row!.lsn!)))
    const chosen = fit[Math.floor(Math.random() * fit.length)]
    return chosen === undefined ? null : readerOf(chosen)
  }
  return {
    reading: async (caller, work) => {
      const reader = await inScopeOfAll(() => choose(caller)).catch(() => null)
      const to = reader === null ? 'primary' : 'replica'
      metrics.count('smartreturns_replica_choices_total', 'Reads that may be late, by who answers', { to })
      return readingFrom(reader, work)
    },
    wrote: async (caller) => {
      try {
        await inScopeOfAll(() =>
          primary.query(
            `insert into caller_writes (caller, lsn) values ($1, pg_current_wal_insert_lsn())
             on conflict (caller) do update set lsn = excluded.lsn`,
            [caller],
          ),
        )
      } catch (error) {
        distrustedUntilMs = now() + lagMaxMs
        log.warn({ err: error }, 'that a caller has written could not be noted; the primary answers all for a while')
      }
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(replicas.map(({ db }) => db.close()))
    },
  }
}
