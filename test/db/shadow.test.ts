import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scoreChallenger, valueChallenger } from '#flows/try-challenger.ts'
import type { Inference } from '#integrations/inference/port.ts'
import { AppError } from '#kernel/errors.ts'
import { predictionAt, predictionWidth } from '#contracts/prediction.ts'
import { modelValueSchema, shadowReportSchema } from '#contracts/shadow.ts'
import { readShadow } from '#services/recommendation/index.ts'
import { openTestContext } from '../support/context.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { givenSettled } from '../support/lived.ts'

test('a challenger is scored beside the model that serves', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)
  const units = await givenSettled(
    ctx,
    { clientId, hubId: hub.id },
    Array.from({ length: 40 }, (_, i) => ({ price: { amount: 30_000 + 2_000 * i, currency: 'INR' }, answer: i % 2 })),
    (i) => ({ realisedValue: { amount: 15_000 + 500 * i, currency: 'INR' } }),
  )
  const same = ctx.inference
  // Believes that nothing is ever sold: it would leave the selling routes.
  const gloomy: Inference = {
    ...same,
    predict: async (request) => {
      const batch = await same.predict(request)
      const isSale = (column: number) => column >= predictionAt.sale && column < predictionAt.saleShape
      const values = batch.values.map((v, k) => (isSale(k % predictionWidth) ? -12 : v))
      return { ...batch, values, modelVersion: 'gloomy-1' }
    },
  }
  const open = (version: string, inference: Inference) => () => Promise.resolve({ version, inference })

  await t.test('one that thinks alike agrees everywhere, and is worth what serves', async () => {
    const scored = await scoreChallenger(ctx, open('same-1', same))
    assert.equal(scored, 2 * units.length)
    const [report] = await readShadow(ctx.db)
    assert.deepEqual([report!.agreement, report!.utilityGainMinor, report!.servedExcluded], [1, 0, 0])
    const value = (await valueChallenger(ctx, open('same-1', same)))!
    modelValueSchema.parse(value)
    assert.equal(value.units, units.length)
    assert.deepEqual([value.gain.value, value.gain.low, value.gain.high], [0, 0, 0])
    assert.equal(value.dr.value, value.served.value)
  })

  await t.test('nothing is scored twice, and what comes later is', async () => {
    assert.equal(await scoreChallenger(ctx, open('same-1', same)), 0)
    await givenSettled(ctx, { clientId, hubId: hub.id }, [{}])
    assert.equal(await scoreChallenger(ctx, open('same-1', same)), 2)
  })

  await t.test('one that thinks otherwise is shown with its moves', async () => {
    await scoreChallenger(ctx, open('gloomy-1', gloomy))
    const value = await valueChallenger(ctx, open('gloomy-1', gloomy))
    const report = (await readShadow(ctx.db)).find((r) => r.modelVersion === 'gloomy-1')!
    shadowReportSchema.parse(report)
    assert.ok(report.dispositionAgreement < 1)
    assert.ok(report.moves.length > 0 && report.moves[0]!.units > 0)
    assert.ok(report.utilityGainMinor > 0)
    assert.deepEqual(report.value, value)
    assert.ok(value!.effectiveCount <= units.length + 1)
    assert.notEqual(value!.gain.value, 0)
  })

  await t.test('one that fails harms nobody and goes on where it was', async () => {
    const broken = { ...same, predict: () => Promise.reject(new AppError('unavailable', 'gone')) }
    assert.equal(await scoreChallenger(ctx, open('late-1', broken)), 0)
    assert.equal(await scoreChallenger(ctx, open('late-1', same)), 2 * units.length + 2)
  })

  await t.test('without a challenger nothing happens; old scores are forgotten', async () => {
    assert.equal(await scoreChallenger(ctx, () => Promise.resolve(null)), 0)
    assert.equal(await valueChallenger(ctx, () => Promise.resolve(null)), null)
    ctx.clock.ms += 120 * 86_400_000
    await scoreChallenger(ctx, () => Promise.resolve(null))
    assert.deepEqual(await readShadow(ctx.db), [])
  })

  await t.test('a removed return takes its scores along', async () => {
    const [cascade] = await ctx.db.query<{ action: string }>(
      "select confdeltype as action from pg_constraint where conrelid = 'shadow_scores'::regclass and contype = 'f'",
    )
    assert.equal(cascade!.action, 'c')
  })
})
