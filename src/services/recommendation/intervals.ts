import type { ModelCalibration } from '#contracts/models.ts'
import type { Route } from '#contracts/codes.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'

/** Conformal intervals of the net recovery value (decision-model 5): how far the quantiles of a group missed before. */

/** Share of outcomes that may fall outside. */
export const alphaWanted = 0.1
const [alphaStep, alphaMin, alphaMax] = [0.005, 0.02, 0.25]
/** A group with fewer scores is judged by its parent: of so many the coverage is known to three points. */
const scoresMin = 100

/** Alpha of a group after one more outcome: more misses than wanted make the next intervals wider. */
export function nextAlpha(alpha: number, isMissed: boolean): number {
  return Math.min(alphaMax, Math.max(alphaMin, alpha + alphaStep * (alphaWanted - (isMissed ? 1 : 0))))
}

/** The group of an option, its route in all categories, and all together. */
export function groupsOf(categoryId: string, route: Route): [string, string, string] {
  return [`${categoryId.split('.', 1)[0]}|${route}`, `|${route}`, '|']
}

export type Widening = {
  /** Group whose scores were taken, and the alpha that they were taken at. */
  readonly group: string
  readonly alpha: number
  /** Added on both sides, in shares of the reference price; negative: the quantiles were too wide. */
  readonly score: number
}

type Groups = ModelCalibration['intervals']
const groups = new WeakMap<Groups, ReadonlyMap<string, Groups[number]>>()

function groupsIn(intervals: Groups): ReadonlyMap<string, Groups[number]> {
  const found = groups.get(intervals)
  if (found) return found
  const made = new Map(intervals.filter(({ n }) => n >= scoresMin).map((group) => [group.group, group]))
  groups.set(intervals, made)
  return made
}

/** Null where no group of the option has enough scores: its quantiles then stand as they are. */
export function wideningOf(
  { intervals, intervalsAtIntake }: ModelCalibration,
  alphas: ReadonlyMap<string, number>,
  { categoryId, point }: Pick<DecisionItem, 'categoryId' | 'point'>,
  route: Route,
): Widening | null {
  const known = groupsIn(point === 't0' ? (intervalsAtIntake ?? intervals) : intervals)
  const group = groupsOf(categoryId, route).find((name) => known.has(name))
  if (group === undefined) return null
  const { n, quantiles } = known.get(group)!
  const alpha = alphas.get(group) ?? alphaWanted
  // The ceil((n + 1)(1 - alpha))-th smallest of n scores.
  const place = Math.min(1, ((n + 1) * (1 - alpha)) / n) * (quantiles.length - 1)
  const below = Math.floor(place)
  const above = Math.min(quantiles.length - 1, below + 1)
  const score = quantiles[below]! + (place - below) * (quantiles[above]! - quantiles[below]!)
  return { group, alpha, score }
}
