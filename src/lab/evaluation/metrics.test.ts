import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  calibrationError,
  classwiseError,
  isotonic,
  logLoss,
  pinball,
  quantileOf,
  regret,
  reliability,
  selective,
} from './metrics.ts'

const close = (a: number, b: number, by = 1e-9) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`)
const pairs = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 1 })), {
  minLength: 1,
  maxLength: 200,
})

describe('measures of decisions', () => {
  it('an isotonic map rises in both and keeps the mean', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const [x, y] = [list.map((p) => p[0]), list.map((p) => p[1])]
        const knots = isotonic(x, y)
        for (let i = 1; i < knots.length; i++) {
          assert.ok(knots[i]![0] > knots[i - 1]![0] && knots[i]![1] > knots[i - 1]![1])
        }
        assert.ok(knots.every(([, share]) => share >= 0 && share <= 1))
      }),
    )
    assert.deepEqual(isotonic([3, 1, 2], [1, 0, 0]), [
      [1.5, 0],
      [3, 1],
    ])
    assert.deepEqual(isotonic([1, 2], [1, 0]), [[1.5, 0.5]])
  })

  it('what is said as it is has no calibration error; a constant lie has its size', () => {
    const said = Array.from({ length: 3000 }, (_, i) => (i % 3) / 2)
    const was = said.map((p, i) => (p === 0.5 ? Math.floor(i / 3) % 2 : p))
    close(calibrationError(said, was, 3), 0, 1e-3)
    close(
      calibrationError(
        said.map(() => 0.9),
        said.map(() => 0.5),
      ),
      0.4,
    )
    assert.equal(
      reliability(said, was, 10).reduce((n, bin) => n + bin.n, 0),
      3000,
    )
    close(
      classwiseError(
        [
          [1, 0],
          [0, 1],
        ],
        [0, 1],
      ),
      0,
    )
    close(logLoss([[0.5, 0.5]], [1]), Math.log(2))
  })

  it('regret is the share that was given away; the surest part may have less', () => {
    close(regret([50, 100], [100, 100]), 0.25)
    const { curve, at80, area } = selective(
      Array.from({ length: 100 }, (_, i) => 1 - i / 100),
      Array.from({ length: 100 }, (_, i) => (i < 80 ? 1 : 0)),
      Array.from({ length: 100 }, () => 1),
    )
    close(at80, 0)
    close(curve.at(-1)![1], 0.2)
    assert.ok(area > 0 && area < 0.2)
  })

  it('pinball is least at the quantile itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 60 }),
        fc.constantFrom(0.05, 0.5, 0.95),
        fc.integer({ min: -1000, max: 1000 }),
        (list, level, other) => {
          const sorted = list.toSorted((a, b) => a - b)
          const at = sorted[Math.min(sorted.length - 1, Math.ceil(level * sorted.length) - 1)]!
          const loss = (said: number) => list.reduce((sum, was) => sum + pinball(level, said, was), 0)
          assert.ok(loss(at) <= loss(other) + 1e-6)
        },
      ),
    )
    close(quantileOf([0, 10], 0.25), 2.5)
    close(quantileOf([7], 0.9), 7)
  })
})
