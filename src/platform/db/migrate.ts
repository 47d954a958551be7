import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import type { Database, Queryable } from './port.ts'

export type Migration = {
  readonly id: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

export type AppliedMigration = { readonly id: number; readonly name: string; readonly tookMs: number }

type AppliedRow = { id: number; name: string; checksum: string }

const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/
const LOCK_TIMEOUT = '5s'
const STATEMENT_TIMEOUT_MS = 600_000
// Any constant: two runners that make the table of migrations at once meet here.
const MIGRATION_LOCK = 7_301_945

/** The numbered files of a folder, in order. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  const migrations = await Promise.all(names.map((name) => readMigration(folder, name)))
  for (const [index, migration] of migrations.entries()) {
    if (index > 0 && migrations[index - 1]?.id === migration.id) {
      throw new Error(`two migrations have the number ${migration.id}`)
    }
  }
  return migrations
}

/** What `migrate` would do, without doing it. Throws when the database and the files contradict each other. */
export async function pendingMigrations(db: Queryable, folder: string): Promise<Migration[]> {
  const migrations = await readMigrations(folder)
  return pendingOf(migrations, await readApplied(db))
}

/** Applies what is pending, each file in one transaction of its own, and answers what this call applied. */
export async function migrate(db: Database, folder: string): Promise<AppliedMigration[]> {
  const pending = await pendingMigrations(db, folder)
  if (pending.length > 0) await createTable(db)
  const applied: AppliedMigration[] = []
  for (const migration of pending) {
    const startedAt = performance.now()
    const isOurs = await applyMigration(db, migration).catch((error: unknown) => {
      throw error instanceof AppError ? error : failed(migration, error)
    })
    if (!isOurs) continue
    applied.push({
      id: migration.id,
      name: migration.name,
      tookMs: Math.round(performance.now() - startedAt),
    })
  }
  return applied
}

/** `false` when another runner applied it meanwhile: its row, inserted first, is what the two meet at. */
async function applyMigration(db: Database, migration: Migration): Promise<boolean> {
  return db.transaction(
    async (tx) => {
      await tx.query('set local lock_timeout = 0')
      const inserted = await tx.query(
        `insert into schema_migrations (id, name, checksum) values ($1, $2, $3)
         on conflict (id) do nothing returning id`,
        [migration.id, migration.name, migration.checksum],
      )
      if (inserted.length === 0) return false
      await tx.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`)
      await tx.query(migration.sql)
      return true
    },
    { statementTimeoutMs: STATEMENT_TIMEOUT_MS },
  )
}

function failed(migration: Migration, error: unknown): Error {
  const line = positionOf(migration.sql, error)
  return new Error(`migration ${migration.id} (${migration.name})${line} failed: ${String(error)}`, {
    cause: error,
  })
}

function positionOf(sql: string, error: unknown): string {
  const position = error instanceof Error && 'position' in error ? Number(error.position) : Number.NaN
  return Number.isInteger(position) ? `, line ${sql.slice(0, position).split('\n').length},` : ''
}

async function createTable(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await tx.query(
      `create table if not exists schema_migrations (
         id int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`,
    )
  })
}

async function readApplied(db: Queryable): Promise<AppliedRow[]> {
  const [table] = await db.query<{ exists: boolean }>(`select to_regclass('schema_migrations') is not null as "exists"`)
  if (!table?.exists) return []
  return db.query<AppliedRow>('select id, name, checksum from schema_migrations order by id')
}

function pendingOf(migrations: readonly Migration[], applied: readonly AppliedRow[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.id, migration]))
  const newest = migrations.at(-1)?.id ?? 0
  for (const row of applied) {
    const migration = known.get(row.id)
    if (row.id > newest) {
      throw contradiction(
        'schema_newer',
        `the database has migration ${row.id} (${row.name}), this program knows ${newest}: run the newer program`,
      )
    }
    if (!migration) {
      throw contradiction(
        'migration_missing',
        `the database has migration ${row.id} (${row.name}), this program has no such file`,
      )
    }
    if (migration.checksum !== row.checksum) {
      throw contradiction(
        'migration_changed',
        `migration ${row.id} (${row.name}) was changed after it had been applied`,
      )
    }
  }
  const last = applied.at(-1)?.id ?? 0
  const done = new Set(applied.map((row) => row.id))
  const pending = migrations.filter((migration) => !done.has(migration.id))
  const early = pending.find((migration) => migration.id < last)
  if (early) {
    throw contradiction(
      'migration_out_of_order',
      `migration ${early.id} (${early.name}) is not applied, but ${last} is: give it a higher number`,
    )
  }
  return pending
}

function contradiction(problem: string, detail: string): AppError {
  return new AppError('conflict', detail, { problem })
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const match = FILE.exec(file)
  if (!match) throw new Error(`not a migration's name (NNNN_name.sql): ${file}`)
  const sql = await readFile(join(folder, file), 'utf8')
  return {
    id: Number(match[1]),
    name: match[2] ?? '',
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
  }
}
