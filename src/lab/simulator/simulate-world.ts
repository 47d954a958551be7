import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DecisionData } from '#contracts/decision.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { outcomeColumns, outcomeWidth, type TrainingManifest } from '#contracts/training-rows.ts'
import type { PredictedBatch, PredictRequest } from '#integrations/inference/port.ts'
import { featurize } from '#services/recommendation/features.ts'
import { decideLogged } from './decide-logged.ts'
import { writeAllOutcomes, writeLogged } from './outcome-row.ts'
import { splitNames, type SplitName } from './names.ts'
import { type SimulatorParams } from './params.ts'
import { simulateUnit, type SimulatedUnit } from './simulate-unit.ts'
import { Summary, type WorldSummary } from './summary.ts'
import { newCellValues } from './values.ts'
import { hashOf, openLines, possibleColumns, truthColumns, writeFloats, type WorldFile } from './world-files.ts'
import { openWorld, type Ground, type WorldModel } from './world-model.ts'

export type Predict = (request: PredictRequest) => PredictedBatch

/** What an order to simulate needs from outside. */
export type Workshop = {
  readonly ground: Ground
  /** Level L2 on the data of this world. */
  readonly tablesFor: (data: DecisionData) => Predict
  readonly progress: (line: string) => void
}

export type SimulationOrder = {
  readonly seed: number
  readonly params: SimulatorParams
  readonly folder: string
  /** Size of every split against the parameters. */
  readonly scale: number
}

/** Writes a whole world into a folder; the same order gives the same bytes. */
export function simulateWorld(workshop: Workshop, order: SimulationOrder): WorldSummary {
  const world = openWorld(workshop.ground, order.params, order.seed)
  const predict = workshop.tablesFor(world.data)
  mkdirSync(order.folder, { recursive: true })
  // While it is written the folder is no world.
  rmSync(join(order.folder, 'world.json'), { force: true })
  const summary = new Summary(world, predict)
  const counts = new Map(splitNames.map((name) => [name, Math.max(1, Math.round(world.p.splits[name] * order.scale))]))
  for (const [split, count] of counts) {
    writeSplit(world, { split, count, folder: order.folder, predict, summary, progress: workshop.progress })
  }
  const file: WorldFile = {
    format: 1,
    seed: order.seed,
    scale: order.scale,
    params: order.params,
    contract: { name: world.contract.name, hash: world.contract.hash },
    options: world.compiled.options.map(({ route, channel }) => ({ route, channel: channel.id })),
    splits: Object.fromEntries(
      [...counts].map(([name, count]) => [name, { count, kind: kindOfSplit(name) }]),
    ) as WorldFile['splits'],
    dataVersions: { ...world.compiled.dataVersions },
  }
  writeFileSync(join(order.folder, 'world.json'), `${JSON.stringify(file)}\n`)
  return summary.done()
}

const kindOfSplit = (split: SplitName) => (split === 'logs' ? 'logged' : 'all_outcomes')

type SplitOrder = {
  readonly split: SplitName
  readonly count: number
  readonly folder: string
  readonly predict: Predict
  readonly summary: Summary
  readonly progress: (line: string) => void
}

const perBatch = 250

function writeSplit(world: WorldModel, { split, count, folder, predict, summary, progress }: SplitOrder): void {
  const width = world.contract.features.length
  const optionCount = world.compiled.options.length
  const x0 = new Float32Array(count * width)
  const x1 = new Float32Array(count * width)
  const y = new Float32Array(count * outcomeWidth)
  const truth = new Float32Array(count * optionCount * truthColumns.length)
  const possible = new Float32Array(count * optionCount * possibleColumns.length)
  const items = openLines(folder, `${split}.items.jsonl`)
  const decisions = split === 'logs' ? openLines(folder, `${split}.decisions.jsonl`) : null
  const cellValues = newCellValues(optionCount)
  for (let from = 0; from < count; from += perBatch) {
    const to = Math.min(count, from + perBatch)
    const checked: DecisionItem[] = []
    // A unit keeps its own values only where it is looked at again after the next one.
    const units: SimulatedUnit[] = []
    for (let i = from; i < to; i++) {
      const unit = simulateUnit(world, split, i, decisions ? newCellValues(optionCount) : cellValues)
      items.write({ t0: unit.t0, t1: unit.t1 })
      featurize(world.compiled, world.contract, unit.t0, x0, i * width)
      featurize(world.compiled, world.contract, unit.t1, x1, i * width)
      writeTruth(unit, truth, possible, i * optionCount)
      summary.add(split, unit)
      if (decisions) {
        units.push(unit)
        checked.push(unit.t1)
      } else writeAllOutcomes(unit, y, i * outcomeWidth)
    }
    if (decisions) {
      const rows = x1.subarray(from * width, to * width)
      decideLogged(world, predict({ items: checked, rows }), checked).forEach((decision, k) => {
        decisions.write(decision)
        const propensity = decision.chosen < 0 ? 1 : decision.propensities[decision.chosen]!
        writeLogged(units[k]!, decision.chosen, propensity, y, (from + k) * outcomeWidth)
      })
    }
    if (to % 1000 === 0 || to === count) progress(`${split}: ${to} of ${count} units`)
  }
  items.close()
  decisions?.close()
  writeFloats(join(folder, `${split}.x0.f32`), x0)
  writeFloats(join(folder, `${split}.x1.f32`), x1)
  writeFloats(join(folder, `${split}.y.f32`), y)
  writeFloats(join(folder, `${split}.truth.f32`), truth)
  writeFloats(join(folder, `${split}.possible.f32`), possible)
  const manifest: TrainingManifest = {
    contract: world.contract.name,
    contractHash: world.contract.hash,
    features: world.contract.features.map(({ name }) => name),
    outcomes: [...outcomeColumns],
    count,
    kind: kindOfSplit(split),
    source: `simulator seed ${world.seed}`,
    dataHash: hashOf(x0, x1, y),
  }
  writeFileSync(join(folder, `${split}.json`), `${JSON.stringify(manifest)}\n`)
}

function writeTruth(unit: SimulatedUnit, truth: Float32Array, possible: Float32Array, at: number): void {
  const { expected0: e0, expected1: e1, realised } = unit
  for (let o = 0; o < realised.length; o++) {
    const is0 = e0.isAdmissible[o] === 1
    const is1 = e1.isAdmissible[o] === 1
    const place = (at + o) * truthColumns.length
    truth[place] = is0 ? e0.value[o]! + e0.shift[o]! : Number.NaN
    truth[place + 1] = is1 ? e1.value[o]! + e1.shift[o]! : Number.NaN
    truth[place + 2] = is0 ? e0.value[o]! : Number.NaN
    truth[place + 3] = is1 ? e1.value[o]! : Number.NaN
    // What was realised is there for every possible option: an engine may admit one that the truth would not.
    truth[place + 4] = realised[o]!
    truth[place + 5] = realised[o]! + (is1 ? e1 : e0).shift[o]!
    possible[(at + o) * 2] = e0.isPossible[o] === 1 ? e0.value[o]! + e0.shift[o]! : Number.NaN
    possible[(at + o) * 2 + 1] = e1.isPossible[o] === 1 ? e1.value[o]! + e1.shift[o]! : Number.NaN
  }
}
