import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { outcomeColumns, outcomeWidth } from '#contracts/training-rows.ts'
import { decide } from '#services/recommendation/decide.ts'
import { known, laboratory, shippedJson, unitsOf, world } from '../../../test/support/simulated-world.ts'
import { idealPredictions } from './ideal-predictions.ts'
import { splitNames } from './names.ts'
import { parseParams } from './params.ts'
import { readWorld } from './read-world.ts'
import { simulateWorld } from './simulate-world.ts'
import { summaryLines } from './summary.ts'
import { worldDecision } from './world-model.ts'

const root = mkdtempSync(join(tmpdir(), 'world-'))
after(() => rmSync(root, { recursive: true }))

const json = shippedJson()
json.parameters['splits']!.value = Object.fromEntries(splitNames.map((name) => [name, name === 'logs' ? 120 : 24]))
const small = parseParams(json, known)

function simulate(name: string, seed: number, scale = 1) {
  const folder = join(root, name)
  const lines: string[] = []
  const { ground, tablesFor } = laboratory
  const summary = simulateWorld(
    { ground, tablesFor, progress: (line) => lines.push(line) },
    { seed, params: small, folder, scale },
  )
  return { folder, summary, lines }
}

const one = simulate('one', 7)
const bytesOf = (folder: string) =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]))

