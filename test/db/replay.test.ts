import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cancelReturns } from '#flows/cancel-returns.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { verifyReplay } from '#flows/replay.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { openTestContext } from '../support/context.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'

test('the log rebuilds every read model, its chain holds, and each kind of damage is found', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)
  const answers = await submitReturns(
    ctx,
    Array.from({ length: 30 }, (_, i) => command(submission(clientId, { awb: `AWB000${i % 7}` }))),
  )
  const ids = answers.map((a) => (a.outcome.ok ? a.outcome.value.id : assert.fail('refused')))
  ctx.clock.ms += 1000
  await receiveReturns(
    ctx,
    ids.slice(0, 10).map((returnId) => command({ returnId, ifVersion: null, hubId: hub.id })),
  )
  ctx.clock.ms += 1000
  await cancelReturns(
    ctx,
    ids.slice(20).map((returnId) => command({ returnId, ifVersion: null, reason: 'test' })),
  )

  await t.test('replay finds no difference', async () => {
    const report = await verifyReplay(ctx)
    assert.deepEqual(report.differences, [])
    assert.ok(report.events > 100)
  })
  await t.test('invariants and chain hold', async () => {
    assert.deepEqual(await checkInvariants(ctx.db), [])
    assert.equal((await verifyAudit(ctx.db)).isIntact, true)
  })
  await t.test('a changed read row is a difference', async () => {
    await ctx.db.query("update return_items set title = 'other' where id = $1", [ids[0]])
    const report = await verifyReplay(ctx)
    assert.deepEqual(
      report.differences.map((d) => [d.table, d.onlyServed, d.onlyReplayed]),
      [['return_items', 1, 1]],
    )
  })
  await t.test('a counter that is off is an invariant broken', async () => {
    await ctx.db.query('update hub_capacity set used_capacity = used_capacity + 1')
    assert.deepEqual(
      (await checkInvariants(ctx.db)).map((v) => v.id),
      ['I02'],
    )
    await ctx.db.query('update hub_capacity set used_capacity = used_capacity - 1')
  })
  await t.test('the log refuses changes, and a superuser who forces one is found', async () => {
    await assert.rejects(ctx.db.owner.query("update events set type = 'x' where seq = 7"), /append-only/)
    await ctx.db.owner.query('alter table events disable trigger user')
    const [row] = await ctx.db.query<{ data: string }>('select data::text as data from events where seq = 7')
    await ctx.db.owner.query("update events set data = '{}' where seq = 7")
    assert.deepEqual((await verifyAudit(ctx.db)).firstBad, { seq: 7, problem: 'its content was changed' })
    await ctx.db.owner.query('update events set data = $1::json where seq = 7', [row!.data])
    assert.equal((await verifyAudit(ctx.db)).isIntact, true)
    await ctx.db.owner.query('delete from events where seq = 50')
    assert.equal((await verifyAudit(ctx.db)).firstBad?.seq, 50)
  })
})
