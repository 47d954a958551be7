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

function intervalsOf(raw: readonly Judged[]): ModelCalibration['intervals'] {
  const scores = new Map<string, number[]>()
  for (const one of raw) {
    if (Number.isNaN(one.value)) continue
    for (const group of groupsOf(one.categoryId, one.route)) {
      const list = scores.get(group)
      if (list) list.push(intervalScore(one))
      else scores.set(group, [intervalScore(one)])
    }
  }
  return [...scores].map(([group, list]) => {
    const sorted = Float64Array.from(list).toSorted()
    return {
      group,
      n: sorted.length,
      quantiles: Array.from({ length: scorePlaces }, (_, i) => quantileOf(sorted, i / (scorePlaces - 1))),
    }
  })
}

/** Share of the reference price from which on a lead over the runner-up counts fully. */
const leadShare = 0.05

/** Lets the evidence through as it is: what the maps are fitted on. */
export const uncalibrated: ModelCalibration = {
  confidence: {
    basis: 'simulated',
    leadShare,
    knots: [
      [0, 0],
      [1, 1],
    ],
  },
  intervals: [],
}

/** Fits maps and conformal scores on decisions by `uncalibrated`, of units that the training of the model did not see. */
export function fitCalibration(
  raw: Readonly<Record<Point, readonly Judged[]>>,
  basis: 'simulated' | 'audited',
): ModelCalibration {
  return {
    confidence: { basis, leadShare, knots: knotsOf(raw.t1), knotsAtIntake: knotsOf(raw.t0) },
    intervals: intervalsOf(raw.t1),
    intervalsAtIntake: intervalsOf(raw.t0),
  }
}
