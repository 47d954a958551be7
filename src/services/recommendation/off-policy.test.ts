import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { randomFrom } from '#kernel/random.ts'
import { compareOffPolicy, valueOffPolicy, weightMax, type DecisionLog } from './off-policy.ts'
import { fitRewards, randomFolds } from './reward-model.ts'

const optionCount = 4
const scale = 1000

/** What option `o` brings on average to a unit with the facts `x` in -1..1: known, so that truth is known. */
function meanReward(x: number, o: number): number {
  return scale * (0.5 + [0.3 * x, -0.2 * x, 0.25 * x * x, 0.1 * Math.sin(3 * x)][o]!)
}

/** A candidate that takes what is best where x is below zero, and a fixed option above. */
function candidate(x: number): number {
  return x > 0 ? 2 : 1
}

const truth = (() => {
  const steps = 20_000
  let total = 0
  for (let s = 0; s < steps; s++) {
    const x = -1 + (2 * (s + 0.5)) / steps
    total += meanReward(x, candidate(x))
  }
  return total / steps
})()

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

type World = {
  readonly log: DecisionLog
  readonly policy: Float64Array
  readonly design: Parameters<typeof fitRewards>[1]
}

/** Logs of a cautious policy; the engine's own expectation is wrong by a factor and an offset. */
function world(seed: number, count: number, certainShare = 0): World {
  const random = randomFrom(seed)
  const size = count * optionCount
  const chosen = new Int32Array(count)
  const rewards = new Float64Array(count)
  const rows = new Float32Array(count * 2)
  const [propensities, expected, policy] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)]
  for (let i = 0; i < count; i++) {
    const x = 2 * random() - 1
    rows.set([x, random() < 0.1 ? Number.NaN : x * x], i * 2)
    const best = x > 0.2 ? 0 : 1
    const isCertain = random() < certainShare
    for (let o = 0; o < optionCount; o++) {
      propensities[i * optionCount + o] = isCertain ? Number(o === best) : o === best ? 0.7 : 0.1
      expected[i * optionCount + o] = 0.8 * meanReward(x, o) + 0.05 * scale
    }
    let [u, o] = [random(), 0]
    while (u >= propensities[i * optionCount + o]!) u -= propensities[i * optionCount + o++]!
    chosen[i] = o
    rewards[i] = meanReward(x, o) + 0.3 * scale * normal(random)
    policy[i * optionCount + candidate(x)] = 1
  }
  return {
    log: { count, optionCount, chosen, propensities, rewards },
    policy,
    design: {
      rows,
      width: 2,
      scales: new Float64Array(count).fill(scale),
      expected,
      classes: Int32Array.from([0, 1, 2, 3]),
      folds: randomFolds(count, seed),
    },
  }
}

test('the estimators find the known value of a policy that was never run', () => {
  const seeds = 50
  const errors = { ips: [] as number[], snips: [] as number[], dr: [] as number[] }
  let covered = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const { log, policy, design } = world(seed, 1500)
    const { ips, snips, dr } = valueOffPolicy(log, policy, fitRewards(log, design), seed)
    errors.ips.push(ips.value - truth)
    errors.snips.push(snips!.value - truth)
    errors.dr.push(dr.value - truth)
    if (dr.low <= truth && truth <= dr.high) covered++
  }
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const size = (values: readonly number[]) => mean(values.map(Math.abs)) / truth
  // Without bias the mean of 50 errors is within 3 of its standard errors.
  for (const [name, own] of Object.entries(errors)) {
    const spread = Math.sqrt(mean(own.map((e) => e * e)) / seeds)
    assert.ok(Math.abs(mean(own)) < 3 * spread, `${name}: bias ${mean(own)} of ${truth}, standard error ${spread}`)
  }
  assert.ok(size(errors.dr) < 0.03, `DR is off by ${size(errors.dr)}`)
  assert.ok(size(errors.dr) < 0.7 * size(errors.ips), `DR ${size(errors.dr)}, IPS ${size(errors.ips)}`)
  assert.ok(covered >= 0.84 * seeds, `${covered} of ${seeds} intervals hold the truth`)
})

test('rows in which nothing else could be taken are counted, and only the reward model speaks for them', () => {
  const { log, policy, design } = world(3, 4000, 0.4)
  const found = valueOffPolicy(log, policy, fitRewards(log, design), 3)
  assert.ok(Math.abs(found.certainCount / log.count - 0.4) < 0.03)
  const leaves = Array.from({ length: log.count }, (_, i) => {
    const at = i * optionCount
    return log.propensities[at + log.chosen[i]!] === 1 && policy[at + log.chosen[i]!] === 0
  }).filter(Boolean).length
  assert.equal(found.unsupportedCount, leaves)
  assert.ok(Math.abs(found.unsupportedShare - leaves / log.count) < 1e-12)
  assert.ok(Math.abs(found.dr.value / truth - 1) < 0.03, `${found.dr.value} of ${truth}`)
  // IPS loses the rows that cannot show the other route.
  assert.ok(found.ips.value < 0.85 * truth)
})

test('the same logs and seed give the same figures; another seed moves the interval alone', () => {
  const { log, policy, design } = world(11, 300)
  const model = fitRewards(log, design)
  assert.deepEqual(valueOffPolicy(log, policy, model, 5), valueOffPolicy(log, policy, fitRewards(log, design), 5))
  const other = valueOffPolicy(log, policy, model, 6)
  assert.equal(other.dr.value, valueOffPolicy(log, policy, model, 5).dr.value)
  assert.notEqual(other.dr.low, valueOffPolicy(log, policy, model, 5).dr.low)
})

