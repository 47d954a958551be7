import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '#platform/db/port.ts'
import type { StoredEvent, Subscriber } from '#platform/events/port.ts'
import { openRelay } from '#platform/events/relay.ts'
import { openEventLog } from '#platform/events/store.ts'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import { cancelJob, createJob, readJob, runJob } from '#platform/jobs/store.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { testDatabase } from '../support/database.ts'
import { countingMetrics, silentLog } from '../support/fakes.ts'

const at = new Date('2026-11-20T06:00:00Z')

async function openLog(t: TestContext) {
  const db = await testDatabase(t, { asApplication: false, poolMax: 10 })
  await db.query('create table seen (seq bigint primary key, by text not null)')
  const log = openEventLog(db)
  const versions = new Map<string, number>()
  const append = (count: number, stream = 'thing-1') =>
    db.transaction(async (tx) => {
      const first = versions.get(stream) ?? 0
      versions.set(stream, first + count)
      await log.append(
        tx,
        Array.from({ length: count }, (_, i) => ({ stream, version: first + i + 1, type: 'Happened', data: { n: i } })),
        at,
      )
    })
  return { db, append }
}

function recorder(by: string, more: Partial<Subscriber> = {}): Subscriber {
  return {
    name: 'recorder',
    handle: async (tx, events) => {
      await tx.query('insert into seen (seq, by) select unnest($1::bigint[]), $2', [events.map((e) => e.seq), by])
    },
    ...more,
  }
}

async function until(check: () => Promise<boolean>, what: string, withinMs = 10_000): Promise<void> {
  const endMs = Date.now() + withinMs
  while (!(await check())) {
    if (Date.now() > endMs) assert.fail(`not within ${withinMs} ms: ${what}`)
    await pause(20)
  }
}

const seen = async (db: Database) =>
  (await db.query<{ seq: number }>('select seq from seen order by seq')).map((row) => row.seq)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
const contextOf = (db: Database) => ({ db, log: silentLog, metrics: countingMetrics(), now: () => at.getTime() + 5000 })

test('events are handed over in order, in batches, and the cursor goes with the effect', async (t) => {
  const { db, append } = await openLog(t)
  const batches: number[] = []
  const order: number[] = []
  const relay = openRelay(
    contextOf(db),
    [
      recorder('a', {
        handle: async (tx, events: readonly StoredEvent[]) => {
          batches.push(events.length)
          order.push(...events.map((e) => e.seq))
          await tx.query('insert into seen (seq, by) select unnest($1::bigint[]), $2', [events.map((e) => e.seq), 'a'])
        },
      }),
    ],
    { pollMs: 50, batchEvents: 10 },
  )
  await append(25)
  assert.deepEqual(await relay.lag(), [])
  relay.start()
  t.after(() => relay.stop())
  await until(async () => (await seen(db)).length === 25, 'all events')
  assert.deepEqual(batches, [10, 10, 5])
  await append(3)
  await until(async () => (await seen(db)).length === 28, 'news by polling')
  assert.deepEqual(order, upTo(28))
  const [cursor] = await db.query<{ seq: number }>("select seq from subscriptions where name = 'recorder'")
  assert.equal(cursor!.seq, 28)
  await relay.stop()
  await append(2)
  assert.deepEqual(await relay.lag(), [{ name: 'recorder', events: 2, seconds: 5 }])
})

test('waking spares the wait for the next poll', async (t) => {
  const { db, append } = await openLog(t)
  const relay = openRelay(contextOf(db), [recorder('a')], { pollMs: 60_000 })
  relay.start()
  t.after(() => relay.stop())
  await until(async () => (await db.query('select 1 from subscriptions')).length === 1, 'registered')
  await pause(100)
  await append(1)
  relay.wake()
  await until(async () => (await seen(db)).length === 1, 'woken', 5000)
})

test('a failing subscriber gets its batch again; nothing of a failed try stays and nothing is skipped', async (t) => {
  const { db, append } = await openLog(t)
  let tries = 0
  const failing: Subscriber = {
    name: 'recorder',
    handle: async (tx, events) => {
      await tx.query('insert into seen (seq, by) select unnest($1::bigint[]), $2', [events.map((e) => e.seq), 'a'])
      // The effect is written; the cursor is not.
      if (++tries <= 2) throw new Error('crashed between effect and cursor')
    },
  }
  const ctx = contextOf(db)
  const other: number[] = []
  const relay = openRelay(
    ctx,
    [failing, { name: 'other', handle: async (_tx, events) => void other.push(...events.map((e) => e.seq)) }],
    { pollMs: 50, backoffMaxMs: 100 },
  )
  await append(5)
  relay.start()
  t.after(() => relay.stop())
  await until(async () => (await seen(db)).length === 5, 'taken in the end')
  assert.equal(tries, 3)
  assert.deepEqual(await seen(db), upTo(5))
  assert.equal(ctx.metrics.counts.get('smartreturns_relay_failures_total'), 2)
  assert.deepEqual(other, upTo(5))
})

