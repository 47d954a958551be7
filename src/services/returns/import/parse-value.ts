import type { NumberLocale } from '#contracts/imports.ts'
import { minorDigitsOf } from '#kernel/money.ts'

/** A cell's value, or why it has none. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly reason: string }

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function refused(code: string, reason: string): Parsed<never> {
  return { ok: false, code, reason }
}

/** An exact decimal number: `units` / 10^`scale`. */
export type Decimal = { readonly units: bigint; readonly scale: number }

const marks: Readonly<Record<NumberLocale, { readonly group: string; readonly decimal: string }>> = {
  'en-IN': { group: ',', decimal: '.' },
  'en-US': { group: ',', decimal: '.' },
  'de-DE': { group: '.', decimal: ',' },
  'fr-FR': { group: ' ', decimal: ',' },
  'de-CH': { group: "'", decimal: '.' },
}

// The last group has three digits, those before it two (lakh, crore) or three.
const groupedIndian = /^\d{1,3}(?:G\d{2,3})*G\d{3}(?:D\d+)?$/
const groupedWest = /^\d{1,3}(?:G\d{3})+(?:D\d+)?$/
const plainNumber = /^(?:\d+(?:D\d*)?|D\d+)$/

/** An exponent means that a spreadsheet rounded the number: what stood there cannot be known. */
const scientific = /^[+-]?\d(?:[.,]\d+)?e[+-]?\d+$/i

const numberForms = new Map(
  (Object.keys(marks) as NumberLocale[]).map((locale) => {
    const { group, decimal } = marks[locale]
    const of = (form: RegExp) =>
      new RegExp(form.source.replaceAll('G', `\\${group}`.replace('\\ ', ' ')).replaceAll('D', `\\${decimal}`))
    return [
      locale,
      { plain: of(plainNumber), grouped: of(locale === 'en-IN' ? groupedIndian : groupedWest), group, decimal },
    ] as const
  }),
)

/** A number as the locale writes it, exactly; never by way of a float. */
export function parseDecimal(text: string, locale: NumberLocale): Parsed<Decimal> {
  const form = numberForms.get(locale)!
  let digits = text.replaceAll(/[\u00A0\u202F\u2009]/g, ' ').replaceAll('\u2019', "'")
  if (scientific.test(digits))
    return refused(
      'number_damaged',
      'a spreadsheet has rounded this number; format the column as text or number and export again',
    )
  const isNegative = /^[-\u2212]|-$|^\(.*\)$/.test(digits)
  digits = digits.replaceAll(/^[-+\u2212]|-$|^\(|\)$/g, '').trim()
  if (form.grouped.test(digits)) digits = digits.replaceAll(form.group, '')
  else if (!form.plain.test(digits)) return refused('number_format', `not a number as ${locale} writes it`)
  if (digits.length > 20) return refused('number_too_large', 'too many digits')
  const [whole = '', fraction = ''] = digits.split(form.decimal)
  const units = BigInt(`${whole}${fraction}` || '0')
  return parsed({ units: isNegative ? -units : units, scale: fraction.length })
}

const symbols: readonly (readonly [RegExp, string])[] = [
  [/^(?:₹|rs\.?|inr)\s*|\s*(?:₹|rs\.?|inr|\/-)$/gi, 'INR'],
  [/^(?:us\$|\$|usd)\s*|\s*(?:\$|usd)$/gi, 'USD'],
  [/^(?:€|eur)\s*|\s*(?:€|eur)$/gi, 'EUR'],
  [/^(?:£|gbp)\s*|\s*(?:£|gbp)$/gi, 'GBP'],
]

const minorMax = 1_000_000_000_000n
// Most amounts of most files look like this, and need none of the care below.
const simple = /^\d{1,9}(?:\.(\d{1,2}))?$/

export type MoneyForm = {
  readonly locale: NumberLocale
  readonly currency: string
  readonly rounding: 'exact' | 'half_up'
}

