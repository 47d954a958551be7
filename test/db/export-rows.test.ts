import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { basisOf, type PackedRecommendation } from '#contracts/packed-recommendation.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import { classOutcomePlace, outcomeColumns, outcomePlace, outcomeWidth, weightPlace } from '#contracts/training-rows.ts'
import { priceClasses } from '#contracts/decision.ts'
import { exportRows } from '#flows/export-rows.ts'
import type { PredictRequest } from '#integrations/inference/port.ts'
import { openTestContext } from '../support/context.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { givenChecked, givenSettled } from '../support/lived.ts'

const all = { since: null, until: null, clientIds: null }

function floats(path: string): Float32Array {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

test('training rows of the log are bit for bit what the engine was served', async (t) => {
  const base = await openTestContext(t)
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-rows-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  // Keeps the rows that the engine really got, by unit and point of decision.
  const served = new Map<string, Float32Array>()
  const width = base.reference.features.features.length
  const ctx = {
    ...base,
    inference: {
      ...base.inference,
      predict: (request: PredictRequest) => {
        request.items.forEach((item, i) =>
          served.set(`${item.id}|${item.point}`, request.rows.slice(i * width, (i + 1) * width)),
        )
        return base.inference.predict(request)
      },
    },
  }
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)
  const place = { clientId, hubId: hub.id }
  const units = await givenSettled(
    ctx,
    place,
    [
      { price: { amount: 79_900, currency: 'INR' } },
      { price: { amount: 249_900, currency: 'INR' }, answer: 1 },
      { price: { amount: 49_900, currency: 'INR' }, returnType: 'rto' },
    ],
    (i) => ({
      realisedValue: { amount: 30_000, currency: 'INR' },
      outcome:
        i === 0
          ? {
              soldPrice: { amount: 60_000, currency: 'INR' },
              soldAt: new Date(ctx.clock.ms - 86_400_000).toISOString(),
              rereturned: false,
            }
          : i === 1
            ? { abuse: 'swap' as const }
            : {},
    }),
  )
  const [open] = await givenChecked(ctx, place, [{}])

  const report = await exportRows(ctx, folder, all, () => {})
  const x0 = floats(join(folder, 'log.x0.f32'))
  const x1 = floats(join(folder, 'log.x1.f32'))
  const y = floats(join(folder, 'log.y.f32'))
  const ids = [...units, open!].map((unit) => unit.id).toSorted((a, b) => (a < b ? -1 : 1))
  const row = (id: string) => ids.indexOf(id)
  const outcome = (id: string, place: number) => y[row(id) * outcomeWidth + place]!

  await t.test('the folder is what Python reads', () => {
    assert.equal(report.count, 4)
    assert.deepEqual(report.leftOut, { incomplete: 0, otherContract: 0, changed: 0 })
    const manifest = JSON.parse(readFileSync(join(folder, 'log.json'), 'utf8'))
    assert.equal(manifest.contractHash, ctx.reference.features.hash)
    assert.deepEqual(manifest.outcomes, outcomeColumns)
    assert.equal(manifest.kind, 'logged')
    const hash = createHash('sha256')
    for (const name of ['x0', 'x1', 'y']) hash.update(readFileSync(join(folder, `log.${name}.f32`)))
    assert.equal(manifest.dataHash, hash.digest('hex'))
    assert.deepEqual([x0.length, x1.length, y.length], [4 * width, 4 * width, 4 * outcomeWidth])
    assert.notEqual(width, predictionWidth)
  })

  await t.test('features equal those of the moment of decision, every bit', () => {
    for (const id of ids) {
      for (const [rows, point] of [
        [x0, 't0'],
        [x1, 't1'],
      ] as const) {
        const was = served.get(`${id}|${point}`)!
        const is = rows.slice(row(id) * width, (row(id) + 1) * width)
        assert.deepEqual(Buffer.from(is.buffer), Buffer.from(was.buffer), `${id} ${point}`)
      }
    }
  })

  await t.test('and hash to what the event keeps', async () => {
    const events = await ctx.db.query<{ stream: string; data: { body: PackedRecommendation } }>(
      "select stream, data from events where type = 'DispositionRecommended'",
    )
    assert.equal(events.length, 8)
    for (const { stream, data } of events) {
      const id = stream.slice('return-'.length)
      const was = served.get(`${id}|${data.body.point}`)!
      const hash = createHash('sha256').update(Buffer.from(was.buffer)).digest('hex').slice(0, 16)
      assert.equal(basisOf(data.body, id)!.rowHash, hash)
    }
  })

  await t.test('outcomes stand where they were seen, NaN elsewhere', async () => {
    const sold = units[0]!
    const route = ctx.reference.decision.policy.routes.find((r) => r.route === sold.disposition)!
    const at = classOutcomePlace(priceClasses.indexOf(route.priceClass!))
    const reference = Math.exp(outcome(sold.id, outcomePlace('reference_log'))) * 100
    assert.ok(Math.abs(outcome(sold.id, at) - Math.log(60_000 / reference)) < 1e-4)
    assert.equal(outcome(sold.id, outcomePlace('grade')), 0)
    assert.equal(outcome(sold.id, outcomePlace('abuse')), 0)
    assert.ok(outcome(sold.id, at + 1) >= 1 && outcome(sold.id, at + 2) > 0)
    assert.equal(outcome(sold.id, at + 6), 0)
    const others = priceClasses.map((_, c) => classOutcomePlace(c)).filter((place) => place !== at)
    for (const other of others) assert.ok(Number.isNaN(outcome(sold.id, other)))
    const swapped = units[1]!
    assert.equal(outcome(swapped.id, outcomePlace('abuse')), 1)
    assert.ok(Number.isNaN(outcome(swapped.id, at)))
    assert.ok(Number.isNaN(outcome(open!.id, outcomePlace('abuse'))))
  })

  await t.test('the weight is the inverse chance of what was taken', async () => {
    for (const unit of units) {
      const [row] = await ctx.db.query<{ data: { body: PackedRecommendation } }>(
        "select data from events where stream = $1 and type = 'DispositionRecommended' order by version desc limit 1",
        [`return-${unit.id}`],
      )
      const taken = row!.data.body.options.find((o) => o[0] === unit.disposition && o[1] === row!.data.body.channel)!
      assert.ok(Math.abs(outcome(unit.id, weightPlace) - Math.min(50, 1 / taken[17])) < 1e-4)
    }
    assert.equal(outcome(open!.id, weightPlace), 1)
  })

  await t.test('scope: time and client', async () => {
    const other = await givenClient(ctx, 'other')
    const count = async (scope: object) => (await exportRows(ctx, folder, { ...all, ...scope }, () => {})).count
    assert.equal(await count({ clientIds: [other] }), 0)
    assert.equal(await count({ clientIds: [clientId] }), 4)
    assert.equal(await count({ since: new Date(ctx.clock.ms).toISOString() }), 0)
    assert.equal(await count({ until: new Date(ctx.clock.ms).toISOString() }), 4)
  })

  await t.test('rows that come out otherwise than they were served are left out', async () => {
    const categories = new Map(ctx.reference.categories)
    const category = categories.get('fashion.apparel.ethnic')!
    categories.set(category.id, { ...category, weightKg: category.weightKg + 1 })
    const moved = { ...ctx, reference: { ...ctx.reference, categories } }
    const { count, leftOut } = await exportRows(moved, folder, all, () => {})
    assert.deepEqual([count, leftOut.changed], [0, 4])
    const renamed = { ...ctx, reference: { ...ctx.reference, features: { ...ctx.reference.features, hash: 'x' } } }
    assert.equal((await exportRows(renamed, folder, all, () => {})).leftOut.otherContract, 4)
  })
})
