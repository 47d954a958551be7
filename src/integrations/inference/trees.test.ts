import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { BoosterData, ModelArtefact } from '#contracts/model-artefact.ts'
import { randomFrom } from '#kernel/random.ts'
import { features } from '../../../test/support/decision.ts'
import { randomModel, randomRows } from '../../../test/support/random-model.ts'
import { compileTrees, contextSize } from './compile-trees.ts'
import { encodingTables, openScorer } from './trees.ts'

const names = features.features.map((feature) => feature.name)
const width = names.length
const gradeFeature = names.indexOf('grade')

/** The rule as it is written, with none of the tricks. */
function naive(
  artefact: ModelArtefact,
  booster: BoosterData,
  row: Float32Array,
  context: { class: number; grade: number },
) {
  const inputs = booster.inputs.map((input) => {
    if ('context' in input) return context[input.context]
    if ('feature' in input) return row[names.indexOf(input.feature)]!
    const { feature, values, missing } = artefact.encodings[input.encoding]!
    return Math.fround(values[row[names.indexOf(feature)]!] ?? missing)
  })
  let sum = booster.init
  for (const tree of booster.trees) {
    let node = tree.f.length === 0 ? -1 : 0
    while (node >= 0) {
      const x = inputs[tree.f[node]!]!
      const isLeft = Number.isNaN(x) ? tree.d[node] === 1 : x <= Math.fround(tree.t[node]!)
      node = isLeft ? tree.l[node]! : tree.r[node]!
    }
    sum += tree.v[~node]!
  }
  return sum
}

/** All quantiles of the price start from the same two trees, as a learner writes them that shifts one centre. */
function withCommonTrees(artefact: ModelArtefact): ModelArtefact {
  const first = artefact.boosters.find(({ kind }) => kind === 'price')!
  const boosters = artefact.boosters.map((booster) =>
    booster.kind === 'price' ? { ...booster, inputs: first.inputs, trees: first.trees.slice(0, 2) } : booster,
  )
  return {
    ...artefact,
    boosters: boosters.map((booster, b) =>
      booster === artefact.boosters[b]
        ? booster
        : { ...booster, trees: [...booster.trees, { f: [], t: [], l: [], r: [], d: [], v: [b], c: [1] }] },
    ),
  }
}

describe('trees', () => {
  it('answers what a walk of every tree for every class and grade answers', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, depth, count) => {
          const random = randomFrom(seed)
          const apart = randomModel(random, features, { trees: 3, depth })
          const artefact = seed % 2 === 0 ? apart : withCommonTrees(apart)
          const rows = randomRows(random, features, count)
          const trees = compileTrees(artefact, names)
          const scorer = openScorer(trees, encodingTables(artefact.encodings, names), width, gradeFeature)
          const raw = new Float64Array(count * scorer.rawCount)
          scorer.score(rows, count, raw)
          artefact.boosters.forEach((booster, b) => {
            const { classes, grades } = contextSize(booster.kind)
            for (let i = 0; i < count; i++) {
              const row = rows.subarray(i * width, (i + 1) * width)
              const known = Number.isNaN(row[gradeFeature]) ? -1 : 4 - row[gradeFeature]!
              for (let c = 0; c < classes; c++) {
                for (let g = 0; g < grades; g++) {
                  const ours = raw[i * scorer.rawCount + trees.boosters[b]!.rawAt + c * grades + g]!
                  if (grades > 1 && known >= 0 && g !== known) {
                    assert.ok(Number.isNaN(ours))
                    continue
                  }
                  const truth = naive(artefact, booster, row, { class: c, grade: g })
                  assert.ok(Math.abs(ours - truth) < 1e-6, `${booster.name} ${c} ${g}: ${ours} is not ${truth}`)
                }
              }
            }
          })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('reads a threshold as float32, so that an equal value goes left', () => {
    const tree = { f: [0], t: [0.1], l: [-1], r: [-2], d: [0 as const], v: [1, 2], c: [2, 1, 1] }
    const booster = {
      ...randomModel(randomFrom(1), features, { trees: 1, depth: 0 }).boosters[0]!,
      inputs: [{ feature: names[0]! }],
      init: 0,
      trees: [tree],
    }
    const trees = compileTrees({ encodings: {}, boosters: [booster] }, names)
    const scorer = openScorer(trees, [], width, gradeFeature)
    const above = new Float32Array(new Int32Array([new Int32Array(Float32Array.of(0.1).buffer)[0]! + 1]).buffer)[0]!
    for (const [x, answer] of [
      [0.1, 1],
      [above, 2],
      [Number.NaN, 2],
    ] as const) {
      const raw = new Float64Array(1)
      scorer.score(new Float32Array(width).fill(x), 1, raw)
      assert.equal(raw[0], answer)
    }
  })
})
