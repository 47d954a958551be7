import type { DecisionData } from '#contracts/decision.ts'
import type { DecisionItem, RecommendationBody, RecommendationOption } from '#contracts/recommendations.ts'
import { predictionAt, predictionWidth } from '#contracts/prediction.ts'
import type { PredictedBatch } from '#integrations/inference/port.ts'
import { hash32 } from '#kernel/random.ts'
import { breakdownOf, breakdownSum, commonFields, gradeShares, holdBody, optionName, roundingFor } from './bodies.ts'
import { compiledFor } from './compile.ts'
import type { Categories, Compiled } from './compile.ts'
import { calibrated, valueOfLooking, winShare } from './confidence.ts'
import { admit, sells } from './constraints.ts'
import type { Admission } from './constraints.ts'
import { explore } from './explore.ts'
import { unitFacts } from './facts.ts'
import type { UnitFacts } from './facts.ts'
import { drawOutcomes, newOutcomes } from './outcomes.ts'
import type { Outcomes } from './outcomes.ts'
import { moneyReasons } from './reasons.ts'
import { reviewReasons } from './review.ts'
import { rankOptions } from './route-markets.ts'
import type { Ranking } from './route-markets.ts'
import { decideByRules } from './rules-only.ts'
import { valueOptions } from './value-options.ts'
import { newWorkspace, partCount } from './workspace.ts'
import type { Case, Workspace } from './workspace.ts'

type Engine = {
  readonly compiled: Compiled
  readonly ws: Workspace
  readonly outcomes: Outcomes
  readonly draws: number
  readonly hasConfidence: boolean
}

const engines = new WeakMap<Compiled, { readonly ws: Workspace; readonly outcomes: Outcomes }>()

function engineFor(data: DecisionData, categories: Categories, hasConfidence: boolean): Engine {
  const compiled = compiledFor(data, categories)
  const { confidenceDraws, intervalDraws } = compiled.parameters
  const count = compiled.options.length
  const arrays = engines.get(compiled) ?? {
    ws: newWorkspace(count),
    outcomes: newOutcomes(count, Math.max(confidenceDraws, intervalDraws)),
  }
  engines.set(compiled, arrays)
  return { compiled, ...arrays, draws: hasConfidence ? confidenceDraws : intervalDraws, hasConfidence }
}

/**
 * One recommendation for each item, in order. Pure: the same items, predictions and data give the same answer, because
 * chance is drawn from the item's id. Without predictions the answer is that of rules alone (level L3).
 */
export function decide(
  items: readonly DecisionItem[],
  batch: PredictedBatch | null,
  data: DecisionData,
  categories: Categories,
): RecommendationBody[] {
  return decideBatch(items, batch, engineFor(data, categories, true))
}

/** As `decide`, with few draws and no confidence: for large files whose units will be decided again at the hub. */
export function decideValues(
  items: readonly DecisionItem[],
  batch: PredictedBatch | null,
  data: DecisionData,
  categories: Categories,
): RecommendationBody[] {
  return decideBatch(items, batch, engineFor(data, categories, false))
}

function decideBatch(
  items: readonly DecisionItem[],
  batch: PredictedBatch | null,
  engine: Engine,
): RecommendationBody[] {
  if (batch !== null && batch.count !== items.length) {
    throw new Error(`${items.length} items but ${batch.count} predictions`)
  }
  return items.map((item, i) => decideOne(engine, item, batch, i * predictionWidth))
}

function decideOne(engine: Engine, item: DecisionItem, batch: PredictedBatch | null, at: number): RecommendationBody {
  const { compiled, ws } = engine
  const facts = unitFacts(compiled, item)
  const seed = hash32(item.id)
  const admission = admit(compiled, facts, {
    gradeShares: batch === null ? null : predictedGrades(batch, at),
    abuse: batch === null ? 0 : batch.values[at + predictionAt.abuse]!,
  })
  if (batch === null) {
    return decideByRules(compiled, facts, admission, { why: ['rules_only'], modelVersion: 'rules', seed })
  }
  if (facts.reference === null) {
    const why = ['rules_only', facts.paisePerMinor === null ? 'currency_unsupported' : 'price_unknown']
    return decideByRules(compiled, facts, admission, { why, modelVersion: batch.modelVersion, seed })
  }
  const unit = { facts, reference: facts.reference, values: batch.values, at }
  valueOptions(compiled, unit, admission, ws)
  if (!admission.isAdmissible.includes(1)) {
    return holdBody(compiled, facts, {
      excluded: admission.excluded,
      reviewReasons: [...admission.review.map((id) => `constraint:${id}`), 'no_admissible_route'],
      grades: gradeShares(facts, predictedGrades(batch, at)),
      level: batch.level,
      degraded: isDegraded(batch),
      modelVersion: batch.modelVersion,
      seed,
    })
  }
  drawOutcomes(compiled, unit, admission, ws, engine.outcomes, { seed, draws: engine.draws })
  const ranking = rankOptions(compiled, unit.reference, admission, ws, engine.outcomes)
  return answer(engine, unit, batch, admission, ranking, seed)
}

