import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Answer } from '#contracts/commands.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import { assignReturns } from '#flows/assign-hubs.ts'
import { openCommands } from '#flows/open-commands.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { verifyReplay } from '#flows/replay.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { readReturn } from '#services/returns/index.ts'
import { openTestContext } from '../support/context.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'

const admin = { kind: 'user', id: 'u1', role: 'admin', hubIds: null, clientIds: null, scopes: [] } as const

/** A hub of `capacity` places that holds none yet, and `count` units that no hub expects. */
async function world(t: TestContext, count: number, capacity: number) {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const taken = await submitReturns(
    ctx,
    Array.from({ length: count }, () => command(submission(clientId))),
  )
  const ids = taken.map(({ outcome }) => (outcome.ok ? outcome.value.id : assert.fail(outcome.rejection.detail)))
  return { ctx, clientId, ids, hub: await givenHub(ctx, { capacity }) }
}

function said(answers: readonly Answer<ReturnChanged>[]): string[] {
  return answers.map(({ outcome }) => (outcome.ok ? outcome.value.stage : outcome.rejection.code))
}

test('one batch receives as many units as the hub has places; the others are refused by themselves', async (t) => {
  const { ctx, ids, hub } = await world(t, 4, 2)
  const receive = ids.map((returnId) => command({ returnId, ifVersion: null, hubId: hub.id }))
  assert.deepEqual(said(await receiveReturns(ctx, receive)), ['received', 'received', 'hub_full', 'hub_full'])
  assert.deepEqual(await checkInvariants(ctx.db), [])
})

test('a place that a unit holds is not given to another while it stays', async (t) => {
  const { ctx, ids, hub } = await world(t, 2, 1)
  const [first, second] = ids as [string, string]
  const assign = (returnId: string, hubId: string | null) => command({ returnId, ifVersion: null, hubId })
  assert.deepEqual(said(await assignReturns(ctx, [assign(first, hub.id)])), ['hub_assigned'])
  // The holder is asked again beside one that wants its place, in both orders.
  assert.deepEqual(said(await assignReturns(ctx, [assign(second, hub.id), assign(first, hub.id)])), [
    'hub_cannot_take',
    'hub_assigned',
  ])
  assert.deepEqual(said(await assignReturns(ctx, [assign(first, hub.id), assign(second, null)])), [
    'hub_assigned',
    'recommended',
  ])
  // One that moves on gives its place to those after it.
  const near = await givenHub(ctx, { code: 'BLR-9', pincode: '560034', capacity: 1 })
  const moved = await assignReturns(ctx, [assign(first, near.id), assign(second, hub.id)])
  assert.deepEqual(said(moved), ['hub_assigned', 'hub_assigned'])
  assert.deepEqual(await checkInvariants(ctx.db), [])
})

test('a unit that comes back into a full hub is refused in words', async (t) => {
  const { ctx, clientId, ids, hub } = await world(t, 1, 1)
  const commands = openCommands(ctx)
  const on = { returnId: ids[0]!, ifVersion: null }
  await commands.receiveReturn(command({ ...on, hubId: hub.id }))
  const rubric = ctx.reference.rubrics.get('apparel')!
  const answers = Object.fromEntries(
    rubric.questions.filter((q) => q.required && !q.isConditional).map((q) => [q.id, q.answers[0]!.value]),
  )
  await commands.checkReturn(command({ ...on, answers, findings: [], isSealed: false, photos: [] }))
  const { outcome } = await commands.decideReturn(command(on))
  assert.ok(outcome.ok)
  const disposition = { dispositionId: outcome.value.dispositionId!, ifVersion: null }
  const done = { ...disposition, execution: 'done' as const, externalRef: 'GRN', certificateRef: 'C' }
  const settled = await commands.executeDisposition(
    command({ ...done, realisedValue: { amount: 50_000, currency: 'INR' } }),
  )
  assert.ok(settled.outcome.ok, JSON.stringify(settled.outcome))
  await submitReturns(ctx, [command(submission(clientId))])
  const back = commands.executeDisposition(command({ ...disposition, execution: 'reversed' as const }))
  await assert.rejects(back, { code: 'conflict', problem: 'hub_full' })
  assert.deepEqual(await checkInvariants(ctx.db), [])
})

test('a PIN code that nobody knows asks for a person, and no distance is made up', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)
  const taken = await submitReturns(
    ctx,
    ['999999', '560034', undefined].map((pickupPincode) => command(submission(clientId, { pickupPincode }))),
  )
  const [unknown, known, none] = taken.map(({ outcome }) =>
    outcome.ok ? outcome.value : assert.fail(outcome.rejection.detail),
  )
  assert.equal(unknown!.acceptance, 'manual_review')
  assert.deepEqual(unknown!.reviewReasons, ['validation:pincode_unknown'])
  assert.deepEqual(unknown!.validation, [
    { rule: 'pincode_unknown', verdict: 'review', detail: 'no such PIN code: 999999' },
  ])
  assert.deepEqual(unknown!.hub, { id: hub.id, code: hub.code, distanceKm: null })
  assert.ok(known!.hub!.distanceKm! > 0)
  for (const receipt of [known!, none!]) assert.deepEqual([receipt.needsReview, receipt.validation], [false, []])
  assert.equal(none!.hub!.distanceKm, null)
  const detail = await readReturn(ctx, admin, unknown!.id)
  assert.deepEqual([detail.needsReview, detail.hubDistanceKm, detail.hubCandidates[0]!.distanceKm], [true, null, null])
  // It is received like any other once it is here.
  const received = await receiveReturns(ctx, [command({ returnId: unknown!.id, ifVersion: null, hubId: hub.id })])
  assert.deepEqual(said(received), ['received'])
  assert.deepEqual(await checkInvariants(ctx.db), [])
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})
