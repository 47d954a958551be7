import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dispositions } from '#contracts/codes.ts'
import { esgCreditSchema, wasteStreams } from '#contracts/esg.ts'
import { factors, method, pan, phone, unit } from '../../../test/support/esg.ts'
import { creditEsg, measureEsg } from './esg.ts'

describe('ESG credit', () => {
  it('gives none to what was cancelled, reversed, not done, or on hold', () => {
    for (const execution of ['planned', 'in_progress', 'blocked', 'reversed'] as const) {
      assert.equal(creditEsg(unit({ execution }), factors, method), null)
    }
    assert.equal(creditEsg(unit({ disposition: 'hold' }), factors, method), null)
  })

  it('never nets: the inventory is the same whatever was avoided', () => {
    const withCredit = creditEsg(unit({ category: phone }), factors, method)!
    const without = creditEsg(unit({ category: { ...phone, productFactorId: null } }), factors, method)!
    assert.equal(withCredit.avoided?.grams, 53_040)
    assert.equal(without.avoided, null)
    assert.equal(withCredit.inventory?.grams, without.inventory?.grams)
    assert.equal(withCredit.inventory?.grams, 9 + 213)
  })

  it('tells scopes by who pays and who owns', () => {
    const legs = [
      { km: 1000, mode: 'hgv' },
      { km: 1000, mode: 'hgv', isPaidByOthers: true },
    ] as const
    const credit = creditEsg(
      unit({ disposition: 'recycle', category: pan, massKg: 10, legs, isOwned: false }),
      factors,
      method,
    )!
    assert.deepEqual(credit.scopes, [
      { scope: 3, category: 4, grams: 1252 },
      { scope: 3, category: 9, grams: 1252 },
      { scope: 2, category: null, grams: 213 },
      { scope: 3, category: 12, grams: 47 },
    ])
  })

  it('repeats itself exactly and differs in its draws, not its points, for another disposition', () => {
    const input = unit({ massSource: 'category' })
    const credit = creditEsg(input, factors, method)!
    assert.deepEqual(creditEsg(input, factors, method), credit)
    const other = measureEsg({ ...input, dispositionId: 'another' }, factors, method)!
    const first = measureEsg(input, factors, method)!
    assert.equal(other.inventory!.kg, first.inventory!.kg)
    assert.notEqual(other.inventory!.p05, first.inventory!.p05)
  })

  const anyUnit = fc.record({
    disposition: fc.constantFrom(...dispositions.filter((disposition) => disposition !== 'hold')),
    category: fc.record({
      productFactorId: fc.constantFrom(null, 'product.laptop.manufacture'),
      materialFactorId: fc.constantFrom(
        null,
        'gb.2025.material.clothing.primary',
        'gb.2025.material.metal.steel.primary',
      ),
      wasteStream: fc.constantFrom(...wasteStreams),
    }),
    massKg: fc.double({ min: 0.01, max: 200, noNaN: true }),
    massSource: fc.constantFrom('measured', 'catalogue', 'category'),
    legs: fc.array(
      fc.record({ km: fc.option(fc.nat(3000)), mode: fc.constantFrom('van', 'hgv', 'rail', 'two_wheeler') }),
      { maxLength: 4 },
    ),
    grade: fc.constantFrom(null, 'A', 'C', 'E'),
    isOwned: fc.boolean(),
    dispositionId: fc.uuid(),
  })

  it('has the shape it promises, closes its mass, adds up, and names a gap for every null', () =>
    fc.assert(
      fc.property(anyUnit, (changes) => {
        const credit = esgCreditSchema.parse(creditEsg(unit(changes), factors, method))
        assert.equal(credit.divertedGrams + credit.disposedGrams, credit.massGrams)
        const parts = [credit.transport, credit.hub, credit.treatment]
        if (credit.inventory) {
          assert.equal(
            credit.inventory.grams,
            parts.reduce((sum, part) => sum + part!.grams, 0),
          )
          assert.equal(
            credit.inventory.grams,
            credit.scopes.reduce((sum, { grams }) => sum + grams, 0),
          )
        } else assert.ok(parts.includes(null))
        for (const part of ['transport', 'hub', 'treatment', 'avoided'] as const) {
          const amount = credit[part]
          if (amount) assert.ok(amount.p05 <= amount.grams && amount.grams <= amount.p95)
          else assert.ok(credit.gaps.some((gap) => gap.part === part))
        }
      }),
    ))

  it('grows with the mass', () =>
    fc.assert(
      fc.property(anyUnit, fc.double({ min: 0, max: 100, noNaN: true }), (changes, more) => {
        const light = measureEsg(unit(changes), factors, method)!
        const heavy = measureEsg(unit({ ...changes, massKg: changes.massKg + more }), factors, method)!
        for (const part of ['inventory', 'transport', 'treatment', 'avoided'] as const) {
          if (light[part]) assert.ok(heavy[part]!.kg >= light[part].kg - 1e-9, part)
        }
      }),
    ))
})
