import { predictionAt, predictionColumns, predictionWidth } from '#contracts/prediction.ts'
import type { Golden } from './artefact.ts'

/** Largest difference from the trainer's answers: of a chance, and of any other number, relative to its size. */
export const parityLimits = { probability: 1e-5, relative: 1e-4, smallest: 0.1 } as const

export type Parity = {
  readonly rows: number
  /** Worst difference as a share of its limit: above 1 is refused. */
  readonly worst: number
  readonly at: { readonly row: number; readonly column: string; readonly ours: number; readonly theirs: number } | null
}

const isProbability = predictionColumns.map((name) =>
  /^(grade_|repair_need_|repair_success_|rereturn_|abuse)/.test(name),
)

/**
 * Compares our rows with the golden ones. Where a grade is known we answer that grade only: columns that we leave out
 * (NaN) and the grade block are then not compared.
 */
export function compareGolden(
  golden: Golden,
  places: readonly number[],
  ours: Float64Array,
  isGradeKnown: (place: number) => boolean,
): Parity {
  let worst = 0
  let at: Parity['at'] = null
  places.forEach((row, i) => {
    const isKnown = isGradeKnown(row)
    for (let k = 0; k < predictionWidth; k++) {
      if (isKnown && k >= predictionAt.grade && k < predictionAt.price) continue
      const mine = ours[i * predictionWidth + k]!
      const theirs = golden.y[row * predictionWidth + k]!
      // Of a unit whose grade is known either side may leave out what other grades would bring.
      if (isKnown && (Number.isNaN(mine) || Number.isNaN(theirs))) continue
      const limit = isProbability[k]
        ? parityLimits.probability
        : parityLimits.relative * Math.max(parityLimits.smallest, Math.abs(theirs))
      const share = Math.abs(mine - theirs) / limit
      if (share <= worst) continue
      worst = Number.isNaN(share) ? Number.POSITIVE_INFINITY : share
      at = { row, column: predictionColumns[k]!, ours: mine, theirs }
    }
  })
  return { rows: places.length, worst, at }
}

/** `count` places spread evenly over all golden rows. */
export function spreadPlaces(total: number, count: number): number[] {
  if (count >= total) return Array.from({ length: total }, (_, i) => i)
  return Array.from({ length: count }, (_, i) => Math.floor((i * total) / count))
}
