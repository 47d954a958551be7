import type { TrainingReference } from '#contracts/drift.ts'
import type { FeatureContract } from '#contracts/features.ts'

/** What rows look like, feature by feature: the same summary that a training writes of its own. */
export function referenceOfRows(contract: FeatureContract, rows: Float32Array, count: number): TrainingReference {
  const width = contract.features.length
  return {
    contractHash: contract.hash,
    count,
    features: contract.features.map((feature, place) => {
      const values = Array.from({ length: count }, (_, i) => rows[i * width + place]!).filter((v) => !Number.isNaN(v))
      const missing = count === 0 ? 1 : 1 - values.length / count
      if (feature.type === 'number')
        return { name: feature.name, missing, quantiles: quantilesOf(values), shares: null }
      const codes = 'values' in feature ? feature.values.length : (feature.codes?.length ?? 2)
      return { name: feature.name, missing, quantiles: null, shares: sharesOf(values, Math.max(2, codes)) }
    }),
  }
}

function quantilesOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b)
  return Array.from({ length: 101 }, (_, i) => sorted[Math.round((i / 100) * (sorted.length - 1))] ?? 0)
}

function sharesOf(values: readonly number[], codes: number): number[] {
  const counts = Array.from({ length: codes }, () => 0)
  for (const value of values) if (counts[value] !== undefined) counts[value] += 1
  return counts.map((count) => count / Math.max(1, values.length))
}

const bins = 15

/** Class-wise expected calibration error over bins of equal mass. `found` is the index of the class that came true. */
export function classwiseError(predicted: readonly (readonly number[])[], found: readonly number[]): number {
  const classes = predicted[0]?.length ?? 0
  let total = 0
  for (let c = 0; c < classes; c++) {
    const pairs = predicted
      .map((shares, i) => [shares[c]!, found[i] === c ? 1 : 0] as const)
      .toSorted((a, b) => a[0] - b[0])
    for (let b = 0; b < bins; b++) {
      const part = pairs.slice(Math.floor((b * pairs.length) / bins), Math.floor(((b + 1) * pairs.length) / bins))
      const gap = part.reduce((sum, [share, hit]) => sum + share - hit, 0)
      total += Math.abs(gap) / pairs.length
    }
  }
  return classes === 0 ? 0 : total / classes
}
