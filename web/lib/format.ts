import type { Money } from '../../src/kernel/money.ts'
import { minorDigitsOf } from '../../src/kernel/money.ts'

export const languages = ['en', 'hi'] as const
export type Language = (typeof languages)[number]

/** Digits are grouped the Indian way in both: ₹1,23,456. */
const locales: Readonly<Record<Language, string>> = { en: 'en-IN', hi: 'hi-IN' }
export const defaultTimeZone = 'Asia/Kolkata'

const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

function number(language: Language, key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const id = `n ${language} ${key}`
  const made =
    (formatters.get(id) as Intl.NumberFormat | undefined) ?? new Intl.NumberFormat(locales[language], options)
  formatters.set(id, made)
  return made
}

function date(language: Language, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = `d ${language} ${key}`
  const made =
    (formatters.get(id) as Intl.DateTimeFormat | undefined) ?? new Intl.DateTimeFormat(locales[language], options)
  formatters.set(id, made)
  return made
}

/** As wide as a plus, and read as what it is. */
const minus = '\u2212'

/** Whole amounts are shown without decimals. `isSigned` puts a plus before gains. */
export function formatMoney(language: Language, money: Money, isSigned = false): string {
  const digits = minorDigitsOf(money.currency)
  const shown = money.amount % 10 ** digits === 0 ? 0 : digits
  return number(language, `${money.currency} ${shown} ${isSigned}`, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: shown,
    maximumFractionDigits: shown,
    signDisplay: isSigned ? 'exceptZero' : 'auto',
  })
    .format(money.amount / 10 ** digits)
    .replace('-', minus)
}

/** Values of a forecast: the minor units would be false precision. */
export function formatAbout(language: Language, money: Money, isSigned = false): string {
  const unit = 10 ** minorDigitsOf(money.currency)
  return formatMoney(language, { amount: Math.round(money.amount / unit) * unit, currency: money.currency }, isSigned)
}

export function formatNumber(language: Language, value: number, digitsMax = 0): string {
  return number(language, `plain ${digitsMax}`, { maximumFractionDigits: digitsMax }).format(value).replace('-', minus)
}

export function formatDistance(language: Language, km: number): string {
  return number(language, 'distance', { style: 'unit', unit: 'kilometer', maximumFractionDigits: 1 }).format(km)
}

export function formatShare(language: Language, share: number): string {
  return number(language, 'share', { style: 'percent', maximumFractionDigits: 0 }).format(share)
}

/** Grams below a kilogram, else kilograms. */
export function formatMass(language: Language, grams: number): string {
  const unit = Math.abs(grams) < 1000 ? 'gram' : 'kilogram'
  const value = unit === 'gram' ? grams : grams / 1000
  return number(language, unit, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value)
}

export function formatCarbon(language: Language, grams: number): string {
  return `${formatNumber(language, grams / 1000, Math.abs(grams) < 100 ? 3 : 2)} kg CO₂e`
}

export function formatTime(language: Language, instant: string, timeZone: string): string {
  return date(language, `time ${timeZone}`, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(Date.parse(instant))
}

export function formatDate(language: Language, instant: string, timeZone: string): string {
  return date(language, `date ${timeZone}`, {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(Date.parse(instant))
}

function yearOf(language: Language, at: number, timeZone: string): string {
  return date(language, `year ${timeZone}`, { timeZone, year: 'numeric' }).format(at)
}

/** The year stands there only when it is another one than this. */
export function formatInstant(language: Language, instant: string, timeZone: string): string {
  const year = yearOf(language, Date.parse(instant), timeZone) === yearOf(language, Date.now(), timeZone) ? '' : 'year '
  return date(language, `instant ${year}${timeZone}`, {
    timeZone,
    day: 'numeric',
    month: 'short',
    ...(year === '' ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(Date.parse(instant))
}

export function formatFull(language: Language, instant: string, timeZone: string): string {
  return date(language, `full ${timeZone}`, { timeZone, dateStyle: 'full', timeStyle: 'long' }).format(
    Date.parse(instant),
  )
}

/** A calendar day (YYYY-MM-DD) as day and month. */
export function formatDayMonth(language: Language, day: string): string {
  return date(language, 'day month', { timeZone: 'UTC', day: 'numeric', month: 'short' }).format(
    Date.parse(`${day}T00:00:00Z`),
  )
}
