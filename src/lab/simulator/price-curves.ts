import { normalCdf } from '#services/recommendation/draws.ts'
import { askingPrice, priceFee, type FeeSchedule } from '#services/recommendation/fees.ts'
import type { Values } from './params.ts'

/** Noise is cut at this many standard deviations, so that every mean is finite. */
export const noiseEdge = 4
const nodes = 81

/** Steps of ln(paise) between 1 INR and 3 million INR. */
const logFrom = Math.log(100)
const logStep = 0.01
const logCount = 1500

/** Mean price asked and mean fee when buyers would pay exp(x + noise), by x. */
export type PriceCurve = { readonly price: Float64Array; readonly fee: Float64Array }

export type PriceCurves = {
  /** Tukey's g-and-h: a normal number bent to a skewed one with heavier tails. */
  readonly bend: (z: number) => number
  readonly of: (schedule: FeeSchedule, sd: number) => PriceCurve
  /** Mean of exp(noise). */
  readonly meanFactor: (sd: number) => number
}

/** Place on a curve; the rest is the share of the way to the next step. */
export function curvePlace(logPrice: number): number {
  return Math.min(logCount - 1.000_001, Math.max(0, (logPrice - logFrom) / logStep))
}

export function along(curve: Float64Array, place: number): number {
  const below = place | 0
  const low = curve[below]!
  return low + (place - below) * (curve[below + 1]! - low)
}

/** Means over the noise by quadrature, tabulated: between the steps they are straight to 1e-5 of the price. */
export function priceCurves(p: Values, gstFactor: number): PriceCurves {
  const bend = (z: number) => {
    const x = Math.min(noiseEdge, Math.max(-noiseEdge, z))
    const skewed = p.priceSkew === 0 ? x : Math.expm1(p.priceSkew * x) / p.priceSkew
    return skewed * Math.exp((p.priceTail * x * x) / 2)
  }
  const width = (2 * noiseEdge) / (nodes - 1)
  const points = Array.from({ length: nodes }, (_, i) => -noiseEdge + i * width)
  // The mass of each cell about its node; what lies beyond the edge belongs to it.
  const weights = points.map(
    (z, i) => (i === nodes - 1 ? 1 : normalCdf(z + width / 2)) - (i === 0 ? 0 : normalCdf(z - width / 2)),
  )
  const bent = points.map(bend)
  const known = new Map<FeeSchedule, Map<number, PriceCurve>>()
  const make = (schedule: FeeSchedule, sd: number): PriceCurve => {
    const factors = bent.map((b) => Math.exp(sd * b))
    const price = new Float64Array(logCount)
    const fee = new Float64Array(logCount)
    for (let i = 0; i < logCount; i++) {
      const middle = Math.exp(logFrom + i * logStep)
      for (let n = 0; n < nodes; n++) {
        const asked = askingPrice(schedule, middle * factors[n]!, gstFactor)
        price[i]! += weights[n]! * asked
        fee[i]! += weights[n]! * priceFee(schedule, asked)
      }
    }
    return { price, fee }
  }
  const factors = new Map<number, number>()
  return {
    bend,
    meanFactor: (sd) => {
      const found = factors.get(sd) ?? bent.reduce((sum, b, n) => sum + weights[n]! * Math.exp(sd * b), 0)
      factors.set(sd, found)
      return found
    },
    of: (schedule, sd) => {
      const bySpread = known.get(schedule) ?? new Map<number, PriceCurve>()
      known.set(schedule, bySpread)
      const found = bySpread.get(sd) ?? make(schedule, sd)
      bySpread.set(sd, found)
      return found
    },
  }
}