test('of several processes one serves a subscriber at a time, each event once', async (t) => {
  const { db, append } = await openLog(t)
  const relays = ['a', 'b', 'c'].map((by) => openRelay(contextOf(db), [recorder(by)], { pollMs: 20, batchEvents: 7 }))
  for (const relay of relays) relay.start()
  t.after(() => Promise.all(relays.map((relay) => relay.stop())))
  for (let i = 0; i < 20; i++) {
    await append(10, `thing-${i}`)
    relays[i % 3]!.wake()
  }
  await relays[0]!.stop()
  await append(10)
  await until(async () => (await seen(db)).length === 210, 'all events')
  assert.deepEqual(await seen(db), upTo(210))
})

test('it goes on when its connections were cut', async (t) => {
  const { db, append } = await openLog(t)
  const ctx = contextOf(db)
  const relay = openRelay(ctx, [recorder('a')], { pollMs: 10, backoffMaxMs: 100 })
  relay.start()
  t.after(() => relay.stop())
  for (let i = 0; i < 5; i++) {
    await append(10)
    await db.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await pause(50)
  }
  await until(async () => (await seen(db)).length === 50, 'all events')
  assert.deepEqual(await seen(db), upTo(50))
})

test('the queue runs jobs at least once, knows an id once, and tries a failed job again', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  const open = () =>
    openPgBoss({ connectionString: db.connectionString, log: silentLog, pollSeconds: 0.5, stopTimeoutMs: 2000 })
  const [one, two] = await Promise.all([open(), open()])
  t.after(() => Promise.all([one.close(), two.close()]))
  const ran: string[] = []
  let failures = 0
  await two.work('greet', async (input) => {
    if (input.name === 'unlucky' && failures++ === 0) throw new Error('once')
    ran.push(input.name as string)
  })
  const id = uuidv7(Date.now())
  await one.send('greet', { name: 'first' }, { id })
  await one.send('greet', { name: 'first' }, { id })
  await one.send('greet', { name: 'unlucky' })
  await one.schedule('greet', '0 3 * * *')
  await until(async () => ran.length === 2, 'both jobs', 20_000)
  assert.deepEqual(ran.toSorted(), ['first', 'unlucky'])
  const schedules = await db.query('select name, cron, timezone from pgboss.schedule')
  assert.deepEqual(schedules, [{ name: 'greet', cron: '0 3 * * *', timezone: 'UTC' }])
})

test('a job is followed, cancelled, repeated and given up', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  const ctx = { db, log: silentLog, now: () => at.getTime() }
  const scope = { actorId: 'u1', clientIds: null, seesAll: false }
  const make = () =>
    createJob(db, { id: uuidv7(Date.now()), kind: 'count', input: { to: 3 }, createdBy: 'u1', clientId: null, at })

  const done = await make()
  await runJob(ctx, done.id, async (input, run) => {
    await run.progress(2, 3)
    return { reached: input.to }
  })
  const read = await readJob(db, scope, done.id)
  assert.deepEqual([read.state, read.done, read.total, read.result], ['done', 2, 3, { reached: 3 }])
  await runJob(ctx, done.id, () => assert.fail('a finished job must not run again'))
  await assert.rejects(readJob(db, { ...scope, actorId: 'u2' }, done.id), { code: 'not_found' })

  const cancelled = await make()
  await runJob(ctx, cancelled.id, async (_input, run) => {
    await cancelJob(db, scope, cancelled.id, at)
    await run.progress(1, 3)
    return assert.fail('it was cancelled')
  })
  assert.equal((await readJob(db, scope, cancelled.id)).state, 'cancelled')
  const queued = await make()
  assert.equal((await cancelJob(db, scope, queued.id, at)).state, 'cancelled')

  const broken = await make()
  const fail = () => Promise.reject(new Error('secret detail'))
  for (let i = 0; i < 4; i++) await assert.rejects(runJob(ctx, broken.id, fail))
  await runJob(ctx, broken.id, fail)
  const given = await readJob(db, scope, broken.id)
  assert.equal(given.state, 'failed')
  assert.doesNotMatch(given.error!, /secret/)
})
