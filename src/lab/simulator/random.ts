import { hash32, randomFrom } from '#kernel/random.ts'

/** A stream of chance of its own, named by a key: what one unit draws never moves another. */
export type Chance = {
  /** In [0, 1). */
  readonly uniform: () => number
  readonly normal: () => number
  readonly gamma: (shape: number) => number
  readonly poisson: (mean: number) => number
  readonly beta: (a: number, b: number) => number
  /** Place drawn by weight; weights need not sum to 1. */
  readonly pick: (weights: ArrayLike<number>) => number
}

export function chanceOf(key: string): Chance {
  const uniform = randomFrom(hash32(key))
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  // Marsaglia and Tsang 2000; below shape 1 by their boost.
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - uniform()) ** (1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const v = (1 + c * x) ** 3
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
    }
  }
  const poisson = (mean: number): number => {
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = uniform(); product > limit; product *= uniform()) count++
    return count
  }
  const beta = (a: number, b: number) => {
    const x = gamma(a)
    return x / (x + gamma(b))
  }
  const pick = (weights: ArrayLike<number>) => {
    let sum = 0
    for (let i = 0; i < weights.length; i++) sum += weights[i]!
    let left = uniform() * sum
    for (let i = 0; i < weights.length - 1; i++) {
      left -= weights[i]!
      if (left < 0) return i
    }
    return weights.length - 1
  }
  return { uniform, normal, gamma, poisson, beta, pick }
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

export function normalDensity(x: number, mean: number, sd: number): number {
  const z = (x - mean) / sd
  return Math.exp(-0.5 * z * z) / (sd * Math.sqrt(2 * Math.PI))
}

/** Logarithm of the gamma function by Stirling's series, after a climb to 8: error below 1e-10 for positive numbers. */
export function logGamma(x: number): number {
  let y = x
  let climb = 0
  for (; y < 8; y++) climb += Math.log(y)
  const square = 1 / (y * y)
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / y
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - climb
}

export function betaDensity(x: number, a: number, b: number): number {
  return Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + (a - 1) * Math.log(x) + (b - 1) * Math.log(1 - x))
}
