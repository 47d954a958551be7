import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadDemo, resetDemo } from '#flows/demo/load-demo.ts'
import { verifyReplay } from '#flows/replay.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openDemo } from '../../src/app/demo.ts'
import { openTestContext } from '../support/context.ts'
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
