import { openPostgres } from '#platform/db/postgres.ts'
import type { Database, ReadChoice } from '#platform/db/port.ts'
import { withReaders } from '#platform/db/reads.ts'
import { openReplicas } from '#platform/db/replicas.ts'
import type { Log, Metrics } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'
import type { OpenedDatabase } from './open-database.ts'

// Shorter than at the primary, which answers when a replica does not.
const statementTimeoutMs = 5_000

type Settings = Pick<
  Config,
  'DATABASE_REPLICA_URLS' | 'SMARTRETURNS_REPLICA_LAG_SECONDS' | 'SMARTRETURNS_DATABASE_POOL'
>

export function replicaPlace(url: string): string {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port === '' ? '5432' : port}`
}

/** The database as the program reads it: where replicas are set, requests may read from them. */
export function openReads(
  config: Settings,
  { db, access }: Pick<OpenedDatabase, 'db' | 'access'>,
  { log, metrics, now }: { readonly log: Log; readonly metrics: Metrics; readonly now: () => number },
): { readonly db: Database; readonly reads: ReadChoice | null; readonly close: () => Promise<void> } {
  if (config.DATABASE_REPLICA_URLS.length === 0) return { db, reads: null, close: () => Promise.resolve() }
  const replicas = config.DATABASE_REPLICA_URLS.map((connectionString) => ({
    place: replicaPlace(connectionString),
    db: openPostgres({
      connectionString,
      engine: 'postgres',
      poolMax: config.SMARTRETURNS_DATABASE_POOL,
      applicationName: 'smartreturns-reads',
      statementTimeoutMs,
      asApplication: access?.isEnforced === true,
    }),
  }))
  const lagMaxMs = config.SMARTRETURNS_REPLICA_LAG_SECONDS * 1000
  const reads = openReplicas({ primary: db, replicas, lagMaxMs, log, metrics, now })
  return { db: withReaders(db), reads, close: reads.close }
}
