import { ensureAccess, type Access } from '#platform/db/access.ts'
import { connectToRunning, openEmbedded } from '#platform/db/embedded.ts'
import { migrate, pendingMigrations } from '#platform/db/migrate.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import type { Database } from '#platform/db/port.ts'
import type { Config } from './config.ts'

export type OpenedDatabase = {
  readonly db: Database
  readonly connectionString: string
  readonly place: string
  readonly applied: readonly string[]
  /** Whether requests run with the application's own role; null where the schema is not there yet. */
  readonly access: Access | null
}

const statementTimeoutMs = 30_000

function safePlace(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`
}

/** Connections with the rights of the login, for the schema alone: they close again when nobody needs them. */
const ownerPoolMax = 2

/**
 * Opens the database of this configuration and brings it to this program's schema. With `share`, a command joins the
 * embedded server that already runs on the data folder instead of owning one.
 */
export async function openDatabase(
  config: Config,
  options: { readonly share: boolean; readonly say: (line: string) => void; readonly onlyPlan?: boolean },
): Promise<OpenedDatabase> {
  const common = { poolMax: ownerPoolMax, applicationName: 'smartreturns', statementTimeoutMs }
  const running = options.share && config.DATABASE_URL === undefined ? connectToRunning(config.dataFolder) : null
  const address = config.DATABASE_URL ?? running
  if (address === null) {
    const embedded = await openEmbedded({ ...common, dataFolder: config.dataFolder, log: options.say })
    return opened(config, embedded, embedded.connectionString, embedded.clusterFolder, options)
  }
  const engine = running === null ? ('postgres' as const) : ('embedded' as const)
  const owner = openPostgres({ ...common, connectionString: address, engine })
  const place = running === null ? safePlace(address) : config.dataFolder
  // Who runs the embedded server has brought it to its schema.
  return opened(config, owner, address, place, running === null ? options : { ...options, onlyPlan: true })
}

/** The pool that the program works with, beside the owner's, which changes the schema first. */
async function opened(
  config: Config,
  owner: Database,
  connectionString: string,
  place: string,
  options: { readonly onlyPlan?: boolean },
): Promise<OpenedDatabase> {
  try {
    const applied =
      options.onlyPlan === true
        ? []
        : (await migrate(owner, config.migrationsFolder)).map((migration) => migration.name)
    const isCurrent = (await pendingMigrations(owner, config.migrationsFolder)).length === 0
    const access = isCurrent ? await ensureAccess(owner) : null
    const db = openPostgres({
      connectionString,
      engine: owner.engine,
      poolMax: config.SMARTRETURNS_DATABASE_POOL,
      applicationName: 'smartreturns',
      statementTimeoutMs,
      asApplication: access?.isEnforced === true,
    })
    const close = async () => {
      await db.close()
      await owner.close()
    }
    return { db: { ...db, owner, close }, connectionString, place, applied, access }
  } catch (error) {
    await owner.close()
    throw error
  }
}
