import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knownOutcome, labelOf, outcomeFacts, type LabelRow } from './labels.ts'

const unit = {
  id: 'r1',
  currency: 'INR',
  recommendationId: 'rec1',
  disposition: 'resell',
  dispositionChannel: 'amazon',
}
const at = '2026-11-20T06:00:00.000Z'

const done = labelOf(
  unit,
  {
    type: 'DispositionExecuted',
    data: {
      dispositionId: 'd1',
      dispositionVersion: 2,
      execution: 'done',
      blockedReason: null,
      realisedValueMinor: 50_000,
      certificateRef: null,
      externalRef: null,
      outcome: { soldPriceMinor: 60_000 },
    },
  },
  9,
  at,
)!

function said(version: number, outcome: object, more: object = {}): LabelRow {
  return labelOf(
    unit,
    {
      type: 'FeedbackRecorded',
      data: {
        feedbackId: `f${version}`,
        recommendationId: 'rec1',
        kind: 'outcome',
        disposition: null,
        reasonCode: null,
        realisedValueMinor: null,
        noteSealed: null,
        outcome,
        ...more,
      },
    },
    version,
    at,
  )!
}

test('an execution is a label of the route that was taken', () => {
  assert.equal(done.kind, 'done')
  assert.deepEqual([done.disposition, done.channel, done.recommendationId], ['resell', 'amazon', 'rec1'])
  assert.deepEqual([done.netValueMinor, done.soldPriceMinor, done.rereturned], [50_000, 60_000, null])
})

test('an execution that says nothing of the outcome is none', () => {
  const data = {
    dispositionId: 'd1',
    dispositionVersion: 1,
    execution: 'in_progress' as const,
    blockedReason: null,
    realisedValueMinor: null,
    certificateRef: null,
    externalRef: null,
  }
  assert.equal(labelOf(unit, { type: 'DispositionExecuted', data }, 8, at), null)
  const told = labelOf(
    unit,
    { type: 'DispositionExecuted', data: { ...data, outcome: { repairSucceeded: false } } },
    8,
    at,
  )
  assert.deepEqual([told!.kind, told!.repairSucceeded], ['progress', false])
  assert.equal(labelOf(unit, { type: 'ReturnCancelled', data: { reason: '' } }, 8, at), null)
})

test('what is known in the end is the last word on each field', () => {
  const known = knownOutcome([
    said(11, { rereturned: true, soldPriceMinor: 58_000 }),
    done,
    said(10, { daysToCash: 4 }),
  ])
  assert.equal(known.soldPriceMinor, 58_000)
  assert.equal(known.daysToCash, 4)
  assert.equal(known.rereturned, true)
  assert.equal(known.netValueMinor, 50_000)
})

test('a reversed execution says nothing, but a swap stays a swap', () => {
  const reversed: LabelRow = { ...done, version: 12, kind: 'reversed', netValueMinor: null, soldPriceMinor: null }
  const known = knownOutcome([done, said(11, { abuse: 'swap' }), reversed])
  assert.deepEqual([known.netValueMinor, known.soldPriceMinor, known.disposition], [null, null, null])
  assert.equal(known.abuse, 'swap')
})

test('an opinion of another route is no outcome', () => {
  const other = said(10, { soldPriceMinor: 1 }, { disposition: 'liquidate' })
  assert.equal(other.channel, null)
  assert.equal(knownOutcome([done, other]).soldPriceMinor, 60_000)
})

const owner = { lpn: 'L1', currency: 'INR', mrpMinor: 100_000, priceMinor: 80_000, requestedAt: '2026-11-01T00:00:00Z' }
const nowMs = Date.parse(at)

test('what cannot be is refused, field by field', () => {
  const cases: [Parameters<typeof outcomeFacts>[1], string, string][] = [
    [{ soldPrice: { amount: 1, currency: 'USD' } }, 'currency_mixed', '/outcome/soldPrice'],
    [{ soldPrice: { amount: 150_001, currency: 'INR' } }, 'value_above_ceiling', '/outcome/soldPrice'],
    [{ repairCost: { amount: 150_001, currency: 'INR' } }, 'value_above_ceiling', '/outcome/repairCost'],
    [{ soldAt: '2026-11-20T06:00:01Z' }, 'time_in_future', '/outcome/soldAt'],
    [{ soldAt: '2026-10-31T23:59:59Z' }, 'time_before_return', '/outcome/soldAt'],
    [{ repairNeeded: false, repairSucceeded: true }, 'repair_contradicts', '/outcome/repairNeeded'],
  ]
  for (const [outcome, code, pointer] of cases) {
    const found = outcomeFacts(owner, outcome, nowMs)
    assert.ok(!found.ok)
    assert.equal(found.rejection.code, code)
    assert.equal(found.rejection.errors?.[0]?.pointer, pointer)
  }
})

test('what can be is kept in minor units and UTC', () => {
  const found = outcomeFacts(
    owner,
    { soldPrice: { amount: 150_000, currency: 'INR' }, soldAt: '2026-11-20T05:30:00+05:30', repairNeeded: true },
    nowMs,
  )
  assert.ok(found.ok)
  assert.deepEqual(found.value, { soldPriceMinor: 150_000, soldAt: '2026-11-20T00:00:00.000Z', repairNeeded: true })
})
