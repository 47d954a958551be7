import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { BoosterData, BoosterInput, ModelArtefact } from '#contracts/model-artefact.ts'
import { randomFrom } from '#kernel/random.ts'
import { randomBooster, randomValue } from '../../../test/support/random-model.ts'
import { smallContract, smallModelFolder } from '../../../test/support/small-model.ts'
import { openBoosterShap } from './shap.ts'

const plain = (count: number): BoosterInput[] => Array.from({ length: count }, (_, i) => ({ feature: `f${i}` }))

/** Expected answer when only the inputs of `known` are looked at: elsewhere the covers say how many rows go which way. */
function expectation(booster: BoosterData, x: Float64Array, known: number): number {
  let sum = 0
  for (const { f, t, l, r, d, v, c } of booster.trees) {
    const cover = (node: number) => c[node >= 0 ? node : f.length + ~node]!
    const visit = (node: number): number => {
      if (node < 0) return Math.fround(v[~node]!)
      const input = f[node]!
      const value = x[input]!
      if ((known >> input) & 1)
        return visit((Number.isNaN(value) ? d[node] === 1 : value <= Math.fround(t[node]!)) ? l[node]! : r[node]!)
      const left = cover(l[node]!)
      const right = cover(r[node]!)
      return (left * visit(l[node]!) + right * visit(r[node]!)) / (left + right)
    }
    sum += visit(f.length === 0 ? -1 : 0)
  }
  return sum
}

/** The definition: the mean over all orders of what an input adds when it becomes known. */
function shapley(booster: BoosterData, x: Float64Array, always: number): number[] {
  const count = booster.inputs.length
  const players = Array.from({ length: count }, (_, i) => i).filter((i) => ((always >> i) & 1) === 0)
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))
  const values = new Map<number, number>()
  const of = (known: number): number => {
    const found = values.get(known) ?? expectation(booster, x, known)
    values.set(known, found)
    return found
  }
  return Array.from({ length: count }, (_, i) => {
    if (!players.includes(i)) return 0
    const others = players.filter((player) => player !== i)
    let sum = 0
    for (let subset = 0; subset < 2 ** others.length; subset++) {
      const chosen = others.filter((_, k) => (subset >> k) & 1)
      const known = chosen.reduce((mask, player) => mask | (1 << player), always)
      const share = (factorial(chosen.length) * factorial(others.length - chosen.length)) / factorial(players.length)
      sum += share * (of(known | (1 << i)) - of(known))
    }
    return sum
  })
}

const close = (a: number, b: number, by: number, what: string) =>
  assert.ok(Math.abs(a - b) <= by, `${what}: ${a} is not ${b}`)

describe('Shapley values of trees', () => {
  it('are those of the definition over all subsets, and add up to the score', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 7 }), (seed, depth, count) => {
        const random = randomFrom(seed)
        const inputs = plain(count)
        const booster = randomBooster(random, 'abuse', null, { depth, inputs, trees: 3, contextShare: 0 })
        const shap = openBoosterShap(booster, { areContextsFixed: false })
        const x = Float64Array.from({ length: count }, () => randomValue(random))
        const found = new Float64Array(count)
        shap.explain(x, found)
        shapley(booster, x, 0).forEach((value, i) => close(found[i]!, value, 1e-9, `input ${i}`))
        close(shap.base[0]!, expectation(booster, x, 0), 1e-9, 'base')
        const score = expectation(booster, x, 2 ** count - 1)
        close(shap.base[0]! + found.reduce((a, b) => a + b, 0), score, 1e-9, 'sum')
      }),
      { numRuns: 150 },
    )
  })

  it('of fixed contexts are those of the game in which class and grade are always known', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(5), fc.nat(4), (seed, c, g) => {
        const random = randomFrom(seed)
        const inputs: BoosterInput[] = [...plain(4), { context: 'class' }, { context: 'grade' }]
        const booster = randomBooster(random, 'price', 2, { depth: 6, inputs, trees: 3, contextShare: 0.4 })
        const shap = openBoosterShap(booster, { areContextsFixed: true })
        const x = Float64Array.from([...Array.from({ length: 4 }, () => randomValue(random)), c, g])
        const cells = new Float64Array(inputs.length * shap.rectangles.length)
        shap.explain(x, cells)
        const isIn = shap.rectangles.map(({ c0, c1, g0, g1 }) => c >= c0 && c <= c1 && g >= g0 && g <= g1)
        const total = (list: Float64Array, at: number) =>
          isIn.reduce((sum, within, r) => (within ? sum + list[at + r]! : sum), 0)
        const always = (1 << 4) | (1 << 5)
        const truth = shapley(booster, x, always)
        truth.forEach((value, i) => close(total(cells, i * shap.rectangles.length), value, 1e-9, `input ${i}`))
        close(total(shap.base, 0), expectation(booster, x, always), 1e-9, 'base')
      }),
      { numRuns: 100 },
    )
  })

  it('are those of LightGBM, for every kind of booster', () => {
    const artefact: ModelArtefact = JSON.parse(readFileSync(join(smallModelFolder, 'model.json'), 'utf8'))
    const bytes = readFileSync(join(smallModelFolder, 'golden.x.f32'))
    const golden = new Float32Array(new Uint8Array(bytes).buffer)
    const expected: { class: number; grade: number; rows: number; boosters: Record<string, number[][]> } = JSON.parse(
      readFileSync(join(smallModelFolder, 'shap.json'), 'utf8'),
    )
    const names = smallContract.features.map(({ name }) => name)
    let compared = 0
    for (const [name, rows] of Object.entries(expected.boosters)) {
      const booster = artefact.boosters.find((b) => b.name === name)!
      const shap = openBoosterShap(booster, { areContextsFixed: false })
      rows.forEach((row, i) => {
        const x = Float64Array.from(booster.inputs, (input) => {
          if ('context' in input) return expected[input.context]
          if ('feature' in input) return golden[i * names.length + names.indexOf(input.feature)]!
          const { feature, values, missing } = artefact.encodings[input.encoding]!
          return Math.fround(values[golden[i * names.length + names.indexOf(feature)]!] ?? missing)
        })
        const found = new Float64Array(x.length)
        shap.explain(x, found)
        ;[...found, shap.base[0]! + booster.init].forEach((value, k) => {
          close(value, row[k]!, 1e-6, `${name}, row ${i}, input ${k}`)
          compared++
        })
      })
    }
    assert.ok(compared > 2_000)
  })
})
