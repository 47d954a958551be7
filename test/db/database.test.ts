import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#kernel/errors.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { textArray } from '#kernel/text-array.ts'
import type { Transaction } from '#platform/db/port.ts'
import { testDatabase } from '../support/database.ts'

const failsWith = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

test('rows come as plain values', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  const [row] = await db.query(
    `select 9007199254740991::bigint as seq, 12.50::numeric as share, date '2026-03-01' as day, '{"a":[1]}'::jsonb as data,
       timestamptz '2026-03-01 05:30+05:30' as at, array[1::bigint, null] as list, array[date '2026-03-01'] as days`,
  )
  assert.deepEqual(row, {
    seq: 9007199254740991,
    share: 12.5,
    day: '2026-03-01',
    data: { a: [1] },
    at: new Date('2026-03-01T00:00:00Z'),
    list: [1, null],
    days: ['2026-03-01'],
  })
  await assert.rejects(db.query(`select 9007199254740993::bigint as seq`), /beyond 2\^53/)
  assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
})

test('texts go as one binary parameter, whatever is in them', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  const texts = ['', 'plain', '{"a":"b\\\\c"}', 'NULL', 'ₐ हिन्दी 🙂', '{},"', 'x'.repeat(70_000)]
  for (const given of [texts, [], ['']]) {
    const [row] = await db.query<{ texts: string[] }>({
      text: 'select $1::text[] as texts',
      values: [textArray(given)],
    })
    assert.deepEqual(row!.texts, given)
  }
})

test('a named statement is prepared once on a connection', async (t) => {
  const db = await testDatabase(t, { asApplication: false, poolMax: 1 })
  for (const n of [1, 2, 3]) {
    assert.deepEqual(await db.query({ name: 'twice', text: 'select $1::int * 2 as n', values: [n] }), [{ n: n * 2 }])
  }
  const rows = await db.query(`select name from pg_prepared_statements where name = 'twice'`)
  assert.equal(rows.length, 1)
})

test('a look-up keeps a plan that walks indexes', async (t) => {
  const db = await testDatabase(t, { asApplication: false, poolMax: 1 })
  await db.query('create table kept (id int primary key)')
  const find = (id: number) =>
    db.lookup({ name: 'find_kept', text: 'select id from kept where id = any($1::int[])', values: [[id]] })
  assert.deepEqual(await find(7), [])
  await db.query('insert into kept select n from generate_series(1, 10000) n')
  for (const n of [1, 2, 3]) assert.deepEqual(await find(n), [{ id: n }])
  await db.lookup({ name: 'flush', text: 'select pg_stat_force_next_flush()' })
  const stat = await db.query(`select idx_scan as finds from pg_stat_user_tables where relname = 'kept'`)
  assert.deepEqual(stat, [{ finds: 4 }])
})

test('a plan that was made while a table was small is not kept when it has grown', async (t) => {
  const db = await testDatabase(t, { asApplication: false, poolMax: 1 })
  // As wide as the table of returns: so few rows seem to fit into a small one that any index looks as good as another.
  const wide = Array.from({ length: 60 }, (_, i) => `c${i} text default '${'x'.repeat(30)}'`).join(', ')
  await db.query(
    `create table grown (owner int, ref text, at int, ${wide}, unique (owner, ref)) with (autovacuum_enabled = off)`,
  )
  await db.query('create index grown_newest on grown (owner, at)')
  const find = (ref: string) =>
    db.lookup({
      name: 'find_grown',
      text: `select g.at from unnest($1::int[], $2::text[]) as q (owner, ref)
        left join grown g on g.owner = q.owner and g.ref = q.ref`,
      values: [[1], [ref.padStart(60, 'a')]],
    })
  const rowsRead = async (): Promise<number> => {
    await db.lookup({ name: 'flush', text: 'select pg_stat_force_next_flush()' })
    await db.lookup({ name: 'flush', text: 'select pg_stat_force_next_flush()' })
    const [row] = await db.query<{ n: number }>(
      `select sum(pg_stat_get_tuples_fetched(indexrelid) + pg_stat_get_tuples_returned(indexrelid))::bigint as n
       from pg_index where indrelid = 'grown'::regclass`,
    )
    return row!.n
  }
  const grow = (from: number, to: number) =>
    db.query(
      `insert into grown (owner, ref, at) select 1, lpad(n::text, 60, 'a'), n from generate_series(${from}, ${to}) n`,
    )
  // An index that gets its second level has plans made anew; the next time is some ten thousand rows later.
  await grow(1, 200)
  assert.deepEqual(await find('1'), [{ at: 1 }])
  await grow(201, 5000)
  // Which index the first plan takes is the planner's affair; a second later there must be a plan that reads one row.
  await sleep(1100)
  await find('2')
  const before = await rowsRead()
  for (const n of [4997, 4998, 4999]) assert.deepEqual(await find(String(n)), [{ at: n }])
  const read = (await rowsRead()) - before
  assert.ok(read < 100, `3 look-ups read ${read} rows`)
})

test('what is written at once is all or nothing, the last statement last', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  await db.query('create table kept (id int primary key, of int references kept)')
  await db.query('create table seen (n int)')
  const insert = (name: string, id: number, of: number | null) => ({
    name,
    text: 'insert into kept (id, of) values ($1, $2)',
    values: [id, of],
  })
  const last = { name: 'see', text: 'insert into seen select $1::int', values: [5] }
  const counted = { name: 'count', text: 'select nextval($1::regclass)', values: ['counter'] }
  await db.query('create sequence counter')
  await db.atOnce([insert('a', 2, 1), insert('b', 1, null)], counted)
  assert.deepEqual(await db.query('select id, of from kept order by id'), [
    { id: 1, of: null },
    { id: 2, of: 1 },
  ])
  await assert.rejects(db.atOnce([insert('a', 3, null), insert('b', 1, null)], counted), { code: '23505' })
  await assert.rejects(db.atOnce([insert('a', 3, null), insert('b', 4, 9)], counted), { code: '23503' })
  assert.equal((await db.query('select 1 from kept')).length, 2)
  // It did not begin where a write failed, and foreign keys are looked at in the end.
  assert.deepEqual(await db.query('select last_value as n from counter'), [{ n: 2 }])
  await assert.rejects(db.atOnce([{ text: 'delete from kept' }], last), /only named/)
})

