import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadDemo, resetDemo } from '#flows/demo/load-demo.ts'
import { verifyReplay } from '#flows/replay.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openDemo } from '../../src/app/demo.ts'
import type { Row } from '#platform/db/port.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'
import { submitReturns } from '#flows/submit-returns.ts'

test('demo data come from the real commands, stand apart, and go by one command', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  await givenHub(ctx, { code: 'OWN-1' })
  await submitReturns(ctx, [command(submission(clientId))])
  const report = await loadDemo(ctx, { returns: 400, seed: 7, endMs: ctx.now() }, () => {})
  assert.equal(report.returns, 400)
  assert.equal(report.hubs, 12)
  const stages = await ctx.db.query<{ stage: string; n: number }>(
    'select stage, count(*) as n from return_items where client_id = $1 group by 1',
    [report.clientId],
  )
  const of = (stage: string) => stages.find((row) => row.stage === stage)?.n ?? 0
  assert.ok(of('completed') > 200 && of('hub_assigned') > 0 && of('disposition') > 0, JSON.stringify(stages))
  await hasTroubles(ctx, report.clientId)
  assert.deepEqual(await checkInvariants(ctx.db), [])
  assert.deepEqual((await verifyReplay(ctx)).differences, [])

  assert.deepEqual(await resetDemo(ctx), { returns: 400 })
  assert.deepEqual(await resetDemo(ctx), { returns: 0 })
  const started = await openDemo(ctx, 400)
  await started.ended
  const [left] = await ctx.db.query<{ n: number }>('select count(*) as n from return_items')
  assert.equal(left?.n, 1)
  assert.deepEqual(await checkInvariants(ctx.db), [])
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})

/** What a manager opens the program for. */
async function hasTroubles(ctx: TestContextOf, clientId: string) {
  const rows = <T extends Row>(sql: string, ...more: unknown[]) => ctx.db.query<T>(sql, [clientId, ...more])
  const overdue = await rows<{ stage: string; n: number }>(
    `select w.stage, count(*) as n from processing_workflows w join return_items r on r.id = w.return_id
     where r.client_id = $1 and w.due_at < $2 and w.stage not in ('completed', 'rejected', 'cancelled') group by 1`,
    new Date(ctx.now()),
  )
  assert.ok(
    overdue.length >= 2 && overdue.every(({ n }) => n < 40),
    `stuck at several steps: ${JSON.stringify(overdue)}`,
  )

  const queue = await rows<{ reason: string; n: number }>(
    `select unnest(review_reasons) as reason, count(*) as n from return_items
     where client_id = $1 and needs_review and acceptance = 'manual_review' group by 1`,
  )
  for (const reason of ['validation:pincode_unknown', 'validation:unknown_sku', 'validation:value'])
    assert.ok(
      queue.some((row) => row.reason === reason && row.n < 10),
      `${reason}: ${JSON.stringify(queue)}`,
    )
  const resolved = await rows(
    `select 1 from events e join return_items r on e.stream = 'return-' || r.id
     where r.client_id = $1 and e.type = 'ReviewResolved'`,
  )
  assert.ok(resolved.length > 0, 'a manager has answered older ones')

  const full = await rows<{ code: string; load: number }>(
    `select h.code, c.used_capacity::float8 / c.capacity as load from hubs h join hub_capacity c on c.hub_id = h.id
     where h.client_ids @> array[$1::uuid] and c.used_capacity >= 0.95 * c.capacity`,
  )
  assert.equal(full.length, 1, JSON.stringify(full))

  const decided = await rows<{ source: string; reason: string | null; n: number }>(
    `select d.source, d.reason_code as reason, count(*) as n from dispositions d join return_items r on r.id = d.return_id
     where r.client_id = $1 group by 1, 2`,
  )
  assert.ok(decided.filter((row) => row.source === 'overridden' && row.reason !== null).length >= 3)
  assert.ok(decided.some((row) => row.source === 'accepted' && row.n > 200))

  const mixes = await rows<{ kind: string; reason: string }>(
    `select split_part(category_id, '.', 1) as kind, mode() within group (order by reason_code) as reason
     from return_items where client_id = $1 and return_type = 'customer_return' group by 1 having count(*) > 20`,
  )
  const mostly = Object.fromEntries(mixes.map(({ kind, reason }) => [kind, reason]))
  assert.deepEqual([mostly['fashion'], mostly['electronics']], ['size_or_fit', 'defective'])
}

test('what was removed comes back when it is asked for, and goes on from then', async (t) => {
  const ctx = await openTestContext(t)
  const counted = async () => (await ctx.db.query<{ n: number }>('select count(*) as n from return_items'))[0]!.n
  await (
    await openDemo(ctx, 20)
  ).ended
  assert.equal(await counted(), 20)
  await resetDemo(ctx)
  await loadDemo(ctx, { returns: 10, seed: 7, endMs: ctx.now() }, () => {})
  assert.equal(await counted(), 10)
  await (
    await openDemo(ctx, 20)
  ).ended
  assert.equal(await counted(), 20)
})
