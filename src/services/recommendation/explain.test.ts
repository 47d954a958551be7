import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ModelArtefact } from '#contracts/model-artefact.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import { openTreeModel } from '#integrations/inference/in-process.ts'
import type { Inference, PredictedBatch } from '#integrations/inference/port.ts'
import { randomFrom } from '#kernel/random.ts'
import { categories, data, features, predictAll, rowsOf, unit } from '../../../test/support/decision.ts'
import { randomModel, randomRows } from '../../../test/support/random-model.ts'
import { decide } from './decide.ts'
import { shareDifference } from './explain.ts'
import { explainRecommendation } from './explain-recommendation.ts'
import type { ExplainContext, Subject } from './explain-recommendation.ts'

const reference = { decision: data, categories, features } as unknown as ExplainContext['reference']

/** A model as an engine of a level. */
function engineOf(artefact: ModelArtefact, level: 'L0' | 'L1') {
  const model = openTreeModel(artefact, features)
  const about = { engine: 'test', level, modelVersion: 'random-1' } as const
  const predict = ({ items, rows }: { items: readonly DecisionItem[]; rows: Float32Array }): PredictedBatch => {
    const values = new Float64Array(items.length * predictionWidth)
    model.predictRows(rows, values)
    return { ...about, count: items.length, values, calibration: null, fellBack: [] }
  }
  const inference: Inference = {
    info: () => [about],
    predict: async (request) => predict(request),
    close: async () => {},
    typicalRows: () => randomRows(randomFrom(3), features, 200),
    ...(level === 'L1' && { attribute: (row, version) => (version === 'random-1' ? model.attribute(row) : null) }),
  }
  return { inference, predict }
}

function decided(item: DecisionItem, predict: ReturnType<typeof engineOf>['predict']): RecommendationBody {
  return decide([item], predict({ items: [item], rows: rowsOf([item]) }), data, categories)[0]!
}

function subjectOf(item: DecisionItem, body: RecommendationBody, place = 1): Subject {
  const basis = { item, contractHash: features.hash.slice(0, 12) } as NonNullable<Subject['basis']>
  const chosen = body.options.find((o) => o.disposition === body.disposition && o.channel === body.channel)!
  const other = body.options.filter((option) => option !== chosen)[place - 1] ?? null
  return { returnId: 'r', recommendationId: 'x', body, basis, chosen, other }
}

/** All trees cut down to one leaf but for splits on the given features. */
function onlyOn(artefact: ModelArtefact, names: readonly string[]): ModelArtefact {
  const boosters = artefact.boosters.map((booster) => {
    const trees = booster.trees.filter(({ f }) =>
      f.every((input) => {
        const asked = booster.inputs[input]!
        return 'context' in asked || ('feature' in asked && names.includes(asked.feature))
      }),
    )
    const flat = { f: [], t: [], l: [], r: [], d: [], v: [0.1], c: [100] }
    const place = booster.inputs.findIndex((input) => 'feature' in input && names.includes(input.feature))
    const split = { f: [place], t: [2], l: [-1], r: [-2], d: [1 as const], v: [-0.4, 0.5], c: [100, 60, 40] }
    return { ...booster, trees: [...trees, flat, ...(booster.kind === 'price' ? [split] : [])] }
  })
  return { ...artefact, boosters }
}

const items = [
  unit({ grade: null, point: 't0', soldAtMs: Date.parse('2026-10-09T00:00:00Z') }),
  unit({ grade: 'B' }),
  unit({ id: 'kurta', categoryId: 'fashion.apparel.ethnic', priceMinor: 129_900, grade: 'C' }),
  unit({ id: 'us', currency: 'USD', priceMinor: 45_000, grade: null, point: 't0', isOpened: true }),
]

describe('shares of a difference', () => {
  const none = { grade: -1, gradeFeature: -1 }
  /** Three scores, four features; a row is the scores. */
  const attribution = {
    base: Float64Array.of(1, 2, 3),
    byFeature: Float64Array.of(2, 0, 0, 0, 3, 0, -1, 0, 4, 0, 0, 0),
    rowOf: (raw: Float64Array, out: Float64Array) => out.set(raw),
  }

  it('are the scores that a feature moves, at their price, where the value is linear', () => {
    const { typical, actual, byFeature } = shareDifference(attribution, (row) => 10 * row[0]! + row[1]! - row[2]!, none)
    assert.deepEqual([typical, actual], [9, 18])
    ;[20, 3, -14, 0].forEach((share, f) => assert.ok(Math.abs(byFeature[f]! - share) < 1e-9, `${byFeature[f]}`))
  })

  it('are the mean price along the way where it is not: the definition, by many steps', () => {
    const value = (row: Float64Array) => Math.exp(row[0]! / 3) * row[1]! + Math.max(0, row[2]! - 4) ** 2
    const { typical, actual, byFeature } = shareDifference(attribution, value, none)
    const count = 2_000
    const truth = [0, 0, 0]
    for (let i = 0; i < count; i++) {
      const t = (i + 0.5) / count
      const at = [1 + t, 2 + 3 * t, 3 + 4 * t]
      const slopes = [(Math.exp(at[0]! / 3) * at[1]!) / 3, Math.exp(at[0]! / 3), 2 * Math.max(0, at[2]! - 4)]
      truth[0]! += (2 * slopes[0]!) / count
      truth[1]! += (3 * slopes[1]!) / count
      truth[2]! += (-slopes[0]! + 4 * slopes[2]!) / count
    }
    assert.ok(Math.abs(byFeature.reduce((a, b) => a + b, 0) - (actual - typical)) < 1e-9)
    truth.forEach((share, f) =>
      assert.ok(Math.abs(byFeature[f]! - share) < 0.02 * (actual - typical), `${f}: ${share}`),
    )
  })
})

