import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Explanation } from '../../../src/contracts/explanations.ts'
import { whyRows } from './why-rows.ts'

const reason = (code: string, amount: number) => ({ code, params: {}, amount, text: '' })
const explanation: Explanation = {
  returnId: '01920000-0000-7000-8000-000000000001',
  recommendationId: '01920000-0000-7000-8000-000000000002',
  point: 't0',
  currency: 'INR',
  level: 'L1',
  modelVersion: 'm-1',
  engine: 'trees',
  fellBack: [],
  basis: 'shapley',
  isApproximate: false,
  why: null,
  chosen: { disposition: 'refurbish', channel: 'own_site', name: 'refurbish' },
  other: { disposition: 'resell', channel: 'flipkart', name: 'resell' },
  difference: 10_140,
  typical: 3_330,
  reasons: [reason('price', 8_449), reason('season', -1_649), reason('others', 10)],
}

test('whole amounts that are shown add up to the whole difference', () => {
  const { typical, reasons, inAll } = whyRows(explanation)
  assert.deepEqual(
    reasons.map(({ amount }) => amount),
    [8_400, -1_600],
  )
  assert.equal(inAll, 10_100)
  assert.equal(
    reasons.reduce((sum, { amount }) => sum + amount, typical),
    inAll,
  )
  assert.equal(typical, 3_300)
})

test('a currency without minor units is shown to the unit', () => {
  const { reasons, inAll } = whyRows({ ...explanation, currency: 'JPY' })
  assert.deepEqual([reasons.length, inAll], [3, 10_140])
})
