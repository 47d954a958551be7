import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basisOf, type PackedRecommendation } from '#contracts/packed-recommendation.ts'
import { checkReturns } from '#flows/check-returns.ts'
import { decideReturns } from '#flows/decide-returns.ts'
import { giveFeedback } from '#flows/give-feedback.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { executeDispositions } from '#flows/settle-returns.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import type { Answer } from '#contracts/commands.ts'
import { compiledFor } from '#services/recommendation/compile.ts'
import { readState } from '#services/recommendation/decision-state-store.ts'
import { featureRows, rowHashes } from '#services/recommendation/features.ts'
import { learningSubscriber } from '#services/recommendation/index.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'

function value<T>(answer: Answer<T> | undefined): T {
  if (answer === undefined) assert.fail('no answer')
  if (!answer.outcome.ok) assert.fail(JSON.stringify(answer.outcome.rejection))
  return answer.outcome.value
}

/** The tables with intervals of no width: whatever is realised falls outside. */
function withNarrowIntervals(ctx: TestContextOf): TestContextOf {
  const { inference } = ctx
  const intervals = [{ group: '|', n: 500, quantiles: Array<number>(101).fill(-1) }]
  const knots: [number, number][] = [
    [0, 0],
    [1, 1],
  ]
  const calibration = { confidence: { basis: 'simulated' as const, knots }, intervals }
  return {
    ...ctx,
    inference: { ...inference, predict: async (request) => ({ ...(await inference.predict(request)), calibration }) },
  }
}

async function goThrough(ctx: TestContextOf, clientId: string, hubId: string) {
  const receipt = value((await submitReturns(ctx, [command(submission(clientId))]))[0])
  const on = { returnId: receipt.id, ifVersion: null }
  value((await receiveReturns(ctx, [command({ ...on, hubId })]))[0])
  const rubric = ctx.reference.rubrics.get('apparel')!
  const answers = Object.fromEntries(
    rubric.questions.filter((q) => q.required && !q.isConditional).map((q) => [q.id, q.answers[0]!.value]),
  )
  value((await checkReturns(ctx, [command({ ...on, answers, findings: [], isSealed: false, photos: [] })]))[0])
  const decided = value((await decideReturns(ctx, [command(on)]))[0])
  value(
    (
      await executeDispositions(ctx, [
        command({
          dispositionId: decided.dispositionId!,
          ifVersion: null,
          execution: 'done' as const,
          realisedValue: { amount: 60_000, currency: 'INR' },
          externalRef: 'GRN-1',
          certificateRef: 'CERT-1',
        }),
      ])
    )[0],
  )
  return { id: receipt.id, route: decided.disposition }
}

async function learnAll(ctx: TestContextOf): Promise<void> {
  const events = await ctx.events.read(0, 10_000)
  await ctx.db.transaction((tx) => learningSubscriber.handle(tx, events))
}

test('the log keeps what a recommendation was made from, exactly', async (t) => {
  const ctx = await openTestContext(t)
  const { id } = await goThrough(ctx, await givenClient(ctx), (await givenHub(ctx)).id)
  const { decision, categories, features } = ctx.reference
  const events = await ctx.events.readStream(`return-${id}`)
  const recommended = events.filter((event) => event.type === 'DispositionRecommended')
  assert.equal(recommended.length, 2)
  for (const [i, event] of recommended.entries()) {
    const { body } = event.data as { body: PackedRecommendation }
    const basis = basisOf(body, id)!
    const rows = featureRows(compiledFor(decision, categories), features, [basis.item])
    assert.equal(rowHashes(rows, features.features.length)[0], basis.rowHash)
    assert.equal(basis.contractHash, features.hash.slice(0, 12))
    assert.deepEqual([basis.item.point, basis.item.grade, basis.engine], [['t0', 't1'][i], [null, 'A'][i], 'tables'])
    assert.equal(basis.item.id, id)
  }
})

test('an outcome outside its interval widens the next ones; a later word on the same unit is no new outcome', async (t) => {
  const ctx = withNarrowIntervals(await openTestContext(t))
  const { id, route } = await goThrough(ctx, await givenClient(ctx), (await givenHub(ctx)).id)
  const [row] = await ctx.db.query<{ recommendationId: string }>(
    'select recommendation_id as "recommendationId" from return_items',
  )
  const said = { returnId: id, ...row!, kind: 'outcome' as const, realisedValueMinor: 50_000 }
  value((await giveFeedback(ctx, [command(said)]))[0])
  await learnAll(ctx)
  const groups = await ctx.db.query('select group_id, alpha, outcomes, missed from interval_state')
  assert.deepEqual(groups, [{ group_id: '|', alpha: 0.0955, outcomes: 1, missed: 1 }])
  assert.deepEqual(await ctx.db.query('select * from route_outcomes'), [{ category_l1: 'fashion', route, outcomes: 1 }])
  const [day] = await ctx.db.query<{ value: number; ties: number }>(
    'select value_minor as value, ties_minor as ties from exploration_days',
  )
  assert.ok(day!.value > 0)
  assert.equal(day!.ties, 0)
  const state = await readState(ctx)
  assert.deepEqual([...state.alphas], [['|', 0.0955]])
  assert.equal(state.outcomes!.get(`fashion|${route}`), 1)
  assert.equal(state.spent.valueMinor, day!.value)
})
