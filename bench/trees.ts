import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { featureContractSchema } from '#contracts/features.ts'
import { modelArtefactSchema } from '#contracts/model-artefact.ts'
import type { ModelArtefact } from '#contracts/model-artefact.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import { openTreeModel } from '#integrations/inference/in-process.ts'
import { randomFrom } from '#kernel/random.ts'
import { randomModel, randomRows } from '../test/support/random-model.ts'

/**
 * Microseconds an item of the trees alone, all outputs, at t0 (grade unknown) and t1, one at a time and in batches. The model
 * is the folder given, or random trees of the largest size that may ship (6 MB).
 */

const root = join(import.meta.dirname, '..')
const text = readFileSync(join(root, 'data/features/returns.v1.json'), 'utf8')
const contract = {
  ...featureContractSchema.parse(JSON.parse(text)),
  hash: createHash('sha256').update(text).digest('hex'),
}
const width = contract.features.length
const random = randomFrom(7)

/** Values have as many digits as a trainer writes. */
const short = (model: ModelArtefact): ModelArtefact =>
  JSON.parse(JSON.stringify(model, (_, x) => (typeof x === 'number' ? Number(x.toPrecision(7)) : x)))

const folder = process.argv[2]
const file = folder === undefined ? null : join(folder, 'model.json')
const artefact =
  file !== null && existsSync(file)
    ? modelArtefactSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    : short(randomModel(random, contract, { trees: 150, depth: 6 }))
const model = openTreeModel(artefact, contract)
const trees = artefact.boosters.reduce((sum, booster) => sum + booster.trees.length, 0)
const leaves = artefact.boosters.reduce((sum, b) => sum + b.trees.reduce((n, tree) => n + tree.v.length, 0), 0)
const megabytes = (JSON.stringify(artefact).length / 1e6).toFixed(1)
console.log(`${file ?? 'random trees'}: ${megabytes} MB, ${trees} trees, ${leaves} leaves`)

const itemCount = 1000
const rows = randomRows(random, contract, itemCount)
const golden = folder === undefined ? null : readFileSync(join(folder, 'golden.x.f32'))
if (golden !== null)
  rows.set(new Float32Array(new Uint8Array(golden).buffer, 0, Math.min(rows.length, golden.length / 4)))

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(0)

for (const point of ['t0', 't1'] as const) {
  for (let i = 0; i < itemCount; i++) rows[i * width + model.gradeFeature] = point === 't0' ? Number.NaN : i % 5
  for (const batch of [1, 250]) {
    const out = new Float64Array(batch * predictionWidth)
    const took: number[] = []
    for (let round = 0; round < 5; round++) {
      for (let from = 0; from + batch <= itemCount; from += batch) {
        const began = performance.now()
        model.predictRows(rows.subarray(from * width, (from + batch) * width), out)
        if (round > 0) took.push(((performance.now() - began) * 1000) / batch)
      }
    }
    const sorted = took.toSorted((a, b) => a - b)
    console.log(`${point}, batch ${batch}: p50 ${at(sorted, 0.5)} µs, p99 ${at(sorted, 0.99)} µs an item`)
  }
}

const took: number[] = []
for (let i = 0; i < 60; i++) {
  const row = rows.slice((i % itemCount) * width, ((i % itemCount) + 1) * width)
  const began = performance.now()
  model.attribute(row)
  if (i >= 10) took.push(performance.now() - began)
}
const sorted = took.toSorted((a, b) => a - b)
const ms = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(1)
console.log(`Shapley values of every output: p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms an item`)