describe('reasons in money', () => {
  const model = randomModel(randomFrom(5), features, { trees: 6, depth: 4 })
  const { inference, predict } = engineOf(model, 'L1')

  it('add up from a typical unit to the difference of utilities, to the last paisa', async () => {
    for (const item of items) {
      const body = decided(item, predict)
      for (const place of [1, 2, 3]) {
        const explanation = await explainRecommendation({ inference, reference }, subjectOf(item, body, place))
        assert.deepEqual([explanation.basis, explanation.isApproximate, explanation.why], ['shapley', false, null])
        const sum = explanation.reasons.reduce((total, { amount }) => total + amount, explanation.typical!)
        assert.equal(sum, explanation.difference)
        assert.equal(explanation.difference, body.options[0]!.utility - body.options[place]!.utility)
        assert.ok(explanation.reasons.length <= 5)
        const sizes = explanation.reasons.filter(({ code }) => code !== 'others').map(({ amount }) => Math.abs(amount))
        assert.deepEqual(
          sizes,
          sizes.toSorted((a, b) => b - a),
        )
      }
      // Looking at the reasons changes nothing.
      assert.deepEqual(decided(item, predict), body)
    }
  })

  it('name the one thing that the model looks at, and what it is in this unit', async () => {
    const [narrow, other] = [onlyOn(model, ['days_since_sale_d']), onlyOn(model, ['is_opened'])]
    const item = unit({ grade: null, point: 't0', soldAtMs: Date.parse('2026-10-09T00:00:00Z'), isOpened: false })
    const engine = engineOf(narrow, 'L1')
    const body = decided(item, engine.predict)
    const { reasons } = await explainRecommendation({ inference: engine.inference, reference }, subjectOf(item, body))
    assert.deepEqual(
      reasons.map(({ code, params }) => [code, params]),
      [['days_since_sale_d', { n: 23 }]],
    )
    assert.match(reasons[0]!.text, /^Bought 23 days ago: ₹[\d,.]+ (for|against) /)
    const opened = engineOf(other, 'L1')
    const again = decided(item, opened.predict)
    const explanation = await explainRecommendation({ inference: opened.inference, reference }, subjectOf(item, again))
    assert.match(explanation.reasons[0]!.text, /^Package was not opened: /)
  })

  it('count an observed grade as a reason of its own', async () => {
    const plain = onlyOn(model, ['weekday'])
    const boosters = plain.boosters.map((booster) => {
      const place = booster.inputs.findIndex((input) => 'context' in input && input.context === 'grade')
      if (booster.kind !== 'price') return booster
      const split = { f: [place], t: [2], l: [-1], r: [-2], d: [1 as const], v: [0, -1], c: [100, 60, 40] }
      return { ...booster, trees: [...booster.trees, split] }
    })
    const flat = engineOf({ ...plain, boosters }, 'L1')
    const item = unit({ grade: 'E' })
    const body = decided(item, flat.predict)
    const { reasons } = await explainRecommendation({ inference: flat.inference, reference }, subjectOf(item, body))
    const grade = reasons.find(({ code }) => code === 'grade')
    assert.match(grade!.text, /^Grade E: /)
  })

  it('are sampled, and say so, where a model can only be asked', async () => {
    const remote = engineOf(onlyOn(model, ['days_since_sale_d', 'is_opened']), 'L0')
    const item = unit({ grade: null, point: 't0', soldAtMs: Date.parse('2026-10-09T00:00:00Z'), isOpened: true })
    const body = decided(item, remote.predict)
    const context = { inference: remote.inference, reference }
    const first = await explainRecommendation(context, subjectOf(item, body))
    assert.deepEqual([first.basis, first.isApproximate], ['sampled', true])
    const sum = first.reasons.reduce((total, { amount }) => total + amount, first.typical!)
    assert.equal(sum, first.difference)
    // Beside its trees a model looks at category and tier, for the decay of the price and the width of its quantiles.
    const looked = ['days_since_sale_d', 'is_opened', 'category', 'brand_tier', 'others']
    assert.ok(first.reasons.every(({ code }) => looked.includes(code)))
    assert.deepEqual(await explainRecommendation(context, subjectOf(item, body)), first)
  })

  it('fall back to the parts of the values where no model can be taken apart', async () => {
    const item = unit()
    const table = decide([item], predictAll([item]), data, categories)[0]!
    const why = async (subject: Subject) => {
      const { basis, why: reason, typical, reasons } = await explainRecommendation({ inference, reference }, subject)
      assert.deepEqual([basis, typical], ['breakdown', null])
      assert.ok(reasons.length > 0)
      return reason
    }
    assert.equal(await why(subjectOf(item, table)), 'no_model')
    const body = decided(item, predict)
    assert.equal(await why({ ...subjectOf(item, body), basis: null }), 'not_kept')
    assert.equal(await why({ ...subjectOf(item, body), other: null }), 'no_other_option')
    assert.equal(await why({ ...subjectOf(item, body), body: { ...body, modelVersion: 'older-3' } }), 'other_model')
  })
})
