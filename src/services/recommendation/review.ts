import type { DecisionItem } from '#contracts/recommendations.ts'
import type { Policy } from '#contracts/decision.ts'
import type { Compiled } from './compile.ts'

/** What the review rules look at. Amounts are paise. */
export type ReviewFacts = {
  readonly item: DecisionItem
  readonly reference: number
  readonly evppi: number
  readonly confidence: number | null
  /** Utility of the chosen option less that of the runner-up; null without a runner-up. */
  readonly gap: number | null
  readonly abuse: number
  readonly isSelling: boolean
  readonly constraints: readonly string[]
  readonly isCategoryKnown: boolean
}

/** Stable codes of why a person has to look (decision-model 6); empty when nobody has to. */
export function reviewReasons(compiled: Compiled, facts: ReviewFacts): string[] {
  const p = compiled.parameters
  const reasons = facts.constraints.map((id) => `constraint:${id}`)
  // Before the unit is here nobody can look at it: its quality check is the look.
  const canLook = (compiled.data.policy.lookingPoints satisfies Policy['lookingPoints']).includes(facts.item.point)
  if (canLook && facts.evppi * p.reviewRecoverShare > p.reviewCostMinor) reasons.push('value_of_looking')
  const isUnsure = facts.confidence !== null && facts.confidence < p.reviewConfidence
  if (canLook && isUnsure && facts.gap !== null && facts.gap > p.reviewGapShare * facts.reference)
    reasons.push('low_confidence')
  if (facts.abuse > p.reviewAbuse) reasons.push('abuse_suspected')
  if (facts.item.photoGate === 'failed' && facts.isSelling) reasons.push('photo_gate_failed')
  if (!facts.isCategoryKnown) reasons.push('category_unknown')
  return reasons
}
