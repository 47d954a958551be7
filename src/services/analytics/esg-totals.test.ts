import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EsgAmount, EsgCredit } from '#contracts/esg.ts'
import { esgTotalsSchema } from '#contracts/esg.ts'
import { sumEsg } from './esg-totals.ts'

function amount(grams: number, quality: number): EsgAmount {
  return { grams, p05: grams - 10, p95: grams + 20, quality }
}

function credit(changes: Partial<EsgCredit>): EsgCredit {
  return {
    methodVersion: '1',
    factorsVersion: '1',
    disposition: 'restock',
    wasteStream: 'textile',
    fate: 'reuse',
    massGrams: 300,
    massSource: 'category',
    divertedGrams: 300,
    disposedGrams: 0,
    inventory: amount(100, 5),
    transport: amount(60, 4),
    hub: amount(40, 5),
    treatment: amount(0, 1),
    avoided: amount(900, 3),
    displacement: { share: 1, low: 0.5, high: 1 },
    scopes: [
      { scope: 3, category: 4, grams: 60 },
      { scope: 2, category: null, grams: 40 },
    ],
    gwpBases: ['AR5'],
    factors: [],
    gaps: [],
    ...changes,
  }
}

describe('ESG totals', () => {
  it('of nothing are nothing, with no diversion rate', () => {
    const totals = esgTotalsSchema.parse(sumEsg([]))
    assert.equal(totals.items, 0)
    assert.equal(totals.diversionShare, null)
    assert.deepEqual(totals.inventory.shareByQuality, [0, 0, 0, 0, 0])
  })

  it('add amounts and bounds, count what is missing, and keep avoided emissions apart', () => {
    const gap = { part: 'avoided', code: 'no_factor', detail: '' } as const
    const totals = esgTotalsSchema.parse(
      sumEsg([
        credit({}),
        credit({
          inventory: amount(300, 4),
          massGrams: 100,
          divertedGrams: 0,
          disposedGrams: 100,
          fate: 'incineration',
        }),
        credit({
          inventory: null,
          transport: null,
          avoided: null,
          gaps: [gap, gap],
          gwpBases: ['AR4', 'AR5'],
        }),
      ]),
    )
    assert.deepEqual(totals.inventory, {
      grams: 400,
      p05: 380,
      p95: 440,
      items: 2,
      missingItems: 1,
      shareByQuality: [0, 0, 0, 0.75, 0.25],
    })
    assert.equal(totals.avoided.grams, 1800)
    assert.equal(totals.avoided.missingItems, 1)
    assert.equal(totals.massGrams, 700)
    assert.equal(totals.divertedGrams + totals.disposedGrams, 700)
    assert.equal(totals.diversionShare, 600 / 700)
    assert.deepEqual(totals.streams, [
      { wasteStream: 'textile', fate: 'incineration', items: 1, massGrams: 100 },
      { wasteStream: 'textile', fate: 'reuse', items: 2, massGrams: 600 },
    ])
    assert.deepEqual(totals.scopes, [
      { scope: 2, category: null, grams: 120 },
      { scope: 3, category: 4, grams: 180 },
    ])
    assert.deepEqual(totals.gaps, [{ part: 'avoided', code: 'no_factor', items: 1 }])
    assert.deepEqual(totals.gwpBases, ['AR4', 'AR5'])
  })

  it('do not depend on the order', () => {
    const credits = [credit({}), credit({ wasteStream: 'paper' }), credit({ inventory: null })]
    assert.deepEqual(sumEsg(credits.toReversed()), sumEsg(credits))
  })
})
