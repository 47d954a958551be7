import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { narrowGrants, notForBound, rowRules, ruleFunctions } from '#platform/db/access-rules.ts'
import { ensureAccess } from '#platform/db/access.ts'
import { migrate, readMigrations } from '#platform/db/migrate.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import type { Database } from '#platform/db/port.ts'
import { openTestServer, type TestServer } from './database-server.ts'

/** `owner` has the rights of a superuser: for what a test does behind the program's back. */
export type TestDatabase = Database & { readonly connectionString: string; readonly owner: Database }

type Setup = { readonly poolMax?: number; readonly statementTimeoutMs?: number; readonly asApplication?: boolean }

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'db', 'migrations')
const TEMPLATE_LOCK = 7_301_946
const ABANDONED_MS = 3_600_000
// The machine is busy with other test files: patience, not the product's limit of one second.
const ACQUIRE_TIMEOUT_MS = 20_000

let ownServer: Promise<TestServer> | undefined
let template: Promise<string> | undefined

after(async () => {
  if (ownServer) await (await ownServer).close()
})

/** A fresh database with all migrations, dropped when the test (or suite) ends. */
export async function testDatabase(t: Pick<TestContext, 'after'>, setup: Setup = {}): Promise<TestDatabase> {
  const server = await serverAddress()
  const source = await (template ??= buildTemplate(server, MIGRATIONS))
  const name = newName('srtest')
  await administer(server, (admin) => admin.query(`create database "${name}" template "${source}" ${strategy()}`))
  const connectionString = withDatabase(server, name)
  const db = open(connectionString, { asApplication: true, ...setup })
  const owner = open(connectionString, { ...setup, poolMax: 2, asApplication: false })
  t.after(async () => {
    await db.close()
    await owner.close()
    await administer(server, (admin) => admin.query(`drop database if exists "${name}" with (force)`))
  })
  return { ...db, connectionString, owner }
}

/** On our server in memory a copy of files takes 13 ms, through the WAL 95 ms; on a disk the WAL's way waits for less. */
function strategy(): string {
  return process.env['DATABASE_URL'] ? '' : 'strategy file_copy'
}

/** The server named by DATABASE_URL, else the one of this run, else (a test file run by hand) one of our own. */
export async function serverAddress(): Promise<string> {
  const named = process.env['DATABASE_URL'] ?? process.env['TEST_DATABASE_URL']
  if (named) return named
  ownServer ??= openTestServer()
  return (await ownServer).connectionString
}

/** One migrated database for all copies, named after its migrations. Who comes first makes it, the others wait. */
export async function buildTemplate(server: string, migrations: string): Promise<string> {
  const sums = (await readMigrations(migrations)).map((migration) => migration.checksum)
  const rules = JSON.stringify([rowRules, narrowGrants, notForBound, ruleFunctions])
  const hash = createHash('sha256')
    .update(sums.join() + rules)
    .digest('hex')
    .slice(0, 12)
  const name = `srtemplate_${hash}`
  await administer(server, async (admin) => {
    if (await exists(admin, name)) return
    // On the one connection of this pool: the lock ends with it.
    await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    if (await exists(admin, name)) return
    await dropAbandoned(admin)
    const draft = newName('srdraft')
    await admin.query(`create database "${draft}"`)
    const db = open(withDatabase(server, draft), { poolMax: 1 })
    try {
      await migrate(db, migrations)
      if (migrations === MIGRATIONS) await ensureAccess(db)
    } finally {
      await db.close()
    }
    await admin.query(`alter database "${draft}" rename to "${name}"`)
  })
  return name
}

async function exists(admin: Database, name: string): Promise<boolean> {
  const rows = await admin.query('select 1 from pg_database where datname = $1', [name])
  return rows.length > 0
}

/** Copies and drafts of runs that were killed; a name tells when it was made. */
async function dropAbandoned(admin: Database): Promise<void> {
  const rows = await admin.query<{ name: string }>(
    `select datname as name from pg_database where datname like 'srtest\\_%' or datname like 'srdraft\\_%'`,
  )
  for (const { name } of rows) {
    const madeAt = Number.parseInt(name.split('_')[1] ?? '', 36)
    if (Date.now() - madeAt > ABANDONED_MS) await admin.query(`drop database if exists "${name}" with (force)`)
  }
}

function newName(kind: string): string {
  return `${kind}_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
}

async function administer<T>(server: string, work: (admin: Database) => Promise<T>): Promise<T> {
  const admin = open(server, { poolMax: 1, statementTimeoutMs: 120_000 })
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

function open(connectionString: string, setup: Setup): Database {
  return openPostgres({
    connectionString,
    poolMax: setup.poolMax ?? 6,
    applicationName: 'test',
    engine: process.env['DATABASE_URL'] ? 'postgres' : 'embedded',
    statementTimeoutMs: setup.statementTimeoutMs ?? 30_000,
    acquireTimeoutMs: ACQUIRE_TIMEOUT_MS,
    asApplication: setup.asApplication ?? false,
  })
}

function withDatabase(server: string, name: string): string {
  const [base = '', query] = server.split('?', 2)
  const address = base.replace(/\/[^/]*$/, `/${name}`)
  return query === undefined ? address : `${address}?${query}`
}
