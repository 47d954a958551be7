import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReturns } from '#flows/check-returns.ts'
import { decideReturns } from '#flows/decide-returns.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { redecideUnsold } from '#flows/redecide-unsold.ts'
import { executeDispositions } from '#flows/settle-returns.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import type { Answer } from '#contracts/commands.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { readBodies } from '#services/recommendation/index.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'

const day = 86_400_000

function value<T>(answer: Answer<T> | undefined): T {
  if (answer === undefined) assert.fail('no answer')
  if (!answer.outcome.ok) assert.fail(JSON.stringify(answer.outcome.rejection))
  return answer.outcome.value
}

/** A decided unit on its way to a buyer. */
async function givenListed(ctx: TestContextOf, clientId: string, hubId: string, disposition?: 'resell') {
  const receipt = value((await submitReturns(ctx, [command(submission(clientId))]))[0])
  const on = { returnId: receipt.id, ifVersion: null }
  value((await receiveReturns(ctx, [command({ ...on, hubId })]))[0])
  const rubric = ctx.reference.rubrics.get('apparel')!
  const answers = Object.fromEntries(
    rubric.questions.filter((q) => q.required && !q.isConditional).map((q) => [q.id, q.answers[0]!.value]),
  )
  value((await checkReturns(ctx, [command({ ...on, answers, findings: [], isSealed: false, photos: [] })]))[0])
  const other = disposition === undefined ? {} : { disposition, reasonCode: 'price_changed' as const }
  return value((await decideReturns(ctx, [command({ ...on, ...other })]))[0])
}

test('what nobody bought within its horizon is decided again, once; a better way asks for a person', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)
  const best = await givenListed(ctx, clientId, hub.id)
  const worse = await givenListed(ctx, clientId, hub.id, 'resell')
  const sold = await givenListed(ctx, clientId, hub.id)
  value(
    (
      await executeDispositions(ctx, [
        command({
          dispositionId: sold.dispositionId!,
          ifVersion: null,
          execution: 'done' as const,
          realisedValue: { amount: 60_000, currency: 'INR' },
          externalRef: 'GRN-1',
          certificateRef: 'CERT-1',
        }),
      ])
    )[0],
  )
  assert.equal(await redecideUnsold(ctx), 0)
  ctx.clock.ms += 90 * day
  assert.equal(await redecideUnsold(ctx), 2)
  assert.equal(await redecideUnsold(ctx), 0)

  const rows = await ctx.db.query<{ id: string; recommendationId: string; reasons: string[]; stage: string }>(
    `select id, recommendation_id as "recommendationId", review_reasons as reasons, stage from return_items
     where id = any($1::uuid[])`,
    [[best.id, worse.id]],
  )
  const of = (id: string) => rows.find((row) => row.id === id)!
  assert.ok(rows.every((row) => row.stage === 'disposition'))
  assert.deepEqual(of(worse.id).reasons, ['decision:unsold_past_horizon'])
  const bodies = await readBodies(
    ctx.db,
    rows.map((row) => row.recommendationId),
  )
  for (const { returnId, body, basis } of bodies.values()) {
    assert.deepEqual([body.point, basis!.item.point, basis!.item.grade], ['t2', 't2', 'A'])
    assert.ok(basis!.item.atMs > ctx.clock.ms - day)
    assert.equal(basis!.item.id, returnId)
  }
  const again = bodies.get(of(best.id).recommendationId)!.body
  const isSame = again.disposition === best.disposition && again.channel === best.recommendation!.channel
  assert.deepEqual(of(best.id).reasons, isSame ? [] : ['decision:unsold_past_horizon'])

  // The person follows it; the next horizon counts from there.
  const on = { returnId: worse.id, ifVersion: null }
  const [row] = await ctx.db.query<{ version: number }>('select version from return_items where id = $1', [worse.id])
  value((await decideReturns(ctx, [command({ ...on, ifVersion: row!.version })]))[0])
  assert.equal(await redecideUnsold(ctx), 0)
  assert.deepEqual(await checkInvariants(ctx.db), [])
})
