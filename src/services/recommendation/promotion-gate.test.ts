import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promotionGate, type GateFacts } from './promotion-gate.ts'

const good: GateFacts = {
  contractHash: 'abc',
  expectedContractHash: 'abc',
  parity: { rows: 1000, regression: 3e-6, probability: 2e-7 },
  calibration: { gradeEce: 0.01, confidenceEce: 0.02, coverage: 0.9 },
  offPolicy: { effectiveCount: 200, gain: { value: 40, low: 1, high: 80 } },
}
const failed = (facts: GateFacts) =>
  promotionGate(facts)
    .conditions.filter((c) => !c.met)
    .map((c) => c.id)

test('a model that meets every condition may serve', () => {
  const verdict = promotionGate(good)
  assert.equal(verdict.promote, true)
  assert.deepEqual(failed(good), [])
  assert.equal(verdict.conditions.length, 9)
})

test('each condition alone stops it, with its number', () => {
  const cases: [Partial<GateFacts>, string][] = [
    [{ contractHash: 'abd' }, 'contract_hash'],
    [{ parity: { ...good.parity!, rows: 999 } }, 'parity_rows'],
    [{ parity: { ...good.parity!, regression: 1.1e-4 } }, 'parity_regression'],
    [{ parity: { ...good.parity!, regression: Number.NaN } }, 'parity_regression'],
    [{ parity: { ...good.parity!, probability: 1.1e-5 } }, 'parity_probability'],
    [{ calibration: { ...good.calibration!, gradeEce: 0.031 } }, 'grade_ece'],
    [{ calibration: { ...good.calibration!, confidenceEce: 0.021 } }, 'confidence_ece'],
    [{ calibration: { ...good.calibration!, coverage: 0.879 } }, 'coverage'],
    [{ calibration: { ...good.calibration!, coverage: 0.921 } }, 'coverage'],
    [{ offPolicy: { ...good.offPolicy!, effectiveCount: 199.9 } }, 'effective_count'],
    [{ offPolicy: { ...good.offPolicy!, gain: { value: 40, low: 0, high: 80 } } }, 'gain_lower_bound'],
  ]
  for (const [change, id] of cases) {
    const facts = { ...good, ...change }
    assert.deepEqual(failed(facts), [id])
    assert.equal(promotionGate(facts).promote, false)
  }
  assert.equal(promotionGate({ ...good, contractHash: 'abd' }).conditions[0]!.value, 'abd')
})

test('what was not measured is not met', () => {
  const verdict = promotionGate({ ...good, parity: null, calibration: null, offPolicy: null })
  assert.equal(verdict.promote, false)
  assert.deepEqual(
    verdict.conditions.filter((c) => c.value === null).map((c) => c.met),
    Array.from({ length: 8 }, () => false),
  )
})