test('a better policy is found better than the logged one, a worse one worse', () => {
  const { log, policy, design } = world(7, 6000)
  const model = fitRewards(log, design)
  const worst = new Float64Array(policy.length)
  for (let i = 0; i < log.count; i++) worst[i * optionCount + (design.rows[i * 2]! > 0 ? 1 : 0)] = 1
  const better = compareOffPolicy(log, { old: worst, new: policy }, model, 1)
  assert.ok(better.gain.low > 0)
  assert.ok(Math.abs(better.gain.value - (better.dr.value - better.old.dr.value)) < 1e-9)
  const back = compareOffPolicy(log, { old: policy, new: worst }, model, 1)
  assert.ok(back.gain.high < 0)
  // Paired by return, the difference is sharper than two intervals side by side.
  const apart = better.dr.high - better.dr.low + (better.old.dr.high - better.old.dr.low)
  assert.ok(better.gain.high - better.gain.low < apart)
})

const seeds = fc.integer({ min: 1, max: 1_000_000 })

test('properties: the logged policy itself, shifts, bounds, order of rows', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.integer({ min: 30, max: 120 }),
      fc.double({ min: -500, max: 500, noNaN: true }),
      (seed, n, c) => {
        const { log, policy, design } = world(seed, n)
        const model = fitRewards(log, design)
        const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6 * (1 + Math.abs(b)), `${a} is not ${b}`)
        // Every weight of the policy that made the log is 1.
        const own = valueOffPolicy(log, log.propensities, model, seed)
        const mean = log.rewards.reduce((a, b) => a + b, 0) / n
        near(own.ips.value, mean)
        near(own.snips!.value, mean)
        near(own.effectiveCount, n)
        // What adds to every reward adds to SNIPS and, when the model knows it, to DR.
        const found = valueOffPolicy(log, policy, model, seed)
        const shifted = valueOffPolicy(
          { ...log, rewards: log.rewards.map((r) => r + c) },
          policy,
          model.map((m) => m + c),
          seed,
        )
        near(shifted.dr.value, found.dr.value + c)
        if (found.snips !== null) near(shifted.snips!.value, found.snips.value + c)
        assert.ok(found.effectiveCount >= 0 && found.effectiveCount <= n + 1e-9)
        assert.ok(found.dr.low <= found.dr.high)
        // The order of rows is no information.
        const back = Array.from({ length: n }, (_, i) => n - 1 - i)
        const wide = (values: Float64Array) =>
          Float64Array.from(back.flatMap((i) => [...values.subarray(i * optionCount, (i + 1) * optionCount)]))
        const reversed = valueOffPolicy(
          {
            count: n,
            optionCount,
            chosen: Int32Array.from(back, (i) => log.chosen[i]!),
            rewards: Float64Array.from(back, (i) => log.rewards[i]!),
            propensities: wide(log.propensities),
          },
          wide(policy),
          wide(model),
          seed,
        )
        near(reversed.dr.value, found.dr.value)
        near(reversed.ips.value, found.ips.value)
      },
    ),
    { numRuns: 25 },
  )
})

test('weights are cut at their limit, and what has no chance is refused', () => {
  const log: DecisionLog = {
    count: 1,
    optionCount: 2,
    chosen: Int32Array.from([1]),
    propensities: Float64Array.from([0.999, 0.001]),
    rewards: Float64Array.from([10]),
  }
  const model = new Float64Array(2)
  const found = valueOffPolicy(log, Float64Array.from([0, 1]), model, 1)
  assert.equal(found.ips.value, 10 * weightMax)
  assert.equal(found.cappedCount, 1)
  const none = valueOffPolicy(log, Float64Array.from([1, 0]), model, 1)
  assert.equal(none.snips, null)
  assert.equal(none.effectiveCount, 0)
  const impossible = { ...log, propensities: Float64Array.from([1, 0]) }
  assert.throws(() => valueOffPolicy(impossible, Float64Array.from([0, 1]), model, 1), /had no chance/)
  assert.throws(() => valueOffPolicy(log, new Float64Array(3), model, 1), /3 chances/)
  assert.throws(() => valueOffPolicy({ ...log, count: 0 }, new Float64Array(0), new Float64Array(0), 1), /no logged/)
})

test('the reward model keeps to the engine where nothing was seen, and no row sees its own reward', () => {
  const { log, design } = world(21, 400)
  const untouched = { ...log, chosen: log.chosen.map((o) => (o === 3 ? 0 : o)) }
  const model = fitRewards(untouched, design)
  for (let i = 0; i < log.count; i++) assert.equal(model[i * optionCount + 3], design.expected[i * optionCount + 3])
  const changed = { ...log, rewards: log.rewards.map((r, i) => (i === 5 ? r + 1e6 : r)) }
  const [before, after] = [fitRewards(log, design), fitRewards(changed, design)]
  for (let i = 0; i < log.count; i++) {
    if (design.folds[i] !== design.folds[5]) continue
    for (let o = 0; o < optionCount; o++) assert.equal(after[i * optionCount + o], before[i * optionCount + o])
  }
  assert.notDeepEqual(after, before)
})
