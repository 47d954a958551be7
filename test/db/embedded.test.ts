import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '#kernel/errors.ts'
import { connectToRunning, openEmbedded, type EmbeddedDatabase } from '#platform/db/embedded.ts'
import { openPostgres } from '#platform/db/postgres.ts'

const HEAL_MS = 5_000

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-'))
  // For root the server runs under another account, which must get in.
  chmodSync(folder, 0o755)
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}

async function openIn(t: TestContext, dataFolder: string): Promise<EmbeddedDatabase> {
  const db = await openEmbedded({
    dataFolder,
    poolMax: 4,
    applicationName: 'test',
    statementTimeoutMs: 5_000,
  })
  t.after(() => db.close())
  return db
}

async function isServing(db: EmbeddedDatabase): Promise<boolean> {
  try {
    await db.query('select 1')
    return true
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === 'unavailable', String(error))
    assert.ok([1, 2].includes(error.retryAfterSeconds ?? 0))
    return false
  }
}

/** Starts a program that writes rows, and kills it when it has acknowledged enough of them; answers the last one. */
async function writeAndDie(dataFolder: string, rows: number): Promise<{ last: number; tookMs: number }> {
  const startedAt = performance.now()
  const script = join(import.meta.dirname, '..', 'support', 'database-owner.ts')
  const child = spawn(process.execPath, [script, dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let count = 0
  let last = 0
  let tookMs = 0
  for await (const line of createInterface(child.stdout)) {
    if (count === 0) tookMs = performance.now() - startedAt
    last = Number(line)
    if (++count === rows) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { last, tookMs }
}

test('what was written is there after a stop and a new start', async (t) => {
  const folder = newFolder(t)
  const first = await openEmbedded({
    dataFolder: folder,
    poolMax: 2,
    applicationName: 'test',
    statementTimeoutMs: 5_000,
  })
  await first.query('create table kept as select 1 as id')
  await first.close()
  assert.equal(connectToRunning(folder), null)
  const db = await openIn(t, folder)
  assert.deepEqual(await db.query('select id from kept'), [{ id: 1 }])
  const [settings] = await db.query(
    `select getdatabaseencoding() as encoding, current_setting('timezone') as zone, current_setting('listen_addresses') as network`,
  )
  assert.deepEqual(settings, { encoding: 'UTF8', zone: 'UTC', network: '' })
})

test('one process owns a data folder, others connect to its server', async (t) => {
  const folder = newFolder(t)
  const db = await openIn(t, folder)
  await assert.rejects(openIn(t, folder), (error) => {
    assert.ok(error instanceof AppError && error.code === 'conflict')
    return error.message.includes(folder) && error.message.includes(`process ${process.pid}`)
  })
  assert.ok(await isServing(db))
  const connectionString = connectToRunning(folder)
  assert.ok(connectionString)
  const other = openPostgres({
    connectionString,
    poolMax: 1,
    applicationName: 'cli',
    engine: 'embedded',
    statementTimeoutMs: 5_000,
  })
  assert.deepEqual(await other.query('select current_database() as name'), [{ name: 'smartreturns' }])
  await other.close()
  assert.equal(statSync(join(folder, 'server.json')).mode & 0o777, 0o600)
  const wrong = openPostgres({
    connectionString: connectionString.replace(/:[^:@/]+@/, ':wrong@'),
    poolMax: 1,
    applicationName: 'cli',
    engine: 'embedded',
    statementTimeoutMs: 5_000,
  })
  await assert.rejects(wrong.query('select 1'), { code: '28P01' })
  await wrong.close()
})

test('a server that is killed is started again, and the pool heals', async (t) => {
  const db = await openIn(t, newFolder(t))
  await db.query('create table kept (id int)')
  const held = db.transaction(async (tx) => {
    await tx.query('insert into kept values (0)')
    await tx.query('select pg_sleep(3)')
  })
  const outcome = assert.rejects(held, (error) => error instanceof AppError && error.code === 'unavailable')
  await db.query('insert into kept values (1)')
  for (let round = 0; round < 3; round++) {
    const pid = db.serverPid()
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    const killedAt = performance.now()
    while (db.serverPid() === pid || !(await isServing(db))) {
      assert.ok(performance.now() - killedAt < HEAL_MS, 'the pool does not heal')
      await pause(20)
    }
    t.diagnostic(`healed in ${Math.round(performance.now() - killedAt)} ms`)
  }
  await outcome
  assert.deepEqual(await db.query('select id from kept'), [{ id: 1 }])
})

test('kill -9 of the owner loses no acknowledged row and does not stand in the way', async (t) => {
  const folder = newFolder(t)
  for (const rows of [1, 40, 150]) {
    const { last, tookMs } = await writeAndDie(folder, rows)
    t.diagnostic(`started in ${Math.round(tookMs)} ms, killed after row ${last}`)
    assert.equal(connectToRunning(folder), null)
    const db = await openEmbedded({
      dataFolder: folder,
      poolMax: 2,
      applicationName: 'test',
      statementTimeoutMs: 5_000,
    })
    const [found] = await db.query<{ count: number; max: number }>(
      'select count(*) as count, max(id) as max from written',
    )
    await db.close()
    assert.ok((found?.max ?? 0) >= last, `acknowledged ${last}, found ${found?.max}`)
    assert.equal(found?.count, found?.max)
  }
})

test(
  'a folder of root that no one else can enter',
  { skip: process.getuid?.() !== 0 && 'only for root' },
  async (t) => {
    const folder = newFolder(t)
    chmodSync(dirname(folder), 0o700)
    const settings = { dataFolder: folder, poolMax: 2, applicationName: 'test', statementTimeoutMs: 5_000 }
    const first = await openEmbedded(settings)
    const home = dirname(first.clusterFolder)
    t.after(() => rmSync(home, { recursive: true, force: true }))
    assert.ok(!home.startsWith(folder))
    await first.query('create table kept as select 1 as id')
    await first.close()
    // Easier permissions later must not make the program look elsewhere.
    chmodSync(dirname(folder), 0o755)
    const db = await openEmbedded(settings)
    assert.equal(dirname(db.clusterFolder), home)
    assert.deepEqual(await db.query('select id from kept'), [{ id: 1 }])
    // A copy of the data folder names the same place: it has one owner all the same.
    const copy = `${folder}-copy`
    cpSync(folder, copy, { recursive: true })
    await assert.rejects(openEmbedded({ ...settings, dataFolder: copy }), { problem: 'data_folder_in_use' })
    await db.close()
  },
)
