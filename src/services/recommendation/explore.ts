import { randomFrom } from '#kernel/random.ts'
import type { Compiled } from './compile.ts'

export type Exploration = {
  /** Chance of every option, in the order of `ranked`; sums to 1. */
  readonly propensities: readonly number[]
  /** Place in `ranked` of the option that is taken. */
  readonly taken: number
  /** Chance of a uniform draw over all options, and the share of it that the budget left. */
  readonly probeShare: number
  readonly factor: number
}

export type ExploreFacts = {
  readonly reference: number
  readonly isHazardous: boolean
  readonly isRecalled: boolean
  readonly needsReview: boolean
  /** Utilities, best first. */
  readonly utilities: readonly number[]
  readonly isStarting: boolean
  /** Share of the probes that the budget leaves (`probeFactor`). */
  readonly factor: number
  readonly seed: number
}

function always(count: number): Exploration {
  return {
    propensities: Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0)),
    taken: 0,
    probeShare: 0,
    factor: 1,
  }
}

/** Softmax over near ties with a floor; what leaves the best option is held below a cap, which wins over the floor. */
function nearTies(compiled: Compiled, reference: number, utilities: readonly number[]): number[] {
  const p = compiled.parameters
  const margin = Math.min(p.exploreMarginShare * reference, p.exploreMarginMaxMinor)
  const best = utilities[0]!
  if (margin <= 0) return utilities.map((_, i) => (i === 0 ? 1 : 0))
  const weights = utilities.map((u) => (u >= best - margin ? Math.exp((u - best) / (margin / 2)) : 0))
  const sum = weights.reduce((a, b) => a + b, 0)
  const shares = weights.map((w) => (w === 0 ? 0 : Math.max(p.exploreFloor, w / sum)))
  const leaving = shares.slice(1).reduce((a, b) => a + b, 0)
  const scale = leaving > p.exploreLeaveMax ? p.exploreLeaveMax / leaving : 1
  const others = shares.slice(1).map((s) => s * scale)
  return [1 - others.reduce((a, b) => a + b, 0), ...others]
}

/** Which option is taken, now and then another than the best, so that the logs show what other routes would have paid. */
export function explore(compiled: Compiled, facts: ExploreFacts): Exploration {
  const p = compiled.parameters
  const { utilities, reference } = facts
  const isBarred = facts.isHazardous || facts.isRecalled || facts.needsReview || reference > p.exploreMaxMinor
  if (!compiled.data.policy.exploration.enabled || isBarred || utilities.length < 2) return always(utilities.length)
  const probeShare = reference >= p.probeBelowMinor ? 0 : facts.isStarting ? p.probeShareStart : p.probeShare
  const probe = probeShare * facts.factor
  const propensities = nearTies(compiled, reference, utilities).map((s) => (1 - probe) * s + probe / utilities.length)
  const u = randomFrom(facts.seed)()
  let taken = 0
  let sum = propensities[0]!
  while (u >= sum && taken < propensities.length - 1) sum += propensities[++taken]!
  return { propensities, taken, probeShare, factor: facts.factor }
}
