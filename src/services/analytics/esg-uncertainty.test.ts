import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { randomFrom } from '#kernel/random.ts'
import { DRAWS, drawRanges, pointOf } from './esg-uncertainty.ts'

const one = [{ coefficient: 1, variables: [0] }]

describe('uncertainty', () => {
  it('draws the triangle: on 0, 1, 2 the 5 % point is the root of 0.05 x 2 x 1', () => {
    const { parts } = drawRanges(7, [{ value: 1, low: 0, high: 2 }], [{ terms: one, isTotalled: true }])
    assert.ok(Math.abs(parts[0]!.p05 - Math.sqrt(0.1)) < 0.06)
    assert.ok(Math.abs(parts[0]!.p95 - (2 - Math.sqrt(0.1))) < 0.06)
  })

  it('takes the 50th and the 950th of the sorted draws', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const random = randomFrom(seed)
        // On 0, 0, 1 the draw is 1 - root(1 - u).
        const sorted = Float64Array.from({ length: DRAWS }, () => 1 - Math.sqrt(1 - random())).toSorted()
        const { parts } = drawRanges(seed, [{ value: 0, low: 0, high: 1 }], [{ terms: one, isTotalled: false }])
        assert.ok(Math.abs(parts[0]!.p95 - sorted[949]!) < 1e-12)
        // The point 0 is the mode at the edge, so it stands for the 50th.
        assert.equal(parts[0]!.p05, 0)
        const mirrored = drawRanges(
          seed,
          [{ value: 0, low: 0, high: 1 }],
          [{ terms: [{ coefficient: -1, variables: [0] }], isTotalled: false }],
        )
        assert.ok(Math.abs(mirrored.parts[0]!.p05 - -sorted[950]!) < 1e-12)
      }),
      { numRuns: 50 },
    )
  })

  it('a shared factor does not average out, and its negative cancels it', () => {
    const variables = [{ value: 1, low: 0, high: 2 }]
    const twice = drawRanges(1, variables, [{ terms: [...one, ...one], isTotalled: true }])
    const once = drawRanges(1, variables, [{ terms: one, isTotalled: true }])
    assert.ok(Math.abs(twice.total.p95 - 2 * once.total.p95) < 1e-12)
    const cancelled = [...one, { coefficient: -1, variables: [0] }]
    assert.deepEqual(drawRanges(1, variables, [{ terms: cancelled, isTotalled: true }]).total, {
      p05: 0,
      p95: 0,
    })
  })

  it('without spread is the point, and no terms are exactly zero', () => {
    const variables = [
      { value: 2, low: 2, high: 2 },
      { value: 3, low: 3, high: 3 },
      { value: 5, low: 5, high: 5 },
    ]
    const terms = [{ coefficient: 0.5, variables: [0, 1, 2] }]
    assert.equal(pointOf(terms, variables), 15)
    const { parts } = drawRanges(1, variables, [
      { terms, isTotalled: true },
      { terms: [], isTotalled: true },
    ])
    assert.deepEqual(parts, [
      { p05: 15, p95: 15 },
      { p05: 0, p95: 0 },
    ])
  })

  it('holds the point even where the mode is at the edge', () => {
    const { parts } = drawRanges(3, [{ value: 1, low: 0.5, high: 1 }], [{ terms: one, isTotalled: true }])
    assert.equal(parts[0]!.p95, 1)
    assert.ok(parts[0]!.p05 < 0.7)
  })
})
