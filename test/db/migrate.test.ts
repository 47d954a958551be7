import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { migrate, pendingMigrations } from '#platform/db/migrate.ts'
import { testDatabase } from '../support/database.ts'

async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql)
  return folder
}

/** A fresh copy has the product's migrations; these tests bring their own. */
async function emptyDatabase(t: TestContext) {
  const db = await testDatabase(t, { asApplication: false })
  await db.query('drop table schema_migrations')
  return db
}

const one = { '0001_first.sql': 'create table first_table (id int); insert into first_table values (1);' }

test('migrations are applied in order, once', async (t) => {
  const db = await emptyDatabase(t)
  const folder = await folderOf(t, {
    ...one,
    '0002_second.sql': 'alter table first_table add column name text',
  })
  assert.deepEqual(
    (await pendingMigrations(db, folder)).map((migration) => migration.name),
    ['first', 'second'],
  )
  assert.deepEqual(
    (await migrate(db, folder)).map((migration) => migration.id),
    [1, 2],
  )
  assert.deepEqual(await migrate(db, folder), [])
  assert.deepEqual(await db.query('select id, name from first_table'), [{ id: 1, name: null }])
})

test('runners that start together apply each migration once', async (t) => {
  const db = await emptyDatabase(t)
  const folder = await folderOf(t, {
    '0001_first.sql': `${one['0001_first.sql']} select pg_sleep(0.3)`,
    '0002_b.sql': 'create table b ()',
  })
  const runs = await Promise.all([1, 2, 3].map(() => migrate(db, folder)))
  assert.deepEqual(
    runs
      .flat()
      .map((migration) => migration.id)
      .toSorted((a, b) => a - b),
    [1, 2],
  )
  assert.deepEqual(await db.query('select id from first_table'), [{ id: 1 }])
})

test('a migration that fails leaves nothing and names its line', async (t) => {
  const db = await emptyDatabase(t)
  const folder = await folderOf(t, { ...one, '0002_bad.sql': 'create table half ();\nselect nothing;' })
  await assert.rejects(migrate(db, folder), /migration 2 \(bad\), line 2, failed/)
  assert.deepEqual(
    await db.query(`select to_regclass('half') as half, to_regclass('first_table') is not null as kept`),
    [{ half: null, kept: true }],
  )
  assert.deepEqual(
    (await pendingMigrations(db, folder)).map((migration) => migration.id),
    [2],
  )
})

test('files and database that contradict each other are refused', async (t) => {
  const db = await emptyDatabase(t)
  await migrate(db, await folderOf(t, { ...one, '0003_third.sql': 'select 3' }))
  const cases = [
    [{ ...one, '0003_third.sql': 'select 33' }, 'migration_changed'],
    [one, 'schema_newer'],
    [{ '0003_third.sql': 'select 3' }, 'migration_missing'],
    [{ ...one, '0002_late.sql': 'select 2', '0003_third.sql': 'select 3' }, 'migration_out_of_order'],
  ] as const
  for (const [files, problem] of cases) {
    await assert.rejects(migrate(db, await folderOf(t, files)), { problem })
  }
})
