import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explanationSchema } from '#contracts/explanations.ts'
import { openTreeModel } from '#integrations/inference/in-process.ts'
import type { Inference } from '#integrations/inference/port.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import { randomFrom } from '#kernel/random.ts'
import { openMemoryCache } from '#platform/cache/memory.ts'
import { openTestApp } from '../support/app.ts'
import { features } from '../support/decision.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { randomModel } from '../support/random-model.ts'

/** Trees behind the port that count how often they are taken apart. */
function countingTrees(): Inference & { asked: number } {
  const model = openTreeModel(randomModel(randomFrom(5), features, { trees: 4, depth: 4 }), features)
  const about = { engine: 'trees', level: 'L1', modelVersion: 'random-1' } as const
  const engine = {
    asked: 0,
    info: () => [about],
    predict: async ({ items, rows }: Parameters<Inference['predict']>[0]) => {
      const values = new Float64Array(items.length * predictionWidth)
      model.predictRows(rows, values)
      return { ...about, count: items.length, values, calibration: null, fellBack: [] }
    },
    attribute: (row: Float32Array, version: string) => {
      engine.asked++
      return version === about.modelVersion ? model.attribute(row) : null
    },
    close: async () => {},
  }
  return engine
}

test('the explanation of a recommendation over HTTP', async (t) => {
  const inference = countingTrees()
  const app = await openTestApp(t, {}, null, { inference, cache: openMemoryCache({ entriesMax: 100, now: () => 0 }) })
  const clientId = await givenClient(app.ctx)
  const other = await givenClient(app.ctx, 'other')
  await givenHub(app.ctx)
  const admin = await app.as('admin')
  const intake = await admin('POST', '/api/returns', {
    clientId,
    clientRef: 'E-1',
    title: 'Phone',
    categoryId: 'electronics.mobile.smartphone',
    price: { amount: 1_800_000, currency: 'INR' },
    reasonCode: 'defective',
    pickupPincode: '560034',
  })
  assert.equal(intake.status, 201, intake.text)
  const path = `/api/returns/${intake.body.id}/explanation`
  const { recommendationDetail: advice } = (await admin('GET', `/api/returns/${intake.body.id}`)).body

  await t.test('adds up to the difference from the runner-up, and is worked out once', async () => {
    const first = await admin('GET', path)
    assert.equal(first.status, 200, first.text)
    const explanation = explanationSchema.parse(first.body)
    assert.equal(explanation.basis, 'shapley')
    assert.deepEqual([explanation.engine, explanation.fellBack], ['trees', []])
    assert.equal(explanation.difference, advice.options[0].utility - advice.options[1].utility)
    const sum = explanation.reasons.reduce((total, { amount }) => total + amount, explanation.typical!)
    assert.equal(sum, explanation.difference)
    assert.deepEqual((await admin('GET', path)).body, first.body)
    assert.equal(inference.asked, 1)
  })

  await t.test('compares with the option that is asked for', async () => {
    const { disposition, channel, utility } = advice.options[2]
    const answer = await admin('GET', `${path}?disposition=${disposition}&channel=${channel}`)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual([answer.body.other.disposition, answer.body.other.channel], [disposition, channel])
    assert.equal(answer.body.difference, advice.options[0].utility - utility)
    const none = await admin('GET', `${path}?disposition=hold`)
    assert.deepEqual([none.status, none.body.code], [422, 'option_unknown'])
    const chosen = await admin('GET', `${path}?disposition=${advice.disposition}&channel=${advice.channel}`)
    assert.deepEqual([chosen.status, chosen.body.code], [422, 'option_unknown'])
  })

  await t.test('is shown to who may read the return, and to nobody else', async () => {
    const stranger = await app.asKey(other, ['returns:read'])
    assert.equal((await stranger('GET', path)).status, 404)
    const owner = await app.asKey(clientId, ['returns:read'])
    assert.equal((await owner('GET', path)).status, 200)
    assert.equal((await admin('GET', `/api/returns/${clientId}/explanation`)).status, 404)
  })
})
