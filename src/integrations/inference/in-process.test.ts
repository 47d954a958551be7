import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import type { ModelArtefact } from '#contracts/model-artefact.ts'
import { predictionAt, predictionWidth, pricePlace, salePlace } from '#contracts/prediction.ts'
import { AppError } from '#kernel/errors.ts'
import { unit } from '../../../test/support/decision.ts'
import { smallContract, smallModelFolder } from '../../../test/support/small-model.ts'
import { openInProcess, readTreeModel } from './in-process.ts'

const settings = { folder: smallModelFolder, contract: smallContract, replaysAll: true }

/** A copy of the model with something changed. */
function changed(t: TestContext, change: (model: ModelArtefact, folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-'))
  t.after(() => rmSync(folder, { recursive: true }))
  cpSync(smallModelFolder, folder, { recursive: true })
  const path = join(folder, 'model.json')
  const model: ModelArtefact = JSON.parse(readFileSync(path, 'utf8'))
  change(model, folder)
  writeFileSync(path, JSON.stringify(model))
  return folder
}

async function refusal(folder: string, contract = smallContract): Promise<string> {
  try {
    await openInProcess({ folder, contract, replaysAll: true })
  } catch (error) {
    assert.ok(error instanceof AppError)
    assert.deepEqual([error.code, error.problem], ['unavailable', 'model_refused'])
    assert.ok(error.message.includes(folder))
    return error.message
  }
  throw new Error('the model was not refused')
}

describe('trees in process', () => {
  it('answers what LightGBM answers, NaN and unknown categories included', async () => {
    const { parity } = await openInProcess(settings)
    assert.equal(parity.rows, 120)
    assert.ok(parity.worst <= 1)
  })

  it('answers rows that the decision engine can use, of the observed grade alone when there is one', async () => {
    const engine = await openInProcess(settings)
    const { golden } = await readTreeModel(settings)
    const width = smallContract.features.length
    const items = Array.from({ length: golden.count }, () => unit())
    const { count, values, level, modelVersion } = await engine.predict({ items, rows: golden.x })
    assert.deepEqual([count, level, modelVersion], [golden.count, 'L1', 'small-1'])
    const gradeAt = smallContract.features.findIndex(({ name }) => name === 'grade')
    for (let i = 0; i < count; i++) {
      const row = values.subarray(i * predictionWidth, (i + 1) * predictionWidth)
      const rank = 4 - golden.x[i * width + gradeAt]!
      const grades = row.subarray(0, 5)
      assert.ok(Math.abs(grades.reduce((a, b) => a + b, 0) - 1) < 1e-12)
      if (rank >= 0) assert.equal(grades[rank], 1)
      for (let c = 0; c < 6; c++) {
        for (let g = 0; g < 5; g++) {
          const quantiles = [...row.subarray(pricePlace(c, g), pricePlace(c, g) + 5)]
          if (rank >= 0 && g !== rank) {
            assert.ok([...quantiles, row[salePlace(c, g)]!, row[predictionAt.repairNeed + g]!].every(Number.isNaN))
            continue
          }
          assert.ok(quantiles.every((q, k) => k === 0 || q >= quantiles[k - 1]!))
        }
      }
    }
    // One by one or together, a unit gets the same answer.
    const alone = await engine.predict({ items: items.slice(0, 1), rows: golden.x.subarray(5 * width, 6 * width) })
    assert.deepEqual(alone.values, values.slice(5 * predictionWidth, 6 * predictionWidth))
    await assert.rejects(engine.predict({ items, rows: golden.x.subarray(1) }), /120 units but/)
  })

  it('takes the scores of a unit apart: a typical unit and its features add up to them', async () => {
    const { model, golden } = await readTreeModel(settings)
    const width = smallContract.features.length
    for (let i = 0; i < golden.count; i += 7) {
      const row = golden.x.slice(i * width, (i + 1) * width)
      // Without its grade, so that all grades are answered.
      row[smallContract.features.findIndex(({ name }) => name === 'grade')] = Number.NaN
      const raw = new Float64Array(model.scorer.rawCount)
      model.scorer.score(row, 1, raw)
      const { base, byFeature, rowOf } = model.attribute(row)
      raw.forEach((score, k) => {
        let sum = base[k]!
        for (let f = 0; f < width; f++) sum += byFeature[f * raw.length + k]!
        assert.ok(Math.abs(sum - score) < 1e-6, `score ${k}: ${sum} is not ${score}`)
      })
      const [ours, truth] = [new Float64Array(predictionWidth), new Float64Array(predictionWidth)]
      rowOf(raw, ours)
      model.predictRows(row, truth)
      assert.deepEqual(ours, truth)
    }
  })

  it('refuses a model of another feature contract or of other columns', async (t) => {
    const other = { ...smallContract, hash: 'f'.repeat(64) }
    assert.match(await refusal(smallModelFolder, other), /made for feature contract returns\.small .* train a model/)
    const columns = changed(t, (model) => (model.columnsHash = '0'.repeat(64)))
    assert.match(await refusal(columns), /other columns/)
  })

  it('refuses a model whose trees do not answer as the trainer did', async (t) => {
    const folder = changed(t, (model) => {
      const tree = model.boosters.find(({ name }) => name === 'price_2')!.trees[0]!
      tree.v = tree.v.map((value) => value + 0.001)
    })
    assert.match(await refusal(folder), /golden row \d+, price_\w+_q\d\d: this program answers .* the trainer/)
    const shifted = changed(t, (model) => (model.calibration.abuse = { kind: 'platt', scale: 1, shift: 0.001 }))
    assert.match(await refusal(shifted), /golden row \d+, abuse/)
  })

  const faults: readonly [string, RegExp, (model: ModelArtefact, folder: string) => void][] = [
    ['a cycle', /tree 0: node 0 is reached twice/, ({ boosters }) => (boosters[0]!.trees[0]!.l[1] = 0)],
    ['a child that is not there', /no such node/, ({ boosters }) => (boosters[0]!.trees[0]!.r[1] = 400)],
    ['an unknown feature', /unknown input/, ({ boosters }) => (boosters[3]!.inputs[0] = { feature: 'colour' })],
    ['a context out of place', /unknown input/, ({ boosters }) => (boosters[0]!.inputs[0] = { context: 'class' })],
    ['a missing booster', /price: 5 boosters are needed/, ({ boosters }) => boosters.splice(7, 1)],
    ['covers that do not add up', /cover of node 0/, ({ boosters }) => (boosters[0]!.trees[0]!.c[0]! += 9)],
    [
      'a map that falls',
      /knots must rise/,
      ({ calibration }) => (calibration.abuse = { kind: 'isotonic', x: [0, 1], y: [0.5, 0.4] }),
    ],
    ['no general group', /the group \| of all units/, ({ calibration }) => calibration.price.shift()],
    [
      'half a row',
      /golden\.y\.f32 is not a whole number/,
      (_, folder) => truncateSync(join(folder, 'golden.y.f32'), 40),
    ],
    [
      'fewer answers',
      /120 golden rows have 2/,
      (_, folder) => truncateSync(join(folder, 'golden.y.f32'), predictionWidth * 8),
    ],
    ['no golden rows', /golden\.x\.f32 can't be read/, (_, folder) => rmSync(join(folder, 'golden.x.f32'))],
  ]
  for (const [name, expected, change] of faults) {
    it(`refuses ${name}`, async (t) => {
      assert.match(await refusal(changed(t, change)), expected)
    })
  }

  it('refuses what is no model at all', async (t) => {
    const folder = changed(t, () => {})
    writeFileSync(join(folder, 'model.json'), '<html>')
    assert.match(await refusal(folder), /model\.json is not JSON/)
    truncateSync(join(folder, 'model.json'), 33 * 1024 * 1024)
    assert.match(await refusal(folder), /more than 33554432/)
    assert.match(await refusal('/no/such/folder'), /can't be read/)
  })
})
