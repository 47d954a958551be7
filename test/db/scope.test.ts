import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { narrowGrants, rowRules, withoutRule } from '#platform/db/access-rules.ts'
import { ensureAccess } from '#platform/db/access.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { inScope, inScopeOfAll, type Bounds } from '#platform/db/scope.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import { listHubs, readHub } from '#services/hubs/index.ts'
import { readQuality } from '#services/quality/index.ts'
import {
  listClients,
  listPendingWorkflows,
  listReturns,
  readClient,
  readReturn,
  readReturnByLabel,
  readTimeline,
  readWorkflow,
} from '#services/returns/index.ts'
import type { ListQuery } from '#contracts/lists.ts'
import type { Actor } from '#context.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { testDatabase } from '../support/database.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'

/** Two clients with a hub each, and a unit of each at its hub; one of the first that no hub holds. */
async function givenTenants(t: TestContext) {
  const ctx = await openTestContext(t)
  const clients = [await givenClient(ctx, 'acme'), await givenClient(ctx, 'other')] as const
  const hubs = [
    await givenHub(ctx, { code: 'BLR-1', clientIds: [clients[0]] }),
    await givenHub(ctx, { code: 'DEL-1', pincode: '110001', clientIds: [clients[1]] }),
  ] as const
  const answers = await submitReturns(
    ctx,
    clients.map((id) => command(submission(id))),
  )
  const ids = answers.map(({ outcome }) => (outcome.ok ? outcome.value.id : assert.fail('not recorded')))
  return { ctx, clients, hubs: hubs.map(({ id }) => id), ids }
}

const count = async (ctx: TestContextOf, table: string) =>
  (await ctx.db.query<{ n: number }>(`select count(*) as n from ${table}`))[0]!.n

test('without any check of ours a bound caller reads and writes own rows only', async (t) => {
  const { ctx, clients, hubs, ids } = await givenTenants(t)
  const mine: Bounds = { clientIds: [clients[0]], hubIds: null }
  const atHub: Bounds = { clientIds: null, hubIds: [hubs[0]!] }
  const nobody: Bounds = { clientIds: [], hubIds: [] }

  await t.test('reads: every table that has rows of both', async () => {
    const tables = Object.keys(rowRules)
    for (const table of tables) {
      const all = await count(ctx, table)
      const seen = await inScope(mine, () => count(ctx, table))
      const none = await inScope(nobody, () => count(ctx, table))
      assert.equal(none, 0, `${table}: who is bound to nothing sees nothing`)
      assert.ok(seen <= all, table)
    }
    for (const table of ['return_items', 'processing_workflows', 'identifiers', 'ai_recommendations', 'clients']) {
      const all = await count(ctx, table)
      assert.ok(all >= 2, table)
      for (const bounds of table === 'clients' ? [mine] : [mine, atHub])
        assert.equal(await inScope(bounds, () => count(ctx, table)), all / 2, table)
    }
    assert.equal(await inScope(atHub, () => count(ctx, 'hubs')), 1)
    assert.equal(await inScope(atHub, () => count(ctx, 'hub_capacity')), 1)
  })

  await t.test('reads: the log shows the streams of own objects', async () => {
    const read = (bounds: Bounds, id: string) => inScope(bounds, () => ctx.events.readStream(`return-${id}`))
    assert.ok((await read(mine, ids[0]!)).length > 2)
    assert.deepEqual(await read(mine, ids[1]!), [])
    assert.ok((await read(atHub, ids[0]!)).length > 2)
    assert.deepEqual(await read(atHub, ids[1]!), [])
    const kinds = await inScope(atHub, () => ctx.events.read(0, 1000))
    assert.ok(kinds.every(({ stream }) => stream === `hub-${hubs[0]}` || /^(return|client|product)-/.test(stream)))
  })

  await t.test('writes: another row is not touched, and none can be put there', async () => {
    await inScope(mine, async () => {
      const changed = await ctx.db.query("update return_items set title = 'mine now' where id = $1 returning id", [
        ids[1],
      ])
      assert.deepEqual(changed, [])
      assert.deepEqual(await ctx.db.query('delete from identifiers where return_id = $1 returning 1', [ids[1]]), [])
      await assert.rejects(
        ctx.db.query('update return_items set client_id = $2 where id = $1', [ids[0], clients[1]]),
        /row-level security/,
      )
      await assert.rejects(
        ctx.db.query(
          `insert into parcels (id, client_id, awb, created_at) values (gen_random_uuid(), $1, 'AWB00001', now())`,
          [clients[1]],
        ),
        /row-level security/,
      )
      const own = await ctx.db.query("update return_items set title = 'mine' where id = $1 returning id", [ids[0]])
      assert.equal(own.length, 1)
    })
    await inScope(atHub, async () => {
      await assert.rejects(
        ctx.db.query('update return_items set hub_id = $2 where id = $1', [ids[0], hubs[1]]),
        /row-level security/,
      )
    })
    const [untouched] = await ctx.db.query<{ title: string }>('select title from return_items where id = $1', [ids[1]])
    assert.equal(untouched!.title, submission(clients[1]).title)
  })

  await t.test('transactions and streams are bound as single statements are', async () => {
    const page = await inScope(mine, () => ctx.db.transaction((tx) => tx.query('select id from return_items')))
    assert.deepEqual(page, [{ id: ids[0] }])
    // Taken out by somebody who is bound to nothing: what counts is who asked.
    const rows = inScope(mine, () => ctx.db.stream('select id from return_items', [], 10))
    const streamed: unknown[] = []
    for await (const batch of rows) streamed.push(...batch)
    assert.deepEqual(streamed, [{ id: ids[0] }])
  })

  await t.test('who comes next on the same connection has the own bounds', async () => {
    const one = openPostgres({
      connectionString: ctx.db.connectionString,
      poolMax: 1,
      applicationName: 'test',
      engine: 'postgres',
      statementTimeoutMs: 10_000,
      asApplication: true,
    })
    const seen = () => one.query('select id from return_items order by id')
    try {
      assert.equal((await seen()).length, 2)
      assert.deepEqual(await inScope(mine, seen), [{ id: ids[0] }])
      const theirs: Bounds = { clientIds: [clients[1]], hubIds: null }
      assert.deepEqual(await inScope(theirs, seen), [{ id: ids[1] }])
      await assert.rejects(inScope(theirs, () => one.transaction((tx) => tx.query('select 1 / 0'))))
      assert.deepEqual(await inScope(mine, seen), [{ id: ids[0] }])
      assert.equal((await inScope(mine, () => inScopeOfAll(seen))).length, 2)
      assert.equal((await seen()).length, 2)
    } finally {
      await one.close()
    }
  })
})

