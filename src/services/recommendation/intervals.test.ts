import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ModelCalibration } from '#contracts/models.ts'
import { categories, data, guessed, optionOf, sureOf, unit } from '../../../test/support/decision.ts'
import { decide, decideTraced } from './decide.ts'
import { freshState } from './decision-state.ts'
import { nextAlpha, wideningOf } from './intervals.ts'

const ramp = (from: number, to: number) => Array.from({ length: 101 }, (_, i) => from + ((to - from) * i) / 100)
const calibration = (intervals: ModelCalibration['intervals']): ModelCalibration => ({
  confidence: {
    basis: 'simulated',
    knots: [
      [0, 0],
      [1, 0.8],
    ],
  },
  intervals,
})
const none = new Map<string, number>()
const phone = 'electronics.mobile.smartphone'
const atCheck = (categoryId: string) => ({ categoryId, point: 't1' as const })

describe('intervals', () => {
  it('take the scores of the group, of its parent where they are too few, of all at last', () => {
    const made = calibration([
      { group: 'electronics|resell', n: 200, quantiles: ramp(0, 1) },
      { group: 'electronics|restock', n: 99, quantiles: ramp(0, 1) },
      { group: '|restock', n: 400, quantiles: ramp(0, 2) },
      { group: '|', n: 900, quantiles: ramp(0, 3) },
    ])
    assert.equal(wideningOf(made, none, atCheck(phone), 'resell')!.group, 'electronics|resell')
    assert.equal(wideningOf(made, none, atCheck(phone), 'restock')!.group, '|restock')
    assert.equal(wideningOf(made, none, atCheck('books.general.book'), 'donate')!.group, '|')
    assert.equal(wideningOf(calibration([]), none, atCheck(phone), 'resell'), null)
    // The 181st smallest of 200 scores.
    assert.ok(Math.abs(wideningOf(made, none, atCheck(phone), 'resell')!.score - (201 * 0.9) / 200) < 1e-12)
    const before = { ...made, intervalsAtIntake: [{ group: '|', n: 300, quantiles: ramp(0, 9) }] }
    assert.equal(wideningOf(before, none, { ...atCheck(phone), point: 't0' }, 'resell')!.group, '|')
    assert.equal(wideningOf(before, none, atCheck(phone), 'resell')!.group, 'electronics|resell')
    assert.equal(wideningOf(made, none, { ...atCheck(phone), point: 't0' }, 'resell')!.group, 'electronics|resell')
    const known = new Map([['electronics|resell', 0.25]])
    assert.ok(Math.abs(wideningOf(made, known, atCheck(phone), 'resell')!.score - (201 * 0.75) / 200) < 1e-12)
  })

  it('widen with every miss and come back to the wanted share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 400 }),
        fc.double({ min: 0.02, max: 0.25, noNaN: true }),
        (misses, from) => {
          let alpha = from
          for (const isMissed of misses) {
            const next = nextAlpha(alpha, isMissed)
            assert.ok(next >= 0.02 && next <= 0.25)
            assert.ok(isMissed ? next <= alpha : next >= alpha)
            alpha = next
          }
        },
      ),
    )
    assert.ok(Math.abs(nextAlpha(0.1, true) - 0.0955) < 1e-12)
    assert.ok(Math.abs(nextAlpha(0.1, false) - 0.1005) < 1e-12)
  })

  it('holds nine outcomes in ten when the scores grow in the middle of the stream', () => {
    let alpha = 0.1
    let missed = 0
    const made = calibration([{ group: '|', n: 1000, quantiles: ramp(0, 1) }])
    const random = (i: number) => (Math.imul(i, 2_654_435_761) >>> 0) / 4_294_967_296
    for (let i = 0; i < 4_000; i++) {
      const { score } = wideningOf(made, new Map([['|', alpha]]), atCheck(phone), 'resell')!
      const isMissed = random(i) * (i < 2_000 ? 1 : 1.06) > score
      missed += Number(isMissed)
      alpha = nextAlpha(alpha, isMissed)
    }
    assert.ok(Math.abs(missed / 4_000 - 0.1) < 0.02, String(missed))
  })

  it('move the ends of the interval by their score and never past the median', () => {
    const item = unit()
    const batch = guessed([item], sureOf({ secondary: 0.6 }, { daysToSale: Array(5).fill(5) }))
    const plain = optionOf(decide([item], batch, data, categories)[0]!, 'resell').value
    const made = (score: number) => {
      const widened = { ...batch, calibration: calibration([{ group: '|', n: 500, quantiles: ramp(score, score) }]) }
      const [{ body, trace } = assert.fail()] = decideTraced([item], widened, data, categories, freshState)
      assert.deepEqual(trace!.interval, { group: '|', alpha: 0.1 })
      return optionOf(body, 'resell').value
    }
    const wide = made(0.01)
    assert.ok(Math.abs(wide.p05 - (plain.p05 - 18_000)) <= 1)
    assert.ok(Math.abs(wide.p95 - (plain.p95 + 18_000)) <= 1)
    assert.deepEqual([wide.mean, wide.p50], [plain.mean, plain.p50])
    const narrow = made(-1)
    assert.deepEqual([narrow.p05, narrow.p95], [plain.p50, plain.p50])
  })

  it('come with the confidence map of the model', () => {
    const item = unit()
    const batch = guessed([item], sureOf({ secondary: 0.6 }, { daysToSale: Array(5).fill(5) }))
    const [raw] = decide([item], batch, data, categories)
    const [body] = decide([item], { ...batch, calibration: calibration([]) }, data, categories)
    assert.ok(Math.abs(body!.confidence! - 0.8 * raw!.confidence!) < 1e-12)
    assert.deepEqual([raw!.confidenceBasis, body!.confidenceBasis], ['none', 'simulated'])
    const [low] = decide([item], { ...batch, level: 'L2', calibration: calibration([]) }, data, categories)
    assert.ok(low!.confidence! <= 0.6 && low!.degraded)
  })
})