/** An amount shared by `units` units, in whole minor units of each. Negative amounts are refused. */
export function parseMoney(text: string, form: MoneyForm, units = 1): Parsed<number> {
  const digits = minorDigitsOf(form.currency)
  if (units === 1 && digits === 2 && marks[form.locale].decimal === '.') {
    const found = simple.exec(text)
    if (found !== null) return parsed(simpleMinor(text, found[1]))
  }
  let bare = text.trim()
  for (const [symbol, currency] of symbols) {
    const without = bare.replaceAll(symbol, '')
    if (without === bare) continue
    if (currency !== form.currency)
      return refused('currency_mismatch', `an amount in ${currency} where ${form.currency} is expected`)
    bare = without.trim()
  }
  const decimal = parseDecimal(bare, form.locale)
  if (!decimal.ok) return decimal
  if (decimal.value.units < 0n) return refused('negative', 'an amount below zero')
  const numerator = decimal.value.units * 10n ** BigInt(digits)
  const denominator = 10n ** BigInt(decimal.value.scale) * BigInt(units)
  const isExact = numerator % denominator === 0n
  if (!isExact && form.rounding === 'exact') {
    return refused(
      'fraction_of_minor_unit',
      units === 1 ? `more than ${digits} decimal places` : `cannot be shared by ${units} units exactly`,
    )
  }
  const minor = (2n * numerator + denominator) / (2n * denominator)
  return minor > minorMax ? refused('number_too_large', 'an amount beyond any price') : parsed(Number(minor))
}

function simpleMinor(text: string, fraction: string | undefined): number {
  if (fraction === undefined) return Number(text) * 100
  const whole = Number(text.slice(0, text.length - fraction.length - 1))
  return whole * 100 + (fraction.length === 1 ? Number(fraction) * 10 : Number(fraction))
}

const whole = /^\d{1,9}(?:\.0+)?$/

/** How many; a table program may have made 3 into 3.0. */
export function parseQuantity(text: string): Parsed<number> {
  if (whole.test(text)) return parsed(Number.parseInt(text, 10))
  if (scientific.test(text)) return refused('number_damaged', 'a spreadsheet has rounded this number')
  if (/^-\s*\d/.test(text)) return refused('negative', 'a quantity below zero')
  return refused('quantity_format', 'not a whole number')
}

/** Six digits, the first not 0. Spaces and a table program's ".0" are taken off. */
export function parsePincode(text: string): Parsed<string> {
  if (scientific.test(text))
    return refused('number_damaged', 'a spreadsheet has rounded this PIN code; format the column as text')
  const bare = text.replaceAll(/[\s-]/g, '').replace(/\.0+$/, '')
  return /^[1-9]\d{5}$/.test(bare)
    ? parsed(bare)
    : refused('pincode_format', 'a PIN code has six digits, the first not 0')
}

export function parseEan(text: string): Parsed<string> {
  if (scientific.test(text))
    return refused('number_damaged', 'a spreadsheet has rounded this article number; format the column as text')
  const bare = text.replaceAll(/[\s-]/g, '').replace(/\.0+$/, '')
  return /^\d{8,14}$/.test(bare) ? parsed(bare) : refused('ean_format', 'an article number has 8 to 14 digits')
}

export function parsePhone(text: string): Parsed<string> {
  if (scientific.test(text))
    return refused(
      'phone_damaged',
      'a spreadsheet has turned this phone number into a rounded one; format the column as text',
    )
  const bare = text.replaceAll(/[\s().-]/g, '').replace(/^'/, '')
  return /^\+?\d{7,15}$/.test(bare) ? parsed(bare) : refused('phone_format', 'a phone number has 7 to 15 digits')
}

const yes = new Set(['true', 'yes', 'y', '1', '1.0', 't', 'x', 'हाँ', 'हां'])
const no = new Set(['false', 'no', 'n', '0', '0.0', 'f', 'नहीं'])

export function parseBoolean(text: string): Parsed<boolean> {
  const bare = text.toLowerCase()
  if (yes.has(bare)) return parsed(true)
  return no.has(bare) ? parsed(false) : refused('boolean_format', 'neither yes nor no')
}
