import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAbout, formatCarbon, formatInstant, formatMass, formatMoney, formatShare } from './format.ts'

const rupees = (amount: number) => ({ amount, currency: 'INR' })

test('money is grouped the Indian way in both languages', () => {
  assert.equal(formatMoney('en', rupees(12345600)), '₹1,23,456')
  assert.equal(formatMoney('hi', rupees(12345600)), '₹1,23,456')
  assert.equal(formatMoney('en', rupees(129950)), '₹1,299.50')
  assert.equal(formatMoney('en', rupees(21000), true), '+₹210')
  assert.equal(formatMoney('en', { amount: 1500, currency: 'JPY' }), 'JP¥1,500')
  assert.equal(formatAbout('en', rupees(-1249)), '\u2212₹12')
})

test('masses, shares and instants', () => {
  assert.equal(formatMass('en', 300), '300 g')
  assert.equal(formatMass('en', 2600), '2.6 kg')
  assert.equal(formatCarbon('en', 1930), '1.93 kg CO₂e')
  assert.equal(formatShare('hi', 0.824), '82%')
  const year = new Date().getFullYear()
  assert.match(formatInstant('en', `${year}-06-20T20:00:00Z`, 'Asia/Kolkata'), /^21 Jun,? 01:30$/)
  assert.match(formatInstant('en', '2019-06-20T20:00:00Z', 'Asia/Kolkata'), /^21 Jun 2019,? 01:30$/)
  assert.equal(formatCarbon('en', -1930), '\u22121.93 kg CO₂e')
})
