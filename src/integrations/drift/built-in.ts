import type { DriftLevel, FeatureDrift, TrainingReference } from '#contracts/drift.ts'
import type { FeatureContract } from '#contracts/features.ts'
import type { Drift, DriftWindow } from './port.ts'

/** From where on people look at it, and from where on it can't be right to go on as before. */
export const driftBars = {
  psi: { warn: 0.1, alert: 0.25 },
  ks: { warn: 0.1, alert: 0.2 },
  cramersV: { warn: 0.1, alert: 0.2 },
  missing: { warn: 0.05, alert: 0.15 },
  /** A distance that chance alone makes often is no drift, however large. */
  pValueMax: 0.001,
} as const

/** An empty bin would make the index infinite. */
const shareMin = 1e-4

type Feature = TrainingReference['features'][number]

/** PSI, KS, chi-square and missing share of each feature. */
export function openBuiltInDrift(contract: FeatureContract): Drift {
  const width = contract.features.length
  const places = new Map(contract.features.map((feature, i) => [feature.name, i]))
  return {
    engine: 'built-in',
    measure: (reference, window) =>
      Promise.resolve(
        reference.features.map((feature) => {
          const place = places.get(feature.name)
          const values = place === undefined ? [] : columnOf(window, place, width)
          return featureDrift(feature, reference.count, values)
        }),
      ),
  }
}

export function columnOf({ count, rows }: DriftWindow, place: number, width: number): number[] {
  return Array.from({ length: count }, (_, i) => rows[i * width + place]!)
}

export function featureDrift(reference: Feature, referenceCount: number, values: readonly number[]): FeatureDrift {
  const present = values.filter((value) => !Number.isNaN(value))
  const missing = { reference: reference.missing, window: values.length === 0 ? 1 : 1 - present.length / values.length }
  const known = Math.round(referenceCount * (1 - reference.missing))
  const measured =
    reference.quantiles === null
      ? codeDrift(reference.shares ?? [], known, present)
      : numberDrift(reference.quantiles, known, present)
  const psi = indexOf([
    ...measured.bins.map(
      ([expected, found]) => [expected * (1 - missing.reference), found * (1 - missing.window)] as const,
    ),
    [missing.reference, missing.window],
  ])
  const { ks, cramersV, pValue } = measured
  const isChance = pValue === null || pValue > driftBars.pValueMax
  const level = worst([
    isChance && Math.abs(missing.window - missing.reference) < driftBars.missing.warn
      ? 'ok'
      : levelOf(psi, driftBars.psi),
    isChance || ks === null ? 'ok' : levelOf(ks, driftBars.ks),
    isChance || cramersV === null ? 'ok' : levelOf(cramersV, driftBars.cramersV),
    levelOf(Math.abs(missing.window - missing.reference), driftBars.missing),
  ])
  return { name: reference.name, level, psi, ks, cramersV, pValue, missing }
}

type Measured = {
  /** Expected and found share of each bin. */
  readonly bins: readonly (readonly [number, number])[]
  readonly ks: number | null
  readonly cramersV: number | null
  readonly pValue: number | null
}

function numberDrift(quantiles: readonly number[], known: number, values: readonly number[]): Measured {
  const sorted = Float64Array.from(values).toSorted()
  const below = (edge: number) => upperBound(sorted, edge) / Math.max(1, sorted.length)
  // Quantiles that repeat are one step of the distribution, as high as the last of them.
  const steps = quantiles.flatMap((edge, i) => (i < 100 && quantiles[i + 1] === edge ? [] : [[edge, i / 100] as const]))
  const ks = values.length === 0 ? 0 : Math.max(...steps.map(([edge, share]) => Math.abs(below(edge) - share)))
  const edges = [...new Set(Array.from({ length: 9 }, (_, i) => quantiles[10 * (i + 1)]!))]
  const heights = edges.map((edge) => steps.find(([value]) => value === edge)![1])
  const bins = [...edges, Number.POSITIVE_INFINITY].map((edge, i) => {
    const expected = (heights[i] ?? 1) - (i === 0 ? 0 : heights[i - 1]!)
    return [
      expected,
      (edge === Number.POSITIVE_INFINITY ? 1 : below(edge)) - (i === 0 ? 0 : below(edges[i - 1]!)),
    ] as const
  })
  return { bins, ks, cramersV: null, pValue: kolmogorov(ks, known, values.length) }
}