function predictedGrades(batch: PredictedBatch, at: number): Float64Array {
  return batch.values.subarray(at + predictionAt.grade, at + predictionAt.grade + 5)
}

function isDegraded(batch: PredictedBatch): boolean {
  return batch.level === 'L2' || batch.level === 'L3'
}

function confidenceOf(
  { compiled, outcomes, draws, hasConfidence }: Engine,
  batch: PredictedBatch,
  ranking: Ranking,
): number | null {
  if (!hasConfidence) return null
  const raw = winShare(ranking.ranked[0]!, ranking.ranked, ranking.shift, outcomes, draws)
  const confidence = calibrated(raw, compiled.data.policy.confidenceMap.knots)
  return batch.level === 'L2' ? Math.min(confidence, compiled.parameters.confidenceCapL2) : confidence
}

function answer(
  engine: Engine,
  unit: Case,
  batch: PredictedBatch,
  admission: Admission,
  ranking: Ranking,
  seed: number,
): RecommendationBody {
  const { compiled, ws } = engine
  const { facts, values, at, reference } = unit
  const abuse = values[at + predictionAt.abuse]!
  const { item } = facts
  const { ranked, shift, moneyBest } = ranking
  const round = roundingFor(facts)
  const best = ranked[0]!
  const specs = compiled.options
  const isRepairOpen = ranked.some((o) => specs[o]!.route === 'refurbish')
  const evppi = valueOfLooking(best, ranked, shift, abuse, isRepairOpen, ws)
  const confidence = confidenceOf(engine, batch, ranking)
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
  const { propensities, taken } = explore(compiled, {
    reference,
    isHazardous,
    isRecalled: item.isRecalled,
    needsReview: review.length > 0,
    utilities,
    seed,
  })
  const options = ranked.map((o, i) =>
    optionBody(engine, unit, admission, { o, shift: shift[o]!, propensity: propensities[i]! }),
  )
  const chosen = options[taken]!
  const otherPlace = taken === 0 ? 1 : 0
  const other = options[otherPlace]
  return {
    ...commonFields(compiled, item, seed),
    disposition: chosen.disposition,
    channel: chosen.channel,
    value: chosen.value,
    confidence,
    confidenceBasis: confidence === null ? 'none' : compiled.data.policy.confidenceMap.basis,
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
}

function optionBody(
  { compiled, ws, outcomes }: Engine,
  { facts }: Pick<Case, 'facts'> & { readonly facts: UnitFacts },
  admission: Admission,
  { o, shift, propensity }: { readonly o: number; readonly shift: number; readonly propensity: number },
): RecommendationOption {
  const option = compiled.options[o]!
  const round = roundingFor(facts)
  const breakdown = breakdownOf(ws.meanParts, o * partCount, round)
  const mean = breakdownSum(breakdown)
  const isCertain = outcomes.high[o]! - outcomes.low[o]! < 1
  const value = isCertain
    ? { mean, p05: mean, p50: mean, p95: mean }
    : { mean, p05: round(outcomes.low[o]!), p50: round(outcomes.median[o]!), p95: round(outcomes.high[o]!) }
  return {
    disposition: option.route,
    channel: option.channel.id,
    value,
    utility: mean + round(shift),
    breakdown,
    daysToCash: Math.round(ws.days[o]! * 10) / 10,
    emissionsGrams: ws.isEmissionKnown[o] === 1 ? Math.round(ws.emissionKg[o]! * 1000) : null,
    propensity: Math.round(propensity * 1e6) / 1e6,
    requires: admission.requires(option),
  }
}
