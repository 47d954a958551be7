import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { categories, data, recommend, sureOf, unit } from '../../../test/support/decision.ts'
import { compiledFor } from './compile.ts'
import { freshState, isStarting, probeFactor } from './decision-state.ts'
import type { DecisionState } from './decision-state.ts'
import { explore } from './explore.ts'
import { moneyText } from './reasons.ts'
import { reviewReasons } from './review.ts'

const compiled = compiledFor(data, categories)

describe('review', () => {
  const calm = {
    item: unit(),
    reference: 100_000,
    evppi: 0,
    confidence: 0.9,
    gap: 5_000,
    abuse: 0,
    isSelling: true,
    constraints: [],
    isCategoryKnown: true,
  }
  const asked = (over: object) => reviewReasons(compiled, { ...calm, ...over })

  it('asks for nobody when all is plain', () => assert.deepEqual(asked({}), []))

  it('weighs the value of looking against the cost of a person', () => {
    assert.deepEqual(asked({ evppi: 2_400 }), [])
    assert.deepEqual(asked({ evppi: 2_401 }), ['value_of_looking'])
    assert.deepEqual(asked({ evppi: 9_999, item: unit({ point: 't0' }) }), [])
  })

  it('looks at low confidence unless it is a near tie', () => {
    assert.deepEqual(asked({ confidence: 0.5 }), ['low_confidence'])
    assert.deepEqual(asked({ confidence: 0.5, gap: 2_000 }), [])
    assert.deepEqual(asked({ confidence: null }), [])
  })

  it('looks at abuse, failed photos on the way to a sale, and what a constraint asks', () => {
    assert.deepEqual(asked({ abuse: 0.31 }), ['abuse_suspected'])
    assert.deepEqual(asked({ item: unit({ photoGate: 'failed' }) }), ['photo_gate_failed'])
    assert.deepEqual(asked({ item: unit({ photoGate: 'failed' }), isSelling: false }), [])
    assert.deepEqual(asked({ constraints: ['counterfeit'] }), ['constraint:counterfeit'])
  })
})

describe('exploration', () => {
  const bold = structuredClone(data)
  bold.policy.exploration.enabled = true
  const exploring = compiledFor(bold, categories)
  const facts = {
    reference: 100_000,
    isHazardous: false,
    isRecalled: false,
    needsReview: false,
    utilities: [50_000, 49_500, 30_000],
    isStarting: false,
    factor: 1,
    seed: 1,
  }

  it('is off as shipped', () => {
    assert.equal(data.policy.exploration.enabled, false)
    assert.deepEqual(explore(compiled, facts), { propensities: [1, 0, 0], taken: 0, probeShare: 0, factor: 1 })
  })

  it('leaves the best in few near ties and probes cheap units', () => {
    const { propensities } = explore(exploring, facts)
    const probe = 0.02
    // The tie would get e^-0.5 / (1 + e^-0.5) = 0.378 of the draws; the cap leaves it 0.03.
    assert.ok(Math.abs(propensities[1]! - ((1 - probe) * 0.03 + probe / 3)) < 1e-12)
    assert.ok(Math.abs(propensities[2]! - probe / 3) < 1e-12)
    assert.ok(Math.abs(propensities.reduce((a, b) => a + b, 0) - 1) < 1e-12)
  })

  it('probes more at the start, less when the budget is spent, and only cheap units', () => {
    const second = (over: object) => explore(exploring, { ...facts, ...over }).propensities[2]!
    assert.ok(Math.abs(second({ isStarting: true }) - 0.1 / 3) < 1e-12)
    assert.ok(Math.abs(second({ factor: 0.25 }) - 0.005 / 3) < 1e-12)
    assert.equal(second({ factor: 0 }), 0)
    assert.equal(second({ reference: 150_000 }), 0)
    assert.deepEqual([explore(exploring, facts).probeShare, explore(exploring, facts).factor], [0.02, 1])
  })

  it('answers the same on replay', () => {
    assert.deepEqual(explore(exploring, { ...facts, seed: 77 }), explore(exploring, { ...facts, seed: 77 }))
  })

  it('takes each option as often as its propensity says', () => {
    const taken = [0, 0, 0]
    const n = 20_000
    for (let seed = 0; seed < n; seed++) taken[explore(exploring, { ...facts, seed: seed * 2_654_435_761 }).taken]!++
    const { propensities } = explore(exploring, facts)
    taken.forEach((count, i) => assert.ok(Math.abs(count / n - propensities[i]!) < 0.006, `${count / n}`))
  })

  it('never touches dear, hazardous, recalled or reviewed units', () => {
    for (const over of [{ reference: 2_500_001 }, { isHazardous: true }, { isRecalled: true }, { needsReview: true }]) {
      assert.deepEqual(explore(exploring, { ...facts, ...over }).propensities, [1, 0, 0])
    }
  })

  it('says so in the answer and keeps to admissible options', () => {
    let explored = 0
    for (let i = 0; i < 400; i++) {
      const cheap = unit({
        id: `shirt-${i}`,
        categoryId: 'fashion.apparel.topwear',
        priceMinor: 90_000,
        grade: 'A',
      })
      const body = recommend(cheap, sureOf({ new: 0.9, secondary: 0.6 }), bold)
      assert.ok(body.options.some((o) => o.disposition === body.disposition && o.channel === body.channel))
      const isBest = body.options[0]!.disposition === body.disposition && body.options[0]!.channel === body.channel
      assert.equal(body.explored, !isBest)
      explored += Number(body.explored)
    }
    assert.ok(explored > 0 && explored < 30, String(explored))
  })
})

