import type { Knots, ProbabilityMap } from '#contracts/model-artefact.ts'

export const logistic = (z: number): number => 1 / (1 + Math.exp(-z))

/** Linear between knots, flat outside them. */
export function alongKnots({ x, y }: Knots, at: number): number {
  const last = x.length - 1
  if (at <= x[0]!) return y[0]!
  if (at >= x[last]!) return y[last]!
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (x[middle]! <= at) low = middle
    else high = middle
  }
  return y[low]! + ((at - x[low]!) / (x[high]! - x[low]!)) * (y[high]! - y[low]!)
}

/** A raw score as a calibrated chance; NaN stays NaN. */
export function probabilityOf(map: ProbabilityMap, raw: number): number {
  if (map.kind === 'platt') return logistic(map.scale * raw + map.shift)
  const chance = logistic(raw)
  return map.kind === 'none' || Number.isNaN(chance) ? chance : alongKnots(map, chance)
}

/** A logit beyond this says no more than that it never or always happens. */
const edge = 1e-6

/** As `probabilityOf`, answered as a logit; the ends of an isotonic map, which may be 0 and 1, are kept finite. */
export function logitOf(map: ProbabilityMap, raw: number): number {
  if (map.kind === 'none') return raw
  if (map.kind === 'platt') return map.scale * raw + map.shift
  const chance = Math.min(1 - edge, Math.max(edge, probabilityOf(map, raw)))
  return Math.log(chance / (1 - chance))
}
