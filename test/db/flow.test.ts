import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReturns } from '#flows/check-returns.ts'
import { decideReturns } from '#flows/decide-returns.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { executeDispositions } from '#flows/settle-returns.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import type { Answer } from '#contracts/commands.ts'
import { readReturn, readTimeline } from '#services/returns/index.ts'
import { openTestContext } from '../support/context.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'

function value<T>(answer: Answer<T> | undefined): T {
  if (answer === undefined) assert.fail('no answer')
  if (!answer.outcome.ok) assert.fail(JSON.stringify(answer.outcome.rejection))
  return answer.outcome.value
}

const actor = { kind: 'user', id: 'u1', role: 'admin', hubIds: null, clientIds: null, scopes: [] } as const

test('one return goes the whole way: taken in, received, checked, decided, done, credited', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)

  const receipt = value((await submitReturns(ctx, [command(submission(clientId))]))[0])
  assert.equal(receipt.stage, 'hub_assigned')
  assert.equal(receipt.hub?.code, 'BLR-1')
  assert.ok(receipt.recommendation!.value.p05 <= receipt.recommendation!.value.p95)

  ctx.clock.ms += 86_400_000
  const on = { returnId: receipt.id, ifVersion: null }
  const received = value((await receiveReturns(ctx, [command({ ...on, hubId: hub.id })]))[0])
  assert.equal(received.stage, 'received')

  const rubric = ctx.reference.rubrics.get('apparel')!
  const answers = Object.fromEntries(
    rubric.questions.filter((q) => q.required && !q.isConditional).map((q) => [q.id, q.answers[0]!.value]),
  )
  const check = { ...on, answers, findings: [], isSealed: false, photos: [] }
  const checked = value((await checkReturns(ctx, [command(check)]))[0])
  assert.equal(checked.stage, 'quality_check')
  assert.equal(checked.grade, 'A')

  const decided = value((await decideReturns(ctx, [command(on)]))[0])
  assert.equal(decided.stage, 'disposition')
  assert.equal(decided.disposition, checked.recommendation!.disposition)

  const done = value(
    (
      await executeDispositions(ctx, [
        command({
          dispositionId: decided.dispositionId!,
          ifVersion: null,
          execution: 'done' as const,
          realisedValue: { amount: 60000, currency: 'INR' },
          externalRef: 'GRN-1',
          certificateRef: 'CERT-1',
        }),
      ])
    )[0],
  )
  assert.equal(done.stage, 'completed')

  const detail = await readReturn(ctx, actor, receipt.id)
  assert.deepEqual(detail.realisedValue, { amount: 60000, currency: 'INR' })
  assert.deepEqual(detail.refund, { amount: 79900, currency: 'INR' })
  const [esg] = await ctx.db.query<{ n: number; inventory: number }>(
    'select count(*) as n, sum(inventory_grams) as inventory from esg_metrics',
  )
  assert.equal(esg!.n, 1)
  const ledger = await ctx.db.query<{ sum: number }>('select sum(amount_minor) as sum from ledger_entries group by tx')
  assert.deepEqual(
    ledger.map((row) => row.sum),
    [0, 0],
  )
  const timeline = await readTimeline(ctx, actor, receipt.id)
  assert.deepEqual(timeline.map((entry) => entry.type).toReversed(), [
    'ReturnSubmitted',
    'ReturnValidated',
    'DispositionRecommended',
    'HubAssigned',
    'ReturnReceived',
    'QualityChecked',
    'DispositionRecommended',
    'DispositionDecided',
    'FeedbackRecorded',
    'LedgerPosted',
    'DispositionExecuted',
    'EsgCredited',
    'LedgerPosted',
  ])
  const [places] = await ctx.db.query<{ used: number }>('select used_capacity as used from hub_capacity')
  assert.equal(places!.used, 0)
})
