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
  assert.equal(formatAbout('en', rupees(-1249)), '-₹12')
})

test('masses, shares and instants', () => {
  assert.equal(formatMass('en', 300), '300 g')
  assert.equal(formatMass('en', 2600), '2.6 kg')
  assert.equal(formatCarbon('en', 1930), '1.93 kg CO₂e')
  assert.equal(formatShare('hi', 0.824), '82%')
  assert.match(formatInstant('en', '2026-11-20T20:00:00Z', 'Asia/Kolkata'), /^21 Nov.*01:30$/)
})
