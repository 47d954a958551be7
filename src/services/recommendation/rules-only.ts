import type { RecommendationBody, RecommendationOption } from '#contracts/recommendations.ts'
import type { Admission } from './constraints.ts'
import { sells } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import { breakdownSum, commonFields, gradeShares, holdBody, optionName, roundingFor } from './bodies.ts'
import * as costs from './costs.ts'
import type { UnitFacts } from './facts.ts'

/** Costs that are known without a price or a model; the proceeds of a sale are left out, not guessed. */
function knownCosts(
  compiled: Compiled,
  facts: UnitFacts,
  option: OptionSpec,
  requires: string[],
): RecommendationOption {
  const round = roundingFor(facts)
  const transport = costs.inboundCost(compiled, facts) + costs.outboundCost(compiled, facts, option)
  const handling = costs.intakeHandling(compiled, facts) + costs.optionHandling(compiled, facts, option)
  const breakdown = {
    gross: option.route === 'recycle' ? round(costs.scrapValue(compiled, facts)) : 0,
    fees: 0,
    transport: round(-transport),
    handling: round(-handling),
    repair: 0,
    holding: 0,
    disposal: round(-costs.disposalCost(compiled, facts, option)),
    credits: round(costs.optionCredits(compiled, facts, option)),
  }
  const mean = breakdownSum(breakdown)
  const emission = costs.optionEmission(compiled, facts, option)
  const days = facts.waitDays + option.policy.processingDays + option.channel.listingDays
  return {
    disposition: option.route,
    channel: option.channel.id,
    value: { mean, p05: mean, p50: mean, p95: mean },
    utility: mean,
    breakdown,
    daysToCash: Math.round(days * 10) / 10,
    emissionsGrams: emission === null ? null : Math.round(emission * 1000),
    propensity: 0,
    requires,
  }
}

/** Level L3: the first allowed route of the grade's row in the policy's table. It says so, and asks for a person. */
export function decideByRules(
  compiled: Compiled,
  facts: UnitFacts,
  admission: Admission,
  rest: { readonly why: readonly string[]; readonly modelVersion: string; readonly seed: number },
): RecommendationBody {
  const { item } = facts
  const table = compiled.data.policy.gradeTable
  const row = table[item.grade === null || item.grade === 'Q' ? 'unknown' : item.grade] ?? []
  const place = (option: OptionSpec) => {
    const at = row.indexOf(option.route)
    return at < 0 ? row.length : at
  }
  const open = compiled.options
    .filter((option) => admission.isAdmissible[option.index] === 1)
    .toSorted((a, b) => place(a) - place(b) || a.index - b.index)
  const best = open[0]
  const answer = {
    excluded: admission.excluded,
    reviewReasons: [...rest.why, ...admission.review.map((id) => `constraint:${id}`)],
    grades: gradeShares(facts, null),
    level: 'L3' as const,
    degraded: true,
    modelVersion: rest.modelVersion,
    seed: rest.seed,
  }
  if (item.photoGate === 'failed' && best && sells(best)) answer.reviewReasons.push('photo_gate_failed')
  if (!facts.isCategoryKnown) answer.reviewReasons.push('category_unknown')
  if (!best) {
    answer.reviewReasons.push('no_admissible_route')
    return holdBody(compiled, facts, answer)
  }
  const options = open.map((option, i) => ({
    ...knownCosts(compiled, facts, option, admission.requires(option)),
    propensity: i === 0 ? 1 : 0,
  }))
  const chosen = options[0]!
  return {
    ...commonFields(compiled, item, rest.seed),
    ...answer,
    disposition: chosen.disposition,
    channel: chosen.channel,
    value: chosen.value,
    confidence: null,
    confidenceBasis: 'none',
    moneyBest: { disposition: chosen.disposition, channel: chosen.channel },
    greenerCostMinor: 0,
    evppiMinor: 0,
    needsReview: true,
    options,
    reasons: [
      {
        code: 'rules_only',
        amount: 0,
        text: `First allowed route for this grade: ${optionName(best)}. Proceeds are not estimated.`,
      },
    ],
    explored: false,
  }
}
