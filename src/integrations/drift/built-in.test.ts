import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from '#kernel/random.ts'
import { chiSquareTail, featureDrift, kolmogorov } from './built-in.ts'

const close = (a: number, b: number, by: number) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`)
const uniform = { name: 'x', missing: 0, quantiles: Array.from({ length: 101 }, (_, i) => i / 100), shares: null }
const codes = { name: 'c', missing: 0, quantiles: null, shares: [0.5, 0.3, 0.2] }
const drawn = (count: number, of: (u: number) => number, seed = 1) => {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => of(random()))
}

test('tails agree with published tables', () => {
  // 5 % and 0.1 % points of chi-square (1, 5, 30 degrees), and of Kolmogorov's distribution (1.3581, 1.9495).
  for (const [x, freedom, p] of [
    [3.841, 1, 0.05],
    [11.07, 5, 0.05],
    [43.77, 30, 0.05],
    [20.52, 5, 0.001],
  ] as const)
    close(chiSquareTail(x, freedom), p, 2e-4)
  close(kolmogorov(1.3581 / Math.sqrt(1e8 / 2), 1e8, 1e8)!, 0.05, 1e-3)
  close(kolmogorov(1.9495 / Math.sqrt(1e8 / 2), 1e8, 1e8)!, 0.001, 1e-4)
})

test('the same distribution is no drift, whatever the draw', () => {
  for (let seed = 1; seed <= 40; seed++) {
    assert.equal(
      featureDrift(
        uniform,
        10_000,
        drawn(400, (u) => u, seed),
      ).level,
      'ok',
    )
    assert.equal(
      featureDrift(
        codes,
        10_000,
        drawn(400, (u) => (u < 0.5 ? 0 : u < 0.8 ? 1 : 2), seed),
      ).level,
      'ok',
    )
  }
})

test('worked cases: distances of shifts that are known', () => {
  const shifted = featureDrift(
    uniform,
    100_000,
    drawn(20_000, (u) => u * 0.7),
  )
  close(shifted.ks!, 0.3, 0.01)
  assert.equal(shifted.level, 'alert')
  assert.ok(shifted.pValue! < 1e-6 && shifted.psi > 0.25)
  // Halves of mass 0.5/0.5 against 0.7/0.3 in ten bins: PSI is the sum over both halves.
  const tilted = featureDrift(
    uniform,
    100_000,
    drawn(50_000, (u) => (u < 0.7 ? (u / 0.7) * 0.5 : 0.5 + ((u - 0.7) / 0.3) * 0.5)),
  )
  close(tilted.psi, 0.2 * Math.log(1.4) - 0.2 * Math.log(0.6), 0.01)
  const moved = featureDrift(codes, 10_000, [...Array(400).fill(0), ...Array(300).fill(1), ...Array(300).fill(2)])
  close(moved.psi, -0.1 * Math.log(0.8) + 0.1 * Math.log(1.5), 1e-6)
  assert.equal(moved.level, 'ok')
  assert.ok(moved.pValue! < 0.001, 'significant, and yet too small to matter')
})

test('missing values, unseen codes, constants and nothing at all', () => {
  const gone = featureDrift(
    uniform,
    10_000,
    drawn(1000, (u) => (u < 0.3 ? Number.NaN : u)),
  )
  close(gone.missing.window, 0.3, 0.05)
  assert.equal(gone.level, 'alert')
  const unseen = featureDrift(codes, 10_000, [...Array(700).fill(0), ...Array(300).fill(7)])
  assert.equal(unseen.level, 'alert')
  const constant = { ...uniform, quantiles: Array(101).fill(5) as number[] }
  assert.deepEqual(
    [featureDrift(constant, 1000, Array(500).fill(5)).level, featureDrift(constant, 1000, Array(500).fill(6)).level],
    ['ok', 'alert'],
  )
  const never = { ...uniform, missing: 1, quantiles: null, shares: [] }
  assert.equal(featureDrift(never, 1000, Array(500).fill(Number.NaN)).level, 'ok')
  assert.equal(featureDrift(uniform, 1000, []).level, 'alert')
})
