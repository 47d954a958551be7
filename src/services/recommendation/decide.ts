import type { DecisionData } from '#contracts/decision.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import { predictionAt, predictionWidth } from '#contracts/prediction.ts'
import type { PredictedBatch } from '#integrations/inference/port.ts'
import { hash32 } from '#kernel/random.ts'
import { commonFields, gradeShares, holdBody, optionBody, optionName, roundingFor } from './bodies.ts'
import { compiledFor } from './compile.ts'
import type { Categories, Compiled } from './compile.ts'
import { calibrated, evidence, valueOfLooking, winShare } from './confidence.ts'
import { admit, sells } from './constraints.ts'
import type { Admission } from './constraints.ts'
import { freshState, isStarting, probeFactor } from './decision-state.ts'
import type { DecisionState } from './decision-state.ts'
import { explore } from './explore.ts'
import { unitFacts } from './facts.ts'
import { wideningOf } from './intervals.ts'
import { drawOutcomes, newOutcomes } from './outcomes.ts'
import type { Outcomes } from './outcomes.ts'
import { moneyReasons } from './reasons.ts'
import { reviewReasons } from './review.ts'
import { rankOptions } from './route-markets.ts'
import type { Ranking } from './route-markets.ts'
import { decideByRules } from './rules-only.ts'
import { valueOptions } from './value-options.ts'
import { newWorkspace } from './workspace.ts'
import type { Case, Workspace } from './workspace.ts'

type Engine = {
  readonly compiled: Compiled
  readonly ws: Workspace
  readonly outcomes: Outcomes
  readonly draws: number
  readonly state: DecisionState
}

/** An answer, and what stood behind it beside the prediction. */
export type Decided = { readonly body: RecommendationBody; readonly trace: Trace | null }
export type Trace = {
  /** Conformal group and alpha of the interval of the chosen option; null where it was not calibrated. */
  readonly interval: { readonly group: string; readonly alpha: number } | null
  /** Chance of a uniform draw, and the share of it that the budget left. */
  readonly probeShare: number
  readonly factor: number
}

const engines = new WeakMap<Compiled, { readonly ws: Workspace; readonly outcomes: Outcomes }>()

function engineFor(data: DecisionData, categories: Categories, state: DecisionState): Engine {
  const compiled = compiledFor(data, categories)
  const { draws } = compiled.parameters
  const count = compiled.options.length
  const arrays = engines.get(compiled) ?? {
    ws: newWorkspace(count),
    outcomes: newOutcomes(count, draws),
  }
  engines.set(compiled, arrays)
  return { compiled, ...arrays, draws, state }
}

/**
 * One recommendation for each item, in order. Pure: the same items, predictions, data and state give the same answer, because
 * chance is drawn from the item's id. Without predictions the answer is that of rules alone (level L3).
 */
export function decide(
  items: readonly DecisionItem[],
  batch: PredictedBatch | null,
  data: DecisionData,
  categories: Categories,
  state: DecisionState = freshState,
): RecommendationBody[] {
  return decideTraced(items, batch, data, categories, state).map(({ body }) => body)
}

/** As `decide`, with what the log keeps beside the answer. */
export function decideTraced(
  items: readonly DecisionItem[],
  batch: PredictedBatch | null,
  data: DecisionData,
  categories: Categories,
  state: DecisionState,
): Decided[] {
  return decideBatch(items, batch, engineFor(data, categories, state))
}

function decideBatch(items: readonly DecisionItem[], batch: PredictedBatch | null, engine: Engine): Decided[] {
  if (batch !== null && batch.count !== items.length) {
    throw new Error(`${items.length} items but ${batch.count} predictions`)
  }
  return items.map((item, i) => decideOne(engine, item, batch, i * predictionWidth))
}

function decideOne(engine: Engine, item: DecisionItem, batch: PredictedBatch | null, at: number): Decided {
  const { compiled, ws } = engine
  const facts = unitFacts(compiled, item)
  const seed = hash32(item.id)
  const admission = admit(compiled, facts, {
    gradeShares: batch === null ? null : predictedGrades(batch, at),
    abuse: batch === null ? 0 : batch.values[at + predictionAt.abuse]!,
  })
  if (batch === null) {
    return untraced(decideByRules(compiled, facts, admission, { why: ['rules_only'], modelVersion: 'rules', seed }))
  }
  if (facts.reference === null) {
    const why = ['rules_only', facts.paisePerMinor === null ? 'currency_unsupported' : 'price_unknown']
    return untraced(decideByRules(compiled, facts, admission, { why, modelVersion: batch.modelVersion, seed }))
  }
  const unit = { facts, reference: facts.reference, values: batch.values, at }
  valueOptions(compiled, unit, admission, ws)
  if (!admission.isAdmissible.includes(1)) {
    const held = holdBody(compiled, facts, {
      excluded: admission.excluded,
      reviewReasons: [...admission.review.map((id) => `constraint:${id}`), 'no_admissible_route'],
      grades: gradeShares(facts, predictedGrades(batch, at)),
      level: batch.level,
      degraded: isDegraded(batch),
      modelVersion: batch.modelVersion,
      seed,
    })
    return untraced(held)
  }
  drawOutcomes(compiled, unit, admission, ws, engine.outcomes, { seed, draws: engine.draws })
  const ranking = rankOptions(compiled, unit, admission, ws, engine.outcomes)
  return answer(engine, unit, batch, admission, ranking, seed)
}

