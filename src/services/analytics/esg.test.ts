import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { factors, laptop, method, pan, phone, shoes, unit } from '../../../test/support/esg.ts'
import { type EsgInput, measureEsg } from './esg.ts'

type Expected = Partial<Record<'inventory' | 'transport' | 'hub' | 'treatment' | 'avoided', number | null>>

function assertFigures(input: EsgInput, expected: Expected): void {
  const figures = measureEsg(input, factors, method)
  assert.ok(figures)
  for (const [part, kg] of Object.entries(expected) as [keyof Expected & keyof typeof figures, number | null][]) {
    const figure = figures[part] as { kg: number; p05: number; p95: number } | null
    if (kg === null) {
      assert.equal(figure, null, part)
      continue
    }
    assert.ok(figure && Math.abs(figure.kg - kg) < 1e-6, `${part}: ${figure?.kg} instead of ${kg}`)
    assert.ok(figure.p05 <= figure.kg && figure.kg <= figure.p95, `${part} holds its point`)
  }
}

function gapsOf(input: EsgInput): string[] {
  return measureEsg(input, factors, method)!.gaps.map(({ part, code }) => `${part} ${code}`)
}

// Van: 0.6313 + 0.15095 = 0.78225 kg per tonne-km; lorry: 0.10163 + 0.02359 = 0.12522; hub: 0.3 kWh x 0.71 = 0.213.
describe('ESG by hand', () => {
  it('restocked shirt: 0.0003 t x 40 km x 0.78225, and 1.0 x 0.3 kg x 22.31', () =>
    assertFigures(unit({}), {
      transport: 0.009387,
      hub: 0.213,
      treatment: 0,
      inventory: 0.222387,
      avoided: 6.693,
    }))

  it('refurbished phone: 0.00045 t x (50 x 0.78225 + 900 x 0.12522), and 0.7 x 53.04 - 1 kWh x 0.71', () =>
    assertFigures(
      unit({
        disposition: 'refurbish',
        category: phone,
        massKg: 0.45,
        grade: 'C',
        legs: [
          { km: 30, mode: 'van' },
          { km: 900, mode: 'hgv' },
          { km: 20, mode: 'van' },
        ],
      }),
      { transport: 0.068314725, hub: 0.213, treatment: 0, inventory: 0.281314725, avoided: 36.418 },
    ))

  it('refurbished laptop of grade D needs twice the work: 0.7 x 236.736 - 2 x 0.71', () =>
    assertFigures(unit({ disposition: 'refurbish', category: laptop, massKg: 2.6, grade: 'D' }), {
      avoided: 164.2952,
    }))

  it('recycled phone: 0.45 x 0.00468568, and apart from it 0.45 x 0.865672', () =>
    assertFigures(unit({ disposition: 'recycle', category: phone, massKg: 0.45, legs: [{ km: 0, mode: 'van' }] }), {
      transport: 0,
      treatment: 0.002108556,
      inventory: 0.215108556,
      avoided: 0.3895524,
    }))

  it('recycled pan takes the credit of its material: 1.8 x 2.01953', () =>
    assertFigures(unit({ disposition: 'recycle', category: pan, massKg: 1.8 }), {
      treatment: 0.008434224,
      avoided: 3.635154,
    }))

  it('laptop for parts: 0.7 x 2.6 x 0.00468568, and 0.1 x 236.736', () =>
    assertFigures(unit({ disposition: 'parts', category: laptop, massKg: 2.6 }), {
      treatment: 0.0085279376,
      avoided: 23.6736,
    }))

  it('pan back to its vendor by rail: 0.0018 t x 1200 km x (0.02779 + 0.00691); nothing displaced', () =>
    assertFigures(unit({ disposition: 'vendor', category: pan, massKg: 1.8, legs: [{ km: 1200, mode: 'rail' }] }), {
      transport: 0.074952,
      treatment: 0,
      avoided: 0,
    }))

  it('destroyed shoes: 0.95 x 0.00468568, nothing avoided, the stack named as outside', () => {
    const input = unit({ disposition: 'destroy', category: shoes, massKg: 0.95 })
    assertFigures(input, { treatment: 0.004451396, avoided: 0 })
    assert.deepEqual(gapsOf(input), ['treatment stack_emissions_excluded'])
  })

  it('other displaced shares: 0.9, 0.6, 0.4 and 0.3 of 0.3 x 22.31', () => {
    assertFigures(unit({ disposition: 'open_box' }), { avoided: 6.0237 })
    assertFigures(unit({ disposition: 'resell' }), { avoided: 4.0158 })
    assertFigures(unit({ disposition: 'liquidate' }), { avoided: 2.6772 })
    assertFigures(unit({ disposition: 'donate' }), { avoided: 2.0079 })
  })
})

describe('ESG gaps', () => {
  it('recycled clothing has no credit factor: null, never zero', () => {
    const input = unit({ disposition: 'recycle', massKg: 0.5 })
    assertFigures(input, { treatment: 0.00234284, avoided: null })
    assert.ok(gapsOf(input).includes('avoided no_factor'))
  })

  it('a product without footprint has no avoided figure', () => {
    assertFigures(unit({ disposition: 'resell', category: shoes }), { avoided: null, treatment: 0 })
    assert.deepEqual(gapsOf(unit({ disposition: 'resell', category: shoes })), ['avoided no_factor'])
  })

  it('unknown treatment makes the inventory null and leaves the other parts', () => {
    const input = unit({ disposition: 'destroy', category: { ...shoes, wasteStream: 'battery' } })
    assertFigures(input, { transport: 0.009387, hub: 0.213, treatment: null, inventory: null, avoided: 0 })
  })

  it('unknown ways and vehicles without a factor', () => {
    assertFigures(unit({ legs: [] }), { transport: null, inventory: null, hub: 0.213 })
    assertFigures(unit({ legs: [{ km: null, mode: 'van' }] }), { transport: null })
    assertFigures(
      unit({
        legs: [
          { km: 5, mode: 'two_wheeler' },
          { km: 40, mode: 'van' },
        ],
      }),
      { transport: null },
    )
    assert.deepEqual(gapsOf(unit({ legs: [] })), ['transport legs_unknown'])
    assert.deepEqual(gapsOf(unit({ legs: [{ km: null, mode: 'van' }] })), ['transport distance_unknown'])
  })

  it('a factor missing from the table', () => {
    const poorer = new Map(factors)
    poorer.delete('in.cea.v21.grid.avg')
    const figures = measureEsg(unit({ disposition: 'refurbish' }), poorer, method)!
    assert.equal(figures.hub, null)
    assert.equal(figures.avoided, null)
    assert.ok(figures.gaps.some(({ part, code }) => part === 'hub' && code === 'factor_missing'))
  })
})