test('a transaction is all or nothing', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  await db.query('create table kept (id int primary key)')
  const failing = db.transaction(async (tx) => {
    await tx.query('insert into kept values (1)')
    throw new Error('no')
  })
  await assert.rejects(failing, /^Error: no$/)
  assert.deepEqual(await db.query('select * from kept'), [])
  assert.equal(
    await db.transaction(async (tx) => (await tx.query('insert into kept values (2) returning id')).length),
    1,
  )
  const swallowed = db.transaction(async (tx) => {
    await tx.query('insert into kept values (3)')
    await assert.rejects(tx.query('insert into kept values (3)'), { code: '23505' })
  })
  await assert.rejects(swallowed, /failed unnoticed/)
  assert.deepEqual(await db.query('select * from kept'), [{ id: 2 }])
})

test('a transaction that has ended takes no statement', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  let kept: Transaction | undefined
  await db.transaction(async (tx) => {
    kept = tx
    await tx.query('select 1')
  })
  await assert.rejects(async () => kept?.query('select 1'), /has ended/)
})

test('a transaction for reading writes nothing', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  const writing = db.transaction((tx) => tx.query('create table no ()'), { readOnly: true })
  await assert.rejects(writing, { code: '25006' })
})

test('of two transactions in a deadlock both get through', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  await db.query('create table counters (id int primary key, n int not null)')
  await db.query('insert into counters values (1, 0), (2, 0)')
  let tries = 0
  const { promise: bothHold, resolve: release } = Promise.withResolvers<void>()
  const cross = (first: number, second: number) =>
    db.transaction(async (tx) => {
      tries++
      await tx.query('update counters set n = n + 1 where id = $1', [first])
      if (tries === 2) release()
      await bothHold
      await tx.query('update counters set n = n + 1 where id = $1', [second])
    })
  await Promise.all([cross(1, 2), cross(2, 1)])
  assert.equal(tries, 3)
  assert.deepEqual(await db.query('select n from counters order by id'), [{ n: 2 }, { n: 2 }])
})

test('a deadlock without retries left is a conflict', async (t) => {
  const db = await testDatabase(t, { asApplication: false })
  const failing = db.transaction(
    (tx) => tx.query(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`),
    { retries: 1 },
  )
  await assert.rejects(failing, failsWith('conflict'))
})

test('an exhausted pool refuses within its limit and serves again', async (t) => {
  const { connectionString } = await testDatabase(t, { asApplication: false })
  const db = openPostgres({
    connectionString,
    poolMax: 1,
    applicationName: 'small',
    engine: 'postgres',
    statementTimeoutMs: 10_000,
  })
  t.after(() => db.close())
  await db.query('select 1')
  const slow = db.query('select pg_sleep(2)')
  const startedAt = performance.now()
  await assert.rejects(db.query('select 1'), failsWith('unavailable'))
  assert.ok(performance.now() - startedAt < 1_500)
  await slow
  assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
})

test('a statement that takes too long is ended', async (t) => {
  const db = await testDatabase(t, { asApplication: false, statementTimeoutMs: 200 })
  await assert.rejects(db.query('select pg_sleep(20)'), failsWith('unavailable'))
  const patient = await db.transaction((tx) => tx.query('select pg_sleep(0.4) is not null as ok'), {
    statementTimeoutMs: 5_000,
  })
  assert.deepEqual(patient, [{ ok: true }])
})

test('a connection that is ended by the server is replaced', async (t) => {
  const db = await testDatabase(t, { asApplication: false, poolMax: 1 })
  const killed = db.transaction(async (tx) => {
    await tx.query('select pg_terminate_backend(pg_backend_pid())')
  })
  await assert.rejects(killed, failsWith('unavailable'))
  assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
})

test('a server without durability is refused', async (t) => {
  const { connectionString } = await testDatabase(t, { asApplication: false })
  const address = `${connectionString}${connectionString.includes('?') ? '&' : '?'}options=-csynchronous_commit%3Doff`
  const db = openPostgres({
    connectionString: address,
    poolMax: 1,
    applicationName: 'unsafe',
    engine: 'postgres',
    statementTimeoutMs: 1_000,
  })
  t.after(() => db.close())
  await assert.rejects(
    db.query('select 1'),
    (error) => error instanceof AppError && error.problem === 'database_not_durable',
  )
})

test('a long answer is streamed in batches', async (t) => {
  const db = await testDatabase(t, { asApplication: false, poolMax: 1 })
  const sizes: number[] = []
  for await (const rows of db.stream<{ n: number }>('select generate_series(1, $1::int) as n', [25], 10)) {
    sizes.push(rows.length)
  }
  assert.deepEqual(sizes, [10, 10, 5])
  for await (const rows of db.stream('select generate_series(1, 1000) as n', [], 1)) {
    assert.equal(rows.length, 1)
    break
  }
  // The one connection came back, also from the stream that was left early.
  assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
  await assert.rejects(
    async () => {
      for await (const rows of db.stream('select 1 / $1::int as n', [0], 1)) assert.ok(rows)
    },
    { code: '22012' },
  )
})
