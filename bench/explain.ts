import { performance } from 'node:perf_hooks'
import { predictionWidth } from '#contracts/prediction.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { openTreeModel } from '#integrations/inference/in-process.ts'
import type { AttributionPart } from '#integrations/inference/port.ts'
import { randomFrom } from '#kernel/random.ts'
import { decide } from '#services/recommendation/decide.ts'
import { explainRecommendation } from '#services/recommendation/explain-recommendation.ts'
import type { ExplainContext, Subject } from '#services/recommendation/explain-recommendation.ts'
import { categories, data, features, rowsOf, unit } from '../test/support/decision.ts'
import { randomModel } from '../test/support/random-model.ts'

/**
 * Milliseconds of one decision with confidence, and of the reasons in money of one recommendation, at t0 and t1, with a model
 * of random trees of 4 MB. Wall time and processor time: the second is what it costs on a machine that has nothing else to do.
 */

const random = randomModel(randomFrom(7), features, { trees: 150, depth: 6 })
// Leaves small enough that no chance is all but certain, and little abuse, so that options stay open.
const boosters = random.boosters.map((booster) => ({
  ...booster,
  init: booster.kind === 'abuse' ? -4 : booster.init,
  trees: booster.trees.map((tree) => ({ ...tree, v: tree.v.map((value) => 0.1 * value) })),
}))
const model = openTreeModel({ ...random, boosters }, features)
const about = { engine: 'trees', level: 'L1', modelVersion: 'random-1' } as const
const predict = (items: readonly DecisionItem[]) => {
  const values = new Float64Array(items.length * predictionWidth)
  model.predictRows(rowsOf(items), values)
  return { ...about, count: items.length, values, calibration: null, fellBack: [] }
}
const context = {
  inference: { attribute: (row: Float32Array, _: string, leftOut: AttributionPart[]) => model.attribute(row, leftOut) },
  reference: { decision: data, categories, features },
} as unknown as ExplainContext

const ids = [...categories.keys()]
const count = 120
const warm = 20

async function run(point: 't0' | 't1'): Promise<void> {
  const decideMs: number[] = []
  const explainMs: number[] = []
  let cpu = { user: 0, system: 0 }
  for (let i = 0; i < count; i++) {
    const item = unit({
      id: `${point}-${i}`,
      point,
      categoryId: ids[i % ids.length]!,
      grade: point === 't0' ? null : (['A', 'B', 'C', 'D', 'E'] as const)[i % 5]!,
      priceMinor: 40_000 * (1 + (i % 50)),
    })
    let began = performance.now()
    const body = decide([item], predict([item]), data, categories)[0]!
    if (i >= warm) decideMs.push(performance.now() - began)
    const [chosen, other] = body.options
    if (chosen === undefined || other === undefined) continue
    const basis = { item, contractHash: features.hash.slice(0, 12) } as NonNullable<Subject['basis']>
    const before = process.cpuUsage()
    began = performance.now()
    await explainRecommendation(context, { returnId: '', recommendationId: '', body, basis, chosen, other })
    if (i < warm) continue
    explainMs.push(performance.now() - began)
    const used = process.cpuUsage(before)
    cpu = { user: cpu.user + used.user, system: cpu.system + used.system }
  }
  const ms = (list: readonly number[], share: number) =>
    list.toSorted((a, b) => a - b)[Math.floor(share * (list.length - 1))]!.toFixed(2)
  console.log(`${point}: one decision with confidence p50 ${ms(decideMs, 0.5)} ms, p99 ${ms(decideMs, 0.99)} ms`)
  const mean = ((cpu.user + cpu.system) / 1000 / explainMs.length).toFixed(2)
  console.log(`${point}: its reasons p50 ${ms(explainMs, 0.5)} ms, p99 ${ms(explainMs, 0.99)} ms, processor ${mean} ms`)
}

await run('t0')
await run('t1')
