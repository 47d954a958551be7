import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { NumberLocale } from '#contracts/imports.ts'
import {
  parseBoolean,
  parseDecimal,
  parseEan,
  parseMoney,
  parsePhone,
  parsePincode,
  parseQuantity,
  type Parsed,
} from './parse-value.ts'

function money(
  text: string,
  locale: NumberLocale = 'en-IN',
  currency = 'INR',
  units = 1,
  rounding: 'exact' | 'half_up' = 'exact',
) {
  return outcome(parseMoney(text, { locale, currency, rounding }, units))
}

function outcome<T>(result: Parsed<T>): T | string {
  return result.ok ? result.value : result.code
}

test('amounts come out in whole minor units, exactly', () => {
  const amounts: readonly (readonly [string, NumberLocale, string, number | string])[] = [
    ['₹1,23,456.50', 'en-IN', 'INR', 12345650],
    ['Rs. 499', 'en-IN', 'INR', 49900],
    ['Rs.499/-', 'en-IN', 'INR', 49900],
    ['INR 1,234', 'en-IN', 'INR', 123400],
    ['1.234,56', 'de-DE', 'EUR', 123456],
    ['€ 1.234,56', 'de-DE', 'EUR', 123456],
    ['1 234,56 €', 'fr-FR', 'EUR', 123456],
    ["CHF 1'234.50", 'de-CH', 'CHF', 'number_format'],
    ["1'234.50", 'de-CH', 'CHF', 123450],
    ['$1,234.5', 'en-US', 'USD', 123450],
    ['499.9', 'en-IN', 'INR', 49990],
    ['0.10', 'en-IN', 'INR', 10],
    ['.5', 'en-IN', 'INR', 50],
    ['647.6200', 'en-IN', 'INR', 64762],
    ['0', 'en-IN', 'INR', 0],
    ['500', 'en-IN', 'JPY', 500],
    ['1.234,56', 'en-IN', 'INR', 'number_format'],
    ['1,234', 'de-DE', 'EUR', 'fraction_of_minor_unit'],
    ['12,34', 'en-IN', 'INR', 'number_format'],
    ['1,23,456', 'en-US', 'USD', 'number_format'],
    ['-5', 'en-IN', 'INR', 'negative'],
    ['(5.00)', 'en-IN', 'INR', 'negative'],
    ['₹-5', 'en-IN', 'INR', 'negative'],
    ['1E+05', 'en-IN', 'INR', 'number_damaged'],
    ['$5', 'en-IN', 'INR', 'currency_mismatch'],
    ['5.005', 'en-IN', 'INR', 'fraction_of_minor_unit'],
    ['abc', 'en-IN', 'INR', 'number_format'],
    ['99999999999999', 'en-IN', 'INR', 'number_too_large'],
    ['NaN', 'en-IN', 'INR', 'number_format'],
  ]
  for (const [text, locale, currency, expected] of amounts) assert.equal(money(text, locale, currency), expected, text)
})

test('a total is shared by units, half a minor unit rounded up', () => {
  assert.equal(money('16.448', 'en-US', 'USD', 2, 'half_up'), 822)
  assert.equal(money('0.05', 'en-US', 'USD', 2, 'half_up'), 3)
  assert.equal(money('100', 'en-US', 'USD', 3), 'fraction_of_minor_unit')
  assert.equal(money('99', 'en-US', 'USD', 3), 3300)
})

test('every amount that is printed is read back, in every locale', () => {
  const marks = {
    'en-IN': [',', '.'],
    'en-US': [',', '.'],
    'de-DE': ['.', ','],
    'fr-FR': [' ', ','],
    'de-CH': ["'", '.'],
  } as const
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000_000_000 }),
      fc.constantFrom(...(Object.keys(marks) as NumberLocale[])),
      fc.boolean(),
      (minor, locale, grouped) => {
        const [group, decimal] = marks[locale]
        const text = new Intl.NumberFormat(locale === 'en-IN' ? 'en-IN' : 'en-US', {
          minimumFractionDigits: 2,
          useGrouping: grouped,
        }).format(Number((BigInt(minor) / 100n).toString()))
        const whole = text.split('.')[0]!.replaceAll(',', group)
        assert.equal(money(`${whole}${decimal}${String(minor % 100).padStart(2, '0')}`, locale), minor)
      },
    ),
  )
})

test('any text is a number or refused, never an exception', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('en-IN', 'de-DE', 'fr-FR') as fc.Arbitrary<NumberLocale>,
      (text, locale) => {
        const found = parseDecimal(text, locale)
        if (found.ok) assert.match(text, /\d/)
        const amount = parseMoney(text, { locale, currency: 'INR', rounding: 'half_up' })
        if (amount.ok) assert.ok(Number.isSafeInteger(amount.value) && amount.value >= 0)
      },
    ),
  )
})

test('PIN codes, phones, quantities, yes and no, article numbers', () => {
  assert.equal(outcome(parsePincode('560 001')), '560001')
  assert.equal(outcome(parsePincode('560001.0')), '560001')
  assert.equal(outcome(parsePincode('5.60001E+05')), 'number_damaged')
  assert.equal(outcome(parsePincode('060001')), 'pincode_format')
  assert.equal(outcome(parsePincode('56001')), 'pincode_format')
  assert.equal(outcome(parsePhone('+91 98450-12345')), '+919845012345')
  assert.equal(outcome(parsePhone('9.19845E+11')), 'phone_damaged')
  assert.equal(outcome(parsePhone('call me')), 'phone_format')
  assert.equal(outcome(parseQuantity('3')), 3)
  assert.equal(outcome(parseQuantity('3.0')), 3)
  assert.equal(outcome(parseQuantity('2.5')), 'quantity_format')
  assert.equal(outcome(parseQuantity('-2')), 'negative')
  assert.equal(outcome(parseBoolean('Yes')), true)
  assert.equal(outcome(parseBoolean('0')), false)
  assert.equal(outcome(parseBoolean('maybe')), 'boolean_format')
  assert.equal(outcome(parseEan('8.90103E+12')), 'number_damaged')
  assert.equal(outcome(parseEan('8901030 865278')), '8901030865278')
})
