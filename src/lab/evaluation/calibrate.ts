import type { ModelCalibration } from '#contracts/models.ts'
import { groupsOf } from '#services/recommendation/intervals.ts'
import type { Judged } from './judge.ts'
import { isotonic, quantileOf } from './metrics.ts'

/** Units behind each knot of the confidence map: fewer follow the noise. */
const perKnot = 150
const scorePlaces = 101

/** By how much a value fell outside its interval, in shares of the reference price; negative inside. */
export function intervalScore({ low, high, value, reference }: Judged): number {
  return Math.max(low - value, value - high) / reference
}

/**
 * Fits the map of confidence and the conformal scores on decisions that were made without any: `raw` says the share of
 * draws that the choice won. Only decisions by a model, on units that its training did not see.
 */
export function fitCalibration(raw: readonly Judged[], basis: 'simulated' | 'audited'): ModelCalibration {
  const knots = isotonic(
    raw.map(({ confidence }) => confidence),
    raw.map(({ isBest }) => Number(isBest)),
    perKnot,
  )
  const first = knots[0]!
  const last = knots.at(-1)!
  const scores = new Map<string, number[]>()
  for (const one of raw) {
    if (Number.isNaN(one.value)) continue
    for (const group of groupsOf(one.categoryId, one.route)) {
      const list = scores.get(group)
      if (list) list.push(intervalScore(one))
      else scores.set(group, [intervalScore(one)])
    }
  }
  return {
    // The ends are flat: beyond what was seen nothing is claimed.
    confidence: { basis, knots: [[0, first[1]], ...knots, [1, last[1]]] },
    intervals: [...scores].map(([group, list]) => {
      const sorted = Float64Array.from(list).toSorted()
      return {
        group,
        n: sorted.length,
        quantiles: Array.from({ length: scorePlaces }, (_, i) => quantileOf(sorted, i / (scorePlaces - 1))),
      }
    }),
  }
}