function codeDrift(shares: readonly number[], known: number, values: readonly number[]): Measured {
  const counts = new Float64Array(shares.length + 1)
  for (const value of values) {
    const code = Number.isInteger(value) && value >= 0 && value < shares.length ? value : shares.length
    counts[code] = counts[code]! + 1
  }
  const total = Math.max(1, values.length)
  const bins = [...shares, 0].map((share, i) => [share, counts[i]! / total] as const)
  let [chiSquare, used] = [0, 0]
  for (const [i, [share]] of bins.entries()) {
    const [a, b] = [share * known, counts[i]!]
    if (a + b === 0) continue
    used += 1
    const all = known + values.length
    for (const [found, size] of [
      [a, known],
      [b, values.length],
    ] as const) {
      const expected = ((a + b) * size) / all
      if (expected > 0) chiSquare += (found - expected) ** 2 / expected
    }
  }
  const freedom = used - 1
  const cramersV = values.length === 0 ? 0 : Math.sqrt(chiSquare / (known + values.length))
  return { bins, ks: null, cramersV, pValue: freedom < 1 ? null : chiSquareTail(chiSquare, freedom) }
}

function indexOf(bins: readonly (readonly [number, number])[]): number {
  return bins.reduce((sum, [expected, found]) => {
    const [e, f] = [Math.max(shareMin, expected), Math.max(shareMin, found)]
    return sum + (f - e) * Math.log(f / e)
  }, 0)
}

function levelOf(value: number, bar: { readonly warn: number; readonly alert: number }): DriftLevel {
  return value >= bar.alert ? 'alert' : value >= bar.warn ? 'warn' : 'ok'
}

const ranks = { ok: 0, warn: 1, alert: 2 } as const

export function worst(levels: readonly DriftLevel[]): DriftLevel {
  return levels.reduce((a, b) => (ranks[b] > ranks[a] ? b : a), 'ok')
}

/** How many numbers are at most `edge`. */
function upperBound(sorted: Float64Array, edge: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! <= edge) low = middle + 1
    else high = middle
  }
  return low
}

/** Chance of a distance of two samples at least this large (asymptotic series). */
export function kolmogorov(distance: number, a: number, b: number): number | null {
  if (a === 0 || b === 0) return null
  const size = Math.sqrt((a * b) / (a + b))
  const lambda = (size + 0.12 + 0.11 / size) * distance
  if (lambda < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) sum += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * lambda * lambda)
  return Math.min(1, Math.max(0, sum))
}

/** Upper tail of the chi-square distribution: the regularized incomplete gamma function Q(k/2, x/2). */
export function chiSquareTail(x: number, freedom: number): number {
  const [a, z] = [freedom / 2, x / 2]
  if (z <= 0) return 1
  const front = Math.exp(a * Math.log(z) - z - logGamma(a))
  if (z < a + 1) {
    let [term, sum] = [1 / a, 1 / a]
    for (let n = 1; n < 1000 && Math.abs(term) > Math.abs(sum) * 1e-12; n++) sum += term *= z / (a + n)
    return Math.max(0, 1 - front * sum)
  }
  let [b, c] = [z + 1 - a, 1e300]
  let d = 1 / b
  let h = d
  for (let n = 1; n < 1000; n++) {
    const an = -n * (n - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-12) break
  }
  return Math.min(1, front * h)
}

/** Lanczos, g = 7. */
function logGamma(x: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
    -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  const t = x + 6.5
  const sum = coefficients.reduce((total, value, i) => total + value / (x + i), 0.99999999999980993)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}
