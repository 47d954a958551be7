import type { ModelCalibration } from '#contracts/models.ts'
import { groupsOf } from '#services/recommendation/intervals.ts'
import type { Judged } from './judge.ts'
import { isotonic, quantileOf } from './metrics.ts'
import type { Point } from './world-engine.ts'

/** Units behind each knot of the confidence map: fewer follow the noise. */
const perKnot = 150
const scorePlaces = 101

/** By how much a value fell outside its interval, in shares of the reference price; negative inside. */
export function intervalScore({ low, high, value, reference }: Judged): number {
  return Math.max(low - value, value - high) / reference
}

function knotsOf(raw: readonly Judged[]): [number, number][] {
  const knots = isotonic(
    raw.map(({ confidence }) => confidence),
    raw.map(({ isBest }) => Number(isBest)),
    perKnot,
  )
  // The ends are flat: beyond what was seen nothing is claimed.
  return [[0, knots[0]![1]], ...knots, [1, knots.at(-1)![1]]]
}

/**
 * Fits the maps of confidence and the conformal scores on decisions that were made without any: `raw` says the share of
 * draws that the choice won. Only decisions by a model, on units that its training did not see.
 */
export function fitCalibration(
  raw: Readonly<Record<Point, readonly Judged[]>>,
  basis: 'simulated' | 'audited',
): ModelCalibration {
  const scores = new Map<string, number[]>()
  for (const one of [...raw.t0, ...raw.t1]) {
    if (Number.isNaN(one.value)) continue
    for (const group of groupsOf(one.categoryId, one.route)) {
      const list = scores.get(group)
      if (list) list.push(intervalScore(one))
      else scores.set(group, [intervalScore(one)])
    }
  }
  return {
    confidence: { basis, knots: knotsOf(raw.t1), knotsAtIntake: knotsOf(raw.t0) },
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
