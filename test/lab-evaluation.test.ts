import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { drawPictures } from '#lab/evaluation/draw-pictures.ts'
import { evaluateWorld } from '#lab/evaluation/evaluate-world.ts'
import { parseParams } from '#lab/simulator/params.ts'
import { simulateWorld } from '#lab/simulator/simulate-world.ts'
import { openLaboratory } from '../src/app/laboratory.ts'

const data = join(import.meta.dirname, '..', 'data')

/** A small world of a seed that no model was trained on. The bars are those of the full table, with room for few units. */
test('the shipped model decides a new small world nearly as well as knowing its laws', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-world-'))
  try {
    const lab = await openLaboratory(data)
    const params = parseParams(
      JSON.parse(readFileSync(lab.paramsFile, 'utf8')) as unknown,
      new Set(lab.ground.categories.keys()),
    )
    const order = { seed: 4711, params, folder, scale: 0.02 }
    simulateWorld({ ground: lab.ground, tablesFor: lab.tablesFor, progress: () => undefined }, order)
    const evaluation = await evaluateWorld(lab, {
      world: folder,
      model: join(data, 'models', 'returns'),
      finishes: false,
      hasLogsOnly: false,
      progress: () => undefined,
    })
    const valueOf = (name: string) => {
      const found = evaluation.metrics.find((one) => one.name === name)
      assert.ok(found !== undefined && found.value !== null, `${name} was not measured`)
      return found.value
    }
    const most = { regret_t0: 0.015, regret_t1: 0.01, regret_against_heuristics_t1: 0.5, grade_ece: 0.12 }
    const least = { top1_t0: 0.8, top1_t1: 0.85, within_2_percent_t1: 0.93, coverage_t1: 0.82, sharpness: 0.12 }
    for (const [name, bar] of Object.entries(most)) assert.ok(valueOf(name) <= bar, `${name} ${valueOf(name)} > ${bar}`)
    for (const [name, bar] of Object.entries(least))
      assert.ok(valueOf(name) >= bar, `${name} ${valueOf(name)} < ${bar}`)
    for (const name of drawPictures(evaluation, join(folder, 'pictures'))) {
      assert.match(readFileSync(join(folder, 'pictures', name), 'utf8'), /^<svg/)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
