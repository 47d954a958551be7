import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTranslator } from 'use-intl/core'
import english from '../../messages/en.json' with { type: 'json' }
import hindi from '../../messages/hi.json' with { type: 'json' }
import { reasonText, type Speech } from './reason-text.ts'

const onError = (error: Error) => assert.fail(error)
const speeches: readonly Speech[] = [
  { language: 'en', say: createTranslator({ locale: 'en', messages: english, onError }), categoryName: (id) => id },
  { language: 'hi', say: createTranslator({ locale: 'hi', messages: hindi, onError }), categoryName: (id) => id },
]
const both = (code: string, params: Record<string, string | number> = {}) =>
  speeches.map((speech) => reasonText({ code, params }, speech))

test('a reason is told by its code and parameters in each language', () => {
  assert.deepEqual(both('price', { minor: 12_345_650, currency: 'INR' }), [
    'Reference price ₹1,23,457',
    'संदर्भ मूल्य ₹1,23,457',
  ])
  assert.deepEqual(both('days_since_sale_d', { n: 1 }), ['Bought 1 day ago', '1 दिन पहले ख़रीदा गया'])
  assert.deepEqual(both('reason_code', { value: 'defective' }), [
    'Reason for the return: Defective',
    'वापसी का कारण: ख़राब निकला',
  ])
  assert.deepEqual(both('finding_dent', { value: 'no' }), ['Not found: dent', 'नहीं मिला: पिचका हिस्सा'])
  assert.equal(both('price_trend_28d', { n: -0.25 })[0], 'Prices of its kind fall 0.25 % a day')
  assert.equal(
    both('demand', { level: 'weak', sold: 3, stock: 9 })[0],
    'Weak resale demand: 3 sold in 28 days, 9 in stock',
  )
})

test('what is not known is named; a code of another feature contract is told by its words', () => {
  assert.deepEqual(both('season.unknown'), ['Not known: time of year', 'पता नहीं: साल का समय'])
  assert.deepEqual(both('finding_scent', { value: 'yes' })[0], 'Found: Scent')
  assert.equal(both('moon_phase')[0], 'Moon phase')
  assert.equal(both('moon_phase.unknown')[0], 'Not known: Moon phase')
})
