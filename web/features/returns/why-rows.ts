import type { Explanation } from '../../../src/contracts/explanations.ts'
import { minorDigitsOf } from '../../../src/kernel/money.ts'

export type WhyRows = {
  readonly typical: number
  readonly reasons: Explanation['reasons']
  readonly inAll: number
}

/**
 * Forecasts are shown without the minor units. What rounding makes of the sum is the typical unit's, so that the figures
 * that are shown add up too; reasons of less than half a unit are left out.
 */
export function whyRows({ reasons, difference, currency }: Explanation): WhyRows {
  const unit = 10 ** minorDigitsOf(currency)
  const whole = (amount: number) => Math.round(amount / unit) * unit + 0
  const shown = reasons
    .map((reason) => ({ ...reason, amount: whole(reason.amount) }))
    .filter(({ amount }) => amount !== 0)
  const inAll = whole(difference)
  return { reasons: shown, inAll, typical: inAll - shown.reduce((sum, { amount }) => sum + amount, 0) }
}
