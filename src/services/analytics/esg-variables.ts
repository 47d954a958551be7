import type { Assumed, EsgMethod } from '#contracts/esg.ts'
import type { EsgFactor } from '#contracts/reference.ts'
import type { Triangle } from './esg-uncertainty.ts'

/** An uncertain number of the computation: a factor, an assumption, or the mass. */
export type Variable = Triangle & { readonly id: string; readonly version: string; readonly quality: number }

/** The factor as a triangle, or null when the table has no such row. */
export function factorVariable(
  factors: ReadonlyMap<string, EsgFactor>,
  method: EsgMethod,
  factorId: string,
): Variable | null {
  const factor = factors.get(factorId)
  if (!factor) return null
  const source = method.sources.find(({ prefix }) => factorId.startsWith(prefix))
  if (!source) throw new Error(`the ESG method says nothing of the source of ${factorId}`)
  const value = factor.kgco2ePerUnit
  const half = Math.abs(value) * source.spread
  const printed = source.ignoresPrintedSpread ? { low: null, high: null } : factor
  return {
    id: factorId,
    version: method.factorsVersion,
    quality: source.quality,
    value,
    low: Math.min(value, printed.low ?? value - half),
    high: Math.max(value, printed.high ?? value + half),
  }
}

export function assumptionVariable(method: EsgMethod, name: string, assumed: Assumed): Variable {
  return { id: `method.${name}`, version: method.version, quality: 5, ...assumed }
}

export function massVariable(
  method: EsgMethod,
  massKg: number,
  massSource: 'measured' | 'catalogue' | 'category',
): Variable {
  const half = massKg * method.massSpread[massSource]
  const quality = method.massQuality[massSource]
  return {
    id: 'mass',
    version: method.version,
    quality,
    value: massKg,
    low: massKg - half,
    high: massKg + half,
  }
}

/** Share of new production that a route displaces, with the interval that the method assumes. */
export function displacementOf(method: EsgMethod, disposition: keyof EsgMethod['displacement']['shares']): Assumed {
  const { shares, lowTimes, highTimes, cap } = method.displacement
  const value = shares[disposition]
  return { value, low: value * lowTimes, high: Math.max(value, Math.min(cap, value * highTimes)) }
}