describe('state of exploration', () => {
  it('lets probes have what near ties leave of the budget', () => {
    const spent = { valueMinor: 1_000_000, tiesMinor: 2_000, probesMinor: 6_000 }
    assert.equal(probeFactor(spent, 0.005), 0.5)
    assert.equal(probeFactor({ ...spent, tiesMinor: 5_000 }, 0.005), 0)
    assert.equal(probeFactor({ ...spent, valueMinor: -5 }, 0.005), 0)
    assert.equal(probeFactor({ ...spent, probesMinor: 0 }, 0.005), 1)
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.nat(), (valueMinor, tiesMinor, probesMinor) => {
        const factor = probeFactor({ valueMinor, tiesMinor, probesMinor }, 0.005)
        assert.ok(factor >= 0 && factor <= 1)
        // What is spent stays within the budget, unless near ties alone are above it.
        const cost = tiesMinor + factor * probesMinor
        if (probesMinor > 0) assert.ok(cost <= Math.max(tiesMinor, 0.005 * valueMinor) + 1e-6)
      }),
    )
  })

  it('is at the start until each admissible route has its outcomes in this part of the catalogue', () => {
    const at = (outcomes: DecisionState['outcomes']) =>
      isStarting({ ...freshState, outcomes }, 'fashion.apparel.topwear', ['restock', 'resell'], 500)
    assert.equal(at(null), false)
    assert.equal(at(new Map()), true)
    assert.equal(
      at(
        new Map([
          ['fashion|restock', 500],
          ['fashion|resell', 499],
        ]),
      ),
      true,
    )
    assert.equal(
      at(
        new Map([
          ['fashion|restock', 500],
          ['fashion|resell', 500],
        ]),
      ),
      false,
    )
    assert.equal(
      at(
        new Map([
          ['home|restock', 500],
          ['home|resell', 500],
        ]),
      ),
      true,
    )
  })
})

describe('money in words', () => {
  it('groups rupees the Indian way and says small amounts to the paisa', () => {
    assert.equal(moneyText(12_345_600, 'INR'), '₹1,23,456')
    assert.equal(moneyText(-99_900, 'INR'), '₹999')
    assert.equal(moneyText(379, 'INR'), '₹3.79')
    assert.equal(moneyText(123_456_700, 'USD'), 'USD 1,234,567')
    assert.equal(moneyText(1_234, 'JPY'), 'JPY 1,234')
  })
})