describe('a world on disk', () => {
  it('is the same for the same seed, to the byte, and another for another', () => {
    assert.deepEqual(bytesOf(one.folder), bytesOf(simulate('again', 7).folder))
    const other = bytesOf(simulate('other', 8).folder)
    for (const [name, bytes] of bytesOf(one.folder)) assert.notEqual(other.get(name), bytes, name)
  })

  it('a smaller one holds the first units of the larger', () => {
    const half = readWorld(simulate('half', 7, 0.5).folder).split('test')
    assert.equal(half.count, 12)
    assert.deepEqual(half.items, readWorld(one.folder).split('test').items.slice(0, 12))
  })

  it('is read as it was written', () => {
    const { file, split } = readWorld(one.folder)
    assert.deepEqual([file.seed, file.params.parameters.splits.value.logs], [7, 120])
    assert.deepEqual(
      file.options,
      world.compiled.options.map(({ route, channel }) => ({ route, channel: channel.id })),
    )
    for (const name of splitNames) {
      const data = split(name)
      const options = file.options.length
      assert.deepEqual(data.manifest.outcomes, [...outcomeColumns])
      assert.equal(data.manifest.contractHash, laboratory.ground.features.hash)
      assert.deepEqual([data.items.length, data.y.length], [data.count, data.count * outcomeWidth])
      for (let i = 0; i < data.count * options; i++) {
        const [eu0, eu1, nrv0, nrv1, nrv, u] = data.truth.subarray(i * 6, i * 6 + 6)
        assert.equal(Number.isNaN(eu0), Number.isNaN(nrv0))
        assert.equal(Number.isNaN(eu1), Number.isNaN(nrv1))
        const [possible0, possible1] = data.possible.subarray(i * 2, i * 2 + 2)
        assert.equal(Number.isNaN(nrv), Number.isNaN(possible0) && Number.isNaN(possible1))
        assert.equal(Number.isNaN(nrv), Number.isNaN(u))
        // What is admissible is possible, and worth the same.
        if (!Number.isNaN(eu0)) assert.equal(possible0, eu0)
        if (!Number.isNaN(eu1)) assert.equal(possible1, eu1)
      }
    }
  })

  it('a unit tells in its rows what came of it', () => {
    const { split } = readWorld(one.folder)
    const { y, count } = split('train')
    const at = (name: string) => outcomeColumns.indexOf(name)
    for (let i = 0; i < count; i++) {
      const row = y.subarray(i * outcomeWidth, (i + 1) * outcomeWidth)
      assert.equal(row[at('weight')], 1)
      const isAbuse = row[at('abuse')] === 1
      assert.equal(Number.isNaN(row[at('price_log_lot')]) && Number.isNaN(row[at('repair_needed')]), isAbuse)
      if (row[at('repair_needed')] === 0) assert.ok(Number.isNaN(row[at('repair_cost_log')]))
      const week = row[at('sale_week_secondary')]!
      assert.equal(Number.isNaN(row[at('price_log_secondary')]), !(week > 0))
      assert.ok(!(week > row[at('horizon_weeks_secondary')]!))
    }
  })

  it('logs show what the chosen option showed, with the chance of every option', () => {
    const { file, split } = readWorld(one.folder)
    const { decisions, y, truth, count } = split('logs')
    assert.equal(decisions!.length, count)
    let routes = 0
    decisions!.forEach(({ chosen, propensities, level }, i) => {
      assert.equal(level, 'L2')
      const row = y.subarray(i * outcomeWidth, (i + 1) * outcomeWidth)
      const classes = outcomeColumns.filter((name, c) => name.startsWith('sale_week') && !Number.isNaN(row[c]))
      if (chosen < 0) return assert.equal(classes.length, 0)
      const sum = propensities.reduce<number>((all, p) => all + (p ?? 0), 0)
      assert.ok(Math.abs(sum - 1) < 1e-4 && propensities[chosen]! > 0)
      assert.ok(Math.abs(row[outcomeWidth - 1]! - Math.min(50, 1 / propensities[chosen]!)) < 1e-3)
      assert.ok(classes.length <= 1, classes.join(' '))
      if (file.options[chosen]!.route !== 'refurbish')
        assert.ok(Number.isNaN(row[outcomeColumns.indexOf('repair_needed')]))
      if (classes.length === 1) routes++
      assert.ok(!Number.isNaN(truth[(i * file.options.length + chosen) * 6 + 4]!))
    })
    assert.ok(routes > count / 2)
    assert.ok(
      decisions!.some(({ propensities }) => propensities.filter((p) => (p ?? 0) > 0).length > 1),
      'exploration',
    )
  })

  it('is refused when its rows are not those of its hash, or when it is not there', () => {
    const { folder } = simulate('spoiled', 7, 0.2)
    const path = join(folder, 'test.x1.f32')
    const bytes = readFileSync(path)
    bytes.writeFloatLE(123, 0)
    writeFileSync(path, bytes)
    assert.throws(() => readWorld(folder).split('test'), /not those of its hash/)
    writeFileSync(path, bytes.subarray(4))
    assert.throws(() => readWorld(folder).split('test'), /numbers, not/)
    assert.throws(() => readWorld(join(root, 'nowhere')), /there is no world/)
  })

  it('is told in a few lines', () => {
    const lines = summaryLines(one.summary)
    assert.ok(lines.some((line) => line.startsWith('grade table t1: regret')))
    assert.ok(one.lines.includes('train: 24 of 24 units'))
    assert.equal(one.summary.units, 24 * 6 + 120)
  })

  it('decides under the policy of its parameters, the shipped one untouched', () => {
    const data = worldDecision(laboratory.ground.decision, small)
    assert.equal(data.policy.exploration.enabled, true)
    assert.equal(data.policy.parameters.probeShare.value, 0.1)
    assert.equal(laboratory.ground.decision.policy.exploration.enabled, false)
  })
})

describe('the decision engine with the true distributions', () => {
  for (const point of ['t0', 't1'] as const) {
    it(`chooses as the truth does at ${point}`, () => {
      let [chosen, best, agree, units] = [0, 0, 0, 0]
      for (const unit of unitsOf(150)) {
        const { isAdmissible, isPossible, value, shift } = point === 't0' ? unit.expected0 : unit.expected1
        const item = point === 't0' ? unit.t0 : unit.t1
        const utility = value.map((v, o) => v + shift[o]!)
        const open = [...utility.keys()].filter((o) => isAdmissible[o] === 1)
        if (open.length === 0) continue
        const body = decide([item], idealPredictions(unit, point), world.data, world.categories)[0]!
        const first = body.options[0]!
        const o = world.compiled.options.findIndex(
          ({ route, channel }) => route === first.disposition && channel.id === first.channel,
        )
        assert.equal(isPossible[o], 1)
        const most = Math.max(...open.map((k) => utility[k]!))
        units++
        chosen += utility[o]!
        best += most
        agree += utility[o] === most ? 1 : 0
      }
      assert.ok(1 - chosen / best < 0.002, `regret ${1 - chosen / best}`)
      assert.ok(agree / units > 0.95, `${agree} of ${units}`)
    })
  }
})
