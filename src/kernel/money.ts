/** Whole minor units (paise for INR) of one ISO 4217 currency. */
export type Money = { readonly amount: number; readonly currency: string }

/** Rounds half away from zero to whole minor units; throws on a number that is not finite. */
export function toMinor(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`not an amount: ${value}`)
  const rounded = Math.sign(value) * Math.round(Math.abs(value))
  return rounded === 0 ? 0 : rounded
}

const minorDigits: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, VND: 0, CLP: 0, BHD: 3, KWD: 3, OMR: 3 }

/** Decimal places between the major and the minor unit (ISO 4217): 2 unless listed. */
export function minorDigitsOf(currency: string): number {
  return minorDigits[currency] ?? 2
}
