import type { ModelCalibration } from '#contracts/models.ts'
import { groupsOf, nextAlpha, wideningOf } from '#services/recommendation/intervals.ts'
import { intervalScore } from './calibrate.ts'
import type { Judged } from './judge.ts'

/** A group with fewer outcomes says little of its coverage. */
const groupMin = 200

export type Coverage = {
  readonly all: number
  /** Of the worst group with enough outcomes; NaN when there is none. */
  readonly worst: number
  readonly worstGroup: string
}

/**
 * Share of realised values inside their 90 % interval, unit after unit in the order of time, alpha of each group adapting
 * to its misses as it does in service. `raw` was decided without calibration.
 */
export function coverageOf(raw: readonly Judged[], calibration: ModelCalibration, isAdaptive: boolean): Coverage {
  const alphas = new Map<string, number>()
  const groups = new Map<string, { n: number; inside: number }>()
  let inside = 0
  let n = 0
  for (const one of raw) {
    if (Number.isNaN(one.value)) continue
    const widening = wideningOf(calibration, alphas, one, one.route)
    const isInside = intervalScore(one) <= (widening?.score ?? 0)
    if (isAdaptive && widening !== null) alphas.set(widening.group, nextAlpha(widening.alpha, !isInside))
    const group = groupsOf(one.categoryId, one.route)[0]
    const tally = groups.get(group) ?? { n: 0, inside: 0 }
    groups.set(group, { n: tally.n + 1, inside: tally.inside + Number(isInside) })
    inside += Number(isInside)
    n++
  }
  let [worst, worstGroup] = [Number.NaN, '']
  for (const [group, tally] of groups) {
    const share = tally.inside / tally.n
    if (tally.n >= groupMin && !(share >= worst)) [worst, worstGroup] = [share, group]
  }
  return { all: inside / n, worst, worstGroup }
}
