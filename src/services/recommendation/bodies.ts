import type { Disposition, Grade } from '#contracts/codes.ts'
import type { DecisionItem, RecommendationBody, RecommendationOption, ValueSpread } from '#contracts/recommendations.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import type { UnitFacts } from './facts.ts'
import { CREDITS, DISPOSAL, FEES, GROSS, HANDLING, HOLDING, REPAIR, TRANSPORT } from './workspace.ts'

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
