import type { Figure } from '../../../src/contracts/analytics.ts'
import { formatAbout, formatNumber, formatShare, type Language } from '../../lib/format.ts'

type Unit = Figure['unit']

/** A value in its unit; money in the minor units of its currency. */
export function formatFigure(language: Language, unit: Unit, value: number, currency: string | null): string {
  if (unit === 'share') return formatShare(language, value)
  if (unit === 'hours') return `${formatNumber(language, value, 1)} h`
  if (unit === 'money' && currency !== null) return formatAbout(language, { amount: value, currency })
  return formatNumber(language, value)
}

/** The change against the period before: in percent, and of shares in points. Null where there is nothing to compare with. */
export function changeOf(unit: Unit, value: number | null, previous: number | null): number | null {
  if (value === null || previous === null) return null
  if (unit === 'share') return (value - previous) * 100
  return previous === 0 ? null : ((value - previous) / Math.abs(previous)) * 100
}
