import type { Disposition, Grade } from '#contracts/codes.ts'
import type { DecisionItem, RecommendationBody, RecommendationOption, ValueSpread } from '#contracts/recommendations.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import type { UnitFacts } from './facts.ts'
import type { Admission } from './constraints.ts'
import type { Outcomes } from './outcomes.ts'
import type { Workspace } from './workspace.ts'
import { CREDITS, DISPOSAL, FEES, GROSS, HANDLING, HOLDING, REPAIR, TRANSPORT, partCount } from './workspace.ts'

/** Turns paise of the arithmetic into whole minor units of the item's currency. */
export type Rounding = (paise: number) => number

export function roundingFor(facts: UnitFacts): Rounding {
  const rate = facts.paisePerMinor ?? 1
  // Adding zero turns -0 into 0, which JSON and equality would keep apart.
  return (paise) => Math.round(paise / rate) + 0
}

export function breakdownOf(parts: Float64Array, at: number, round: Rounding): RecommendationOption['breakdown'] {
  return {
    gross: round(parts[at + GROSS]!),
    fees: round(parts[at + FEES]!),
    transport: round(parts[at + TRANSPORT]!),
    handling: round(parts[at + HANDLING]!),
    repair: round(parts[at + REPAIR]!),
    holding: round(parts[at + HOLDING]!),
    disposal: round(parts[at + DISPOSAL]!),
    credits: round(parts[at + CREDITS]!),
  }
}

/** The value is the sum of its rounded parts, so that what is shown adds up to the last paisa. */
export function breakdownSum(parts: RecommendationOption['breakdown']): number {
  return (
    parts.gross +
    parts.fees +
    parts.transport +
    parts.handling +
    parts.repair +
    parts.holding +
    parts.disposal +
    parts.credits
  )
}

export function gradeShares(facts: UnitFacts, predicted: ArrayLike<number> | null): RecommendationBody['grades'] {
  const { grade } = facts.item
  if (grade !== null) return { [grade]: 1 }
  if (predicted === null) return {}
  const names: readonly Grade[] = ['A', 'B', 'C', 'D', 'E']
  return Object.fromEntries(names.map((name, g) => [name, Math.round(predicted[g]! * 1e4) / 1e4]))
}

/** What is the same in every answer about this unit. */
export function commonFields(compiled: Compiled, item: DecisionItem, seed: number) {
  return { point: item.point, currency: item.currency, dataVersions: compiled.dataVersions, seed }
}

export const noChannel = 'none'
const nothing: ValueSpread = { mean: 0, p05: 0, p50: 0, p95: 0 }

/** Nothing is allowed: the unit waits for a person, and the answer says which rules stand in the way. */
export function holdBody(
  compiled: Compiled,
  facts: UnitFacts,
  rest: Pick<
    RecommendationBody,
    'excluded' | 'reviewReasons' | 'grades' | 'level' | 'degraded' | 'modelVersion' | 'seed'
  >,
): RecommendationBody {
  const held = { disposition: 'hold' as Disposition, channel: noChannel }
  return {
    ...commonFields(compiled, facts.item, rest.seed),
    ...held,
    ...rest,
    value: nothing,
    confidence: null,
    confidenceBasis: 'none',
    moneyBest: held,
    greenerCostMinor: 0,
    evppiMinor: 0,
    needsReview: true,
    options: [],
    reasons: [],
    explored: false,
  }
}

const routeWords: Readonly<Record<string, string>> = { open_box: 'open box', vendor: 'return to vendor' }

export function optionName(option: OptionSpec): string {
  return `${routeWords[option.route] ?? option.route} (${option.channel.name})`
}

/** `margin` widens the interval on both sides. Paise, but for the propensity. */
type OptionFigures = {
  readonly o: number
  readonly shift: number
  readonly propensity: number
  readonly margin: number
}

export function optionBody(
  { compiled, ws, outcomes }: { readonly compiled: Compiled; readonly ws: Workspace; readonly outcomes: Outcomes },
  facts: UnitFacts,
  admission: Admission,
  { o, shift, propensity, margin }: OptionFigures,
): RecommendationOption {
  const option = compiled.options[o]!
  const round = roundingFor(facts)
  const breakdown = breakdownOf(ws.meanParts, o * partCount, round)
  const mean = breakdownSum(breakdown)
  const isCertain = outcomes.high[o]! - outcomes.low[o]! < 1
  const p50 = isCertain ? mean : round(outcomes.median[o]!)
  const value = {
    mean,
    p05: Math.min(p50, round((isCertain ? ws.mean[o]! : outcomes.low[o]!) - margin)),
    p50,
    p95: Math.max(p50, round((isCertain ? ws.mean[o]! : outcomes.high[o]!) + margin)),
  }
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