function untraced(body: RecommendationBody): Decided {
  return { body, trace: null }
}

function predictedGrades(batch: PredictedBatch, at: number): Float64Array {
  return batch.values.subarray(at + predictionAt.grade, at + predictionAt.grade + 5)
}

function isDegraded(batch: PredictedBatch): boolean {
  return batch.level === 'L2' || batch.level === 'L3'
}

/** Where the model brings none of its own, the policy's. */
function confidenceMap(compiled: Compiled, { calibration }: PredictedBatch, point: DecisionItem['point']) {
  if (calibration === null) return { ...compiled.data.policy.confidenceMap, leadShare: undefined }
  const { basis, knots, knotsAtIntake, leadShare } = calibration.confidence
  return { basis, leadShare, knots: point === 't0' ? (knotsAtIntake ?? knots) : knots }
}

function confidenceOf(
  { compiled, outcomes, draws, ws }: Engine,
  batch: PredictedBatch,
  { ranked, shift }: Ranking,
  { facts, reference }: Case,
): number {
  const map = confidenceMap(compiled, batch, facts.item.point)
  const won = winShare(ranked[0]!, ranked, shift, outcomes, draws)
  const [best, other] = ranked
  const lead = other === undefined ? Infinity : ws.mean[best!]! + shift[best!]! - ws.mean[other]! - shift[other]!
  const confidence = calibrated(evidence(won, lead / reference, map.leadShare), map.knots)
  return batch.level === 'L2' ? Math.min(confidence, compiled.parameters.confidenceCapL2) : confidence
}

function answer(
  engine: Engine,
  unit: Case,
  batch: PredictedBatch,
  admission: Admission,
  ranking: Ranking,
  seed: number,
): Decided {
  const { compiled, state, ws } = engine
  const { facts, values, at, reference } = unit
  const abuse = values[at + predictionAt.abuse]!
  const { item } = facts
  const { ranked, shift, moneyBest } = ranking
  const round = roundingFor(facts)
  const best = ranked[0]!
  const specs = compiled.options
  const isRepairOpen = ranked.some((o) => specs[o]!.route === 'refurbish')
  const evppi = valueOfLooking(best, ranked, shift, abuse, isRepairOpen, ws)
  const confidence = confidenceOf(engine, batch, ranking, unit)
  const utilities = ranked.map((o) => ws.mean[o]! + shift[o]!)
  const review = reviewReasons(compiled, {
    item,
    reference,
    evppi,
    confidence,
    gap: utilities.length < 2 ? null : utilities[0]! - utilities[1]!,
    abuse,
    isSelling: sells(specs[best]!),
    constraints: admission.review,
    isCategoryKnown: facts.isCategoryKnown,
  })
  const isHazardous = item.isHazmat || item.quarantine === 'hazard'
  const { probeStartOutcomes, exploreBudgetShare } = compiled.parameters
  const { propensities, taken, probeShare, factor } = explore(compiled, {
    reference,
    isHazardous,
    isRecalled: item.isRecalled,
    needsReview: review.length > 0,
    utilities,
    isStarting: isStarting(
      state,
      item.categoryId,
      ranked.map((o) => specs[o]!.route),
      probeStartOutcomes,
    ),
    factor: probeFactor(state.spent, exploreBudgetShare),
    seed,
  })
  const widenings = ranked.map((o) =>
    batch.calibration === null ? null : wideningOf(batch.calibration, state.alphas, item, specs[o]!.route),
  )
  const options = ranked.map((o, i) => {
    const margin = (widenings[i]?.score ?? 0) * reference
    return optionBody(engine, facts, admission, { o, shift: shift[o]!, propensity: propensities[i]!, margin })
  })
  const chosen = options[taken]!
  const otherPlace = taken === 0 ? 1 : 0
  const other = options[otherPlace]
  const body: RecommendationBody = {
    ...commonFields(compiled, item, seed),
    disposition: chosen.disposition,
    channel: chosen.channel,
    value: chosen.value,
    confidence,
    confidenceBasis: confidenceMap(compiled, batch, item.point).basis,
    moneyBest: { disposition: specs[moneyBest]!.route, channel: specs[moneyBest]!.channel.id },
    greenerCostMinor: Math.max(0, round(ws.mean[moneyBest]! - ws.mean[best]!)),
    evppiMinor: round(evppi),
    needsReview: review.length > 0,
    reviewReasons: review,
    options,
    excluded: admission.excluded,
    reasons: moneyReasons(
      chosen,
      other ? { option: other, name: optionName(specs[ranked[otherPlace]!]!) } : null,
      item.currency,
    ),
    grades: gradeShares(facts, predictedGrades(batch, at)),
    level: batch.level,
    degraded: isDegraded(batch),
    modelVersion: batch.modelVersion,
    explored: taken !== 0,
  }
  const widening = widenings[taken]
  const interval = widening ? { group: widening.group, alpha: widening.alpha } : null
  return { body, trace: { interval, probeShare, factor } }
}