test('with the checks of the handlers taken out, the database still shows nothing of others', async (t) => {
  const { ctx, clients, hubs, ids } = await givenTenants(t)
  // What a handler passes when somebody forgot to narrow it down: an actor who may see everything.
  const anybody: Actor = { kind: 'system', id: 'test', role: 'system', hubIds: null, clientIds: null, scopes: [] }
  const query = { filters: [], sort: [], limit: 50, after: null, total: null } as unknown as ListQuery
  const missing = { code: 'not_found' }
  for (const bounds of [
    { clientIds: [clients[0]], hubIds: null },
    { clientIds: null, hubIds: [hubs[0]!] },
  ]) {
    await inScope(bounds, async () => {
      assert.equal((await readReturn(ctx, anybody, ids[0]!)).id, ids[0])
      await assert.rejects(readReturn(ctx, anybody, ids[1]!), missing)
      await assert.rejects(readTimeline(ctx, anybody, ids[1]!), missing)
      await assert.rejects(readWorkflow(ctx, anybody, ids[1]!), missing)
      await assert.rejects(readReturnByLabel(ctx, anybody, ids[1]!), missing)
      await assert.rejects(readQuality(ctx, anybody, ids[1]!), missing)
      await assert.rejects(readHub(ctx, anybody, hubs[1]!), missing)
      const page = await listReturns(ctx, anybody, query)
      assert.deepEqual(
        page.data.map(({ id }) => id),
        [ids[0]],
      )
      assert.deepEqual(
        (await listPendingWorkflows(ctx, anybody, query)).data.map(({ returnId }) => returnId),
        [ids[0]],
      )
      assert.deepEqual(
        (await listHubs(ctx, anybody, query)).data.map(({ id }) => id),
        [hubs[0]],
      )
    })
  }
  await inScope({ clientIds: [clients[0]], hubIds: null }, async () => {
    await assert.rejects(readClient(ctx, anybody, clients[1]), missing)
    assert.deepEqual(
      (await listClients(ctx, anybody, query)).data.map(({ id }) => id),
      [clients[0]],
    )
  })
})

