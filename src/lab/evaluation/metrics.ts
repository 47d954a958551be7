/** Measures of a decision engine, pure. Arrays of one call have one length; `NaN` counts as not observed where it says so. */

/** Isotonic regression of `y` on `x` by pooling neighbours that fall: knots, rising in both, to be joined by straight lines. */
export function isotonic(x: readonly number[], y: readonly number[], leastPerKnot = 1): [number, number][] {
  const order = x.map((_, i) => i).toSorted((a, b) => x[a]! - x[b]! || a - b)
  type Pool = { x: number; y: number; n: number }
  const pools: Pool[] = []
  let open: Pool | null = null
  for (const i of order) {
    open = open === null ? { x: x[i]!, y: y[i]!, n: 1 } : { x: open.x + x[i]!, y: open.y + y[i]!, n: open.n + 1 }
    if (open.n < leastPerKnot) continue
    pools.push(open)
    open = null
    merge(pools)
  }
  if (open !== null) {
    pools.push(open)
    merge(pools)
  }
  return pools.map(({ x: sumX, y: sumY, n }) => [sumX / n, sumY / n])

  function merge(list: Pool[]): void {
    while (list.length > 1) {
      const [last, before] = [list.at(-1)!, list.at(-2)!]
      if (before.y / before.n < last.y / last.n && before.x / before.n < last.x / last.n) return
      list.splice(-2, 2, { x: before.x + last.x, y: before.y + last.y, n: before.n + last.n })
    }
  }
}

export type Bin = { readonly n: number; readonly said: number; readonly was: number }

/** Bins of equal mass over what was said: the points of a reliability diagram. */
export function reliability(said: readonly number[], was: readonly number[], binCount = 15): Bin[] {
  const order = said.map((_, i) => i).toSorted((a, b) => said[a]! - said[b]! || a - b)
  const bins: Bin[] = []
  for (let b = 0; b < binCount; b++) {
    const part = order.slice(Math.floor((b * order.length) / binCount), Math.floor(((b + 1) * order.length) / binCount))
    if (part.length === 0) continue
    bins.push({ n: part.length, said: mean(part.map((i) => said[i]!)), was: mean(part.map((i) => was[i]!)) })
  }
  return bins
}

/** Expected calibration error: mean distance between what was said and what was, over bins of equal mass. */
export function calibrationError(said: readonly number[], was: readonly number[], binCount = 15): number {
  const bins = reliability(said, was, binCount)
  const n = bins.reduce((sum, bin) => sum + bin.n, 0)
  return bins.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.said - bin.was), 0)
}

/** Class-wise calibration error of probabilities over `classes`, averaged over the classes. */
export function classwiseError(probabilities: readonly (readonly number[])[], truth: readonly number[]): number {
  const classCount = probabilities[0]?.length ?? 0
  let sum = 0
  for (let k = 0; k < classCount; k++) {
    sum += calibrationError(
      probabilities.map((p) => p[k]!),
      truth.map((t) => Number(t === k)),
    )
  }
  return sum / classCount
}

export function logLoss(probabilities: readonly (readonly number[])[], truth: readonly number[]): number {
  return -mean(truth.map((t, i) => Math.log(Math.max(1e-12, probabilities[i]![t]!))))
}

/** `1 - sum of what was chosen / sum of the best`: the share of the attainable utility that was given away. */
export function regret(chosen: readonly number[], best: readonly number[]): number {
  return 1 - sumOf(chosen) / sumOf(best)
}

/**
 * Regret of the most confident part against that of all, and the area under the curve of regret over coverage.
 * The curve has a point for each percent of coverage.
 */
export function selective(
  confidence: readonly number[],
  chosen: readonly number[],
  best: readonly number[],
): { readonly curve: readonly (readonly [number, number])[]; readonly at80: number; readonly area: number } {
  const order = confidence.map((_, i) => i).toSorted((a, b) => confidence[b]! - confidence[a]! || a - b)
  const curve: [number, number][] = []
  let sumChosen = 0
  let sumBest = 0
  let next = 1
  order.forEach((i, place) => {
    sumChosen += chosen[i]!
    sumBest += best[i]!
    while (next <= 100 && place + 1 >= (next * order.length) / 100) curve.push([next++ / 100, 1 - sumChosen / sumBest])
  })
  return { curve, at80: curve[79]?.[1] ?? Number.NaN, area: mean(curve.map(([, r]) => r)) }
}

/** Pinball loss of one quantile at `level`. */
export function pinball(level: number, said: number, was: number): number {
  return was >= said ? level * (was - said) : (1 - level) * (said - was)
}

/** Value at a share of the sorted numbers, between neighbours by a straight line. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1)
  const low = Math.floor(at)
  const high = Math.min(sorted.length - 1, low + 1)
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!)
}

export function sumOf(list: readonly number[]): number {
  let sum = 0
  for (const x of list) sum += x
  return sum
}

export function mean(list: readonly number[]): number {
  return list.length === 0 ? Number.NaN : sumOf(list) / list.length
}
