import { connectToRunning, openEmbedded } from '#platform/db/embedded.ts'
import { migrate } from '#platform/db/migrate.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import type { Database } from '#platform/db/port.ts'
import type { Config } from './config.ts'

export type OpenedDatabase = {
  readonly db: Database
  readonly connectionString: string
  readonly place: string
  readonly applied: readonly string[]
}

const statementTimeoutMs = 30_000

function safePlace(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`
}

/**
 * Opens the database of this configuration and brings it to this program's schema. With `share`, a command joins the
 * embedded server that already runs on the data folder instead of owning one.
 */
export async function openDatabase(
  config: Config,
  options: { readonly share: boolean; readonly say: (line: string) => void; readonly onlyPlan?: boolean },
): Promise<OpenedDatabase> {
  const common = { poolMax: config.SMARTRETURNS_DATABASE_POOL, applicationName: 'smartreturns', statementTimeoutMs }
  if (config.DATABASE_URL !== undefined) {
    const db = openPostgres({ ...common, connectionString: config.DATABASE_URL, engine: 'postgres' })
    return {
      db,
      connectionString: config.DATABASE_URL,
      place: safePlace(config.DATABASE_URL),
      applied: options.onlyPlan === true ? [] : await migrated(db, config),
    }
  }
  const running = options.share ? connectToRunning(config.dataFolder) : null
  if (running !== null) {
    const db = openPostgres({ ...common, connectionString: running, engine: 'embedded' })
    return { db, connectionString: running, place: config.dataFolder, applied: [] }
  }
  const embedded = await openEmbedded({ ...common, dataFolder: config.dataFolder, log: options.say })
  return {
    db: embedded,
    connectionString: embedded.connectionString,
    place: embedded.clusterFolder,
    applied: options.onlyPlan === true ? [] : await migrated(embedded, config),
  }
}

async function migrated(db: Database, config: Config): Promise<string[]> {
  try {
    const applied = await migrate(db, config.migrationsFolder)
    return applied.map((migration) => migration.name)
  } catch (error) {
    await db.close()
    throw error
  }
}