test('the application cannot change the log, its head, or its own rights', async (t) => {
  const ctx = await openTestContext(t)
  await givenClient(ctx)
  const [who] = await ctx.db.query<{ role: string; bypass: boolean; login: boolean; owns: number }>(
    `select current_user::text as role, rolbypassrls as bypass, rolcanlogin as login,
       (select count(*) from pg_class where relowner = current_user::regrole) as owns from pg_roles where rolname = current_user`,
  )
  assert.deepEqual(who, { role: 'smartreturns_app', bypass: false, login: false, owns: 0 })
  const refused = [
    "update events set type = 'x'",
    'delete from events',
    'truncate events',
    'insert into events (seq, stream, version, type, data, at, prev_hash, hash) select 999, stream, 99, type, data, at, prev_hash, hash from events limit 1',
    'update log_head set seq = 0',
    'alter table events disable trigger events_append_only',
    'drop policy bound_rows on return_items',
    'alter role smartreturns_app bypassrls',
    'delete from schema_migrations',
  ]
  for (const statement of refused) await assert.rejects(ctx.db.query(statement), /denied|must be/, statement)
  for (const statement of ["update events set type = 'x'", 'delete from events', 'truncate events'])
    await assert.rejects(ctx.db.owner.query(statement), /append-only/, `the owner too: ${statement}`)
  const bound = { clientIds: [], hubIds: null }
  await ctx.db.query("insert into installation_secrets (name, sealed, created_at) values ('a key', '', now())")
  assert.deepEqual(await inScope(bound, () => ctx.db.query('select name from installation_secrets')), [])
  await assert.rejects(
    inScope(bound, () => ctx.db.query('select * from key_rotations')),
    /denied/,
  )
})

test('every table with a client, a hub or a return has a rule, and every rule a table', async (t) => {
  const { owner } = await testDatabase(t)
  const rows = await owner.query<{ table: string; secured: boolean }>(
    `select c.relname as "table", c.relrowsecurity as secured from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and (c.relrowsecurity or exists (
       select 1 from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         and a.attname in ('client_id', 'hub_id', 'return_id', 'person_id')))`,
  )
  const open = rows.filter(({ table, secured }) => !secured && withoutRule[table] === undefined)
  assert.deepEqual(open, [], 'a rule in access-rules.ts, or a reason why none is needed')
  const known = (
    await owner.query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public'")
  ).map(({ name }) => name)
  for (const table of [...Object.keys(rowRules), ...Object.keys(withoutRule), ...Object.keys(narrowGrants)])
    assert.ok(known.includes(table), `${table} is a table`)
})

test('a login that may not take the roles is told the SQL that helps', async (t) => {
  const { owner, connectionString } = await testDatabase(t)
  const name = `sr_plain_${process.pid}`
  await owner.query(`create role ${name} login password 'test'`)
  // Roles are the server's, not the database's, which is gone by then.
  t.after(async () => {
    const admin = plainPool(connectionString.replace(/\/srtest_[^?]*/, '/postgres'))
    try {
      await admin.query(`drop role ${name}`)
    } finally {
      await admin.close()
    }
  })
  const accessOf = async () => {
    const db = plainPool(connectionString.replace(/\/\/[^/]*@/, `//${name}:test@`))
    try {
      return await ensureAccess(db)
    } finally {
      await db.close()
    }
  }
  const access = await accessOf()
  assert.equal(access.isEnforced, false)
  const sql = access.isEnforced ? '' : access.sql
  assert.match(sql, /^create role smartreturns_app nologin .*; create role smartreturns_bound nologin .*; grant /)
  const grant = sql.split('; ').at(-1)!
  await owner.query(grant)
  assert.equal((await accessOf()).isEnforced, true)
})

function plainPool(connectionString: string) {
  return openPostgres({
    connectionString,
    poolMax: 1,
    applicationName: 'test',
    engine: 'postgres',
    statementTimeoutMs: 10_000,
  })
}
