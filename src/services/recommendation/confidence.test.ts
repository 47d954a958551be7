import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { optionOf, recommend, sureOf, unit, withParameters } from '../../../test/support/decision.ts'
import { calibrated } from './confidence.ts'
import { normalCdf, normals, quickExp, waitingTime } from './draws.ts'
import { quantiles } from './quantiles.ts'

describe('draws', () => {
  it('are normal and their waiting times exponential', () => {
    const mean = (f: (z: number) => number) => normals.reduce((sum, z) => sum + f(z), 0) / normals.length
    assert.ok(Math.abs(mean((z) => z)) < 0.01)
    assert.ok(Math.abs(mean((z) => z * z) - 1) < 0.02)
    assert.ok(Math.abs(mean(waitingTime) - 1) < 0.02)
    assert.ok(Math.abs(mean((z) => (waitingTime(z) > 2 ? 1 : 0)) - Math.exp(-2)) < 0.005)
    assert.ok(Math.abs(normalCdf(1.959964) - 0.975) < 1e-6)
  })

  it('take the exponential function quickly and closely enough', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        assert.ok(Math.abs(quickExp(x) / Math.exp(x) - 1) < 2e-9)
      }),
    )
  })
})

describe('quantiles', () => {
  it('are the values at their ranks, and nothing is moved', () => {
    const values = fc.array(fc.oneof(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.constant(7)), {
      minLength: 1,
      maxLength: 600,
    })
    fc.assert(
      fc.property(values, (list) => {
        const stretch = Float64Array.from([99, ...list, -99])
        const last = list.length - 1
        const ranks = [Math.round(0.05 * last), Math.round(0.5 * last), Math.round(0.95 * last)] as const
        const sorted = Float64Array.from(list).toSorted()
        assert.deepEqual(
          quantiles(stretch, { from: 1, count: list.length, ranks }),
          ranks.map((r) => sorted[r]),
        )
        assert.deepEqual(stretch, Float64Array.from([99, ...list, -99]))
      }),
    )
  })
})

describe('confidence', () => {
  const coat = unit({ categoryId: 'fashion.apparel.topwear', priceMinor: 300_000 })

  it('is whole where nothing is uncertain', () => {
    const body = recommend(coat, sureOf({ secondary: 0.6 }, { daysToSale: Array(5).fill(0.1) }))
    assert.equal(body.confidence, 1)
    assert.equal(body.evppiMinor, 0)
    assert.ok(body.value.p95 - body.value.p05 < 100)
  })

  it('is less the closer the options are', () => {
    const spread = { mean: Array(5).fill(Math.log(0.6)), sd: Array(5).fill(0.3) }
    const at = (openBox: number) => {
      const sure = sureOf({})
      const open_box = { mean: Array(5).fill(Math.log(openBox)), sd: Array(5).fill(0.3) }
      return recommend(coat, { ...sure, logPrice: { ...sure.logPrice, secondary: spread, open_box } }).confidence!
    }
    const [far, near] = [at(0.95), at(0.5)]
    assert.ok(near < far, `${near} ${far}`)
    assert.ok(near > 0.2 && near < 0.8)
  })

  it('gives intervals that hold the outcomes they promise', () => {
    // One option, a lot taken at once: log-normal proceeds with known quantiles.
    const sure = sureOf({})
    const lot = { mean: Array(5).fill(Math.log(0.2)), sd: Array(5).fill(0.25) }
    const body = recommend({ ...coat, grade: 'D' }, { ...sure, logPrice: { ...sure.logPrice, lot } })
    const option = optionOf(body, 'liquidate')
    const kept = 1 - 0.05 * 1.18
    const middle = 300_000 * 0.2 * Math.exp(-0.00033 * 11.5)
    const spread = (option.value.p95 - option.value.p05) / (kept * middle)
    const expected = Math.exp(1.645 * 0.25) - Math.exp(-1.645 * 0.25)
    assert.ok(Math.abs(spread - expected) < 0.12, `${spread} ${expected}`)
  })

  it('counts a unit that comes back as what happens to it, not as a mean', () => {
    const certain = { daysToSale: Array(5).fill(0.1) }
    const value = (rereturn: number) =>
      optionOf(recommend(coat, sureOf({ secondary: 0.6 }, { ...certain, rereturn })), 'resell', 'amazon_in').value
    const [never, often, always] = [value(0), value(0.2), value(1)]
    assert.ok(Math.abs(often.p95 - never.p95) <= 1)
    assert.ok(Math.abs(often.p05 - always.p05) <= 1)
    // Six tenths of the price are lost.
    assert.ok(Math.abs(never.mean - always.mean - 0.6 * 180_000) < 600)
    assert.ok(Math.abs(often.mean - (0.8 * never.mean + 0.2 * always.mean)) <= 2)
  })

  it('does not depend on the order of the batch but on the id', () => {
    const one = recommend(unit({ id: 'a' }))
    assert.deepEqual(one, recommend(unit({ id: 'a' })))
    assert.notEqual(one.seed, recommend(unit({ id: 'b' })).seed)
    assert.equal(one.value.mean, recommend(unit({ id: 'b' })).value.mean)
  })

  it('follows the fitted map', () => {
    const knots = [
      [0, 0.1],
      [0.5, 0.4],
      [1, 0.9],
    ] as const
    assert.deepEqual(
      [0, 0.25, 0.5, 0.75, 1].map((x) => calibrated(x, knots).toFixed(3)),
      ['0.100', '0.250', '0.400', '0.650', '0.900'],
    )
  })
})

describe('value of looking', () => {
  it('is the mean gain of knowing whether a repair succeeds, worked out by hand', () => {
    const phone = unit({ priceMinor: 2_000_000 })
    const repair = {
      repairNeed: Array(5).fill(1),
      repairCostRatio: Array(5).fill(0.15),
      repairSuccess: Array(5).fill(0.7),
    }
    const sure = sureOf({ refurbished: 0.8, open_box: 0.42, parts: 0.2 }, repair)
    const body = recommend(phone, sure, withParameters({ lambdaE: 0, repairCostSd: 0 }))
    assert.equal(body.disposition, 'refurbish')
    const best = body.options
      .filter((o) => o.disposition !== 'refurbish')
      .reduce((a, b) => (b.value.mean > a.value.mean ? b : a))
    const spares = Math.max(
      ...body.options.filter((o) => ['parts', 'liquidate'].includes(o.disposition)).map((o) => o.value.mean),
    )
    // Where the repair would fail, the unit would be sold otherwise from the start.
    const ifFailed = spares - 0.8 * 300_000
    const expected = 0.3 * (best.value.mean - ifFailed)
    assert.ok(Math.abs(body.evppiMinor - expected) < 10, `${body.evppiMinor} ${expected}`)
  })
})
