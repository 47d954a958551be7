import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lapseReservations } from '#flows/lapse-reservations.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openTestContext } from '../support/context.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'

test('a unit that does not arrive gives its place back and waits for a person', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  await givenHub(ctx)
  await submitReturns(ctx, Array.from({ length: 300 }, () => command(submission(clientId))).slice(0, 250))
  assert.equal(await lapseReservations(ctx), 0)
  ctx.clock.ms += 11 * 86_400_000
  assert.equal(await lapseReservations(ctx), 250)
  assert.equal(await lapseReservations(ctx), 0)
  const rows = await ctx.db.query('select distinct stage, hub_id, review_reasons from return_items')
  assert.deepEqual(rows, [{ stage: 'recommended', hub_id: null, review_reasons: ['hub:reservation_lapsed'] }])
  assert.deepEqual(await checkInvariants(ctx.db), [])
})

test('units of the demo keep the time of the demo', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  await givenHub(ctx)
  await submitReturns(ctx, [
    command(submission(clientId, { source: 'demo' })),
    command(submission(clientId, { source: 'person' })),
  ])
  ctx.clock.ms += 11 * 86_400_000
  assert.equal(await lapseReservations(ctx), 1)
  const rows = await ctx.db.query('select source from return_items where hub_id is not null')
  assert.deepEqual(rows, [{ source: 'demo' }])
})

test('the last place of a hub is taken once, whoever asks', async (t) => {
  const ctx = await openTestContext(t, { poolMax: 8 })
  const clientId = await givenClient(ctx)
  await givenHub(ctx, { capacity: 1 })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => submitReturns(ctx, [command(submission(clientId))])),
  )
  const stages = answers.map(([answer]) => (answer?.outcome.ok ? answer.outcome.value.stage : answer?.outcome))
  assert.equal(stages.filter((stage) => stage === 'hub_assigned').length, 1)
  assert.equal(stages.filter((stage) => stage === 'recommended').length, 19)
  const [hub] = await ctx.db.query('select capacity, used_capacity from hub_capacity')
  assert.deepEqual(hub, { capacity: 1, used_capacity: 1 })
  assert.deepEqual(await checkInvariants(ctx.db), [])
})
