import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unitsOf, world, worldOf } from '../../../test/support/simulated-world.ts'
import { drawRepair, gradeChances, repairGiven } from './check.ts'
import { chanceOf, type Chance } from './random.ts'
import { drawFate, realisedValue } from './realise.ts'
import { simulateUnit, type SimulatedUnit } from './simulate-unit.ts'
import { cells, faultCount, faultOf, kindOf, total, wearLevels, wearOf } from './states.ts'
import { abuseValues } from './values.ts'

const many = unitsOf(3000)

/** Differences in shares of the reference price; what is too rare to be drawn moves a mean by less than `unseen`. */
const unseen = 1e-4

/** The mean of the differences is nothing but chance: within 4.5 standard errors. */
function assertNoBias(differences: readonly number[], what: string): void {
  const n = differences.length
  const mean = differences.reduce((a, b) => a + b, 0) / n
  const error = Math.sqrt(differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1) / n)
  assert.ok(Math.abs(mean) < 4.5 * error + unseen, `${what}: mean ${mean}, standard error ${error}`)
}

const chanceWhere = (belief: Float64Array, is: (state: number) => boolean) =>
  belief.reduce((sum, weight, state) => (is(state) ? sum + weight : sum), 0)

describe('a simulated unit', () => {
  it('is the same whenever it is drawn, and another under another seed', () => {
    const [a, b, c] = [
      simulateUnit(world, 'train', 5),
      simulateUnit(world, 'train', 5),
      simulateUnit(worldOf(8), 'train', 5),
    ]
    assert.deepEqual([a.t0, a.t1, a.realised, a.expected1.value], [b.t0, b.t1, b.realised, b.expected1.value])
    assert.notDeepEqual({ ...a.t0, id: '' }, { ...c.t0, id: '' })
    assert.notDeepEqual(a.t0, simulateUnit(world, 'test', 5).t0)
  })

  it('beliefs sum to 1 and are as sure as they are right', () => {
    const events: readonly [string, (state: number) => boolean][] = [
      ['abuse', (state) => kindOf(state) > 0],
      ['a fault', (state) => kindOf(state) < 3 && faultOf(state % cells) > 0],
      ['a dead unit', (state) => kindOf(state) < 3 && faultOf(state % cells) === 3],
      ['wear', (state) => kindOf(state) < 3 && wearOf(state % cells) > 0.25],
    ]
    for (const point of ['belief0', 'belief1'] as const) {
      for (const unit of many) assert.ok(Math.abs(total(unit[point]) - 1) < 1e-9)
      for (const [name, is] of events) {
        const said = many.map((unit) => ({ p: chanceWhere(unit[point], is), was: is(unit.state) ? 1 : 0 }))
        said.sort((a, b) => a.p - b.p)
        for (let bin = 0; bin < 5; bin++) {
          const part = said.slice((bin * said.length) / 5, ((bin + 1) * said.length) / 5)
          const variance = part.reduce((sum, { p }) => sum + p * (1 - p), 0)
          const miss = part.reduce((sum, { p, was }) => sum + was - p, 0) / Math.sqrt(variance + 0.25)
          assert.ok(Math.abs(miss) < 4, `${point} ${name}, fifth ${bin}: ${miss.toFixed(1)} standard errors`)
        }
      }
    }
  })

  it('the check says more than the customer', () => {
    const entropy = (belief: Float64Array) => belief.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0)
    const mean = (point: 'belief0' | 'belief1') => many.reduce((sum, u) => sum + entropy(u[point]), 0) / many.length
    assert.ok(mean('belief1') < 0.7 * mean('belief0'), `${mean('belief0')} ${mean('belief1')}`)
  })

  it('outcomes are what was expected of them, by option, before and after the check', () => {
    world.compiled.options.forEach(({ index, route, channel }) => {
      for (const point of ['expected0', 'expected1'] as const) {
        const differences = many
          .filter((unit) => unit[point].isPossible[index] === 1)
          .map((unit) => (unit.realised[index]! - unit[point].value[index]!) / unit.reference)
        if (differences.length < 100) continue
        assertNoBias(differences, `${route} ${channel.id} ${point}`)
      }
    })
  })

  it('the mean of many draws of one unit is its expected value', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 8; i++) {
      const unit = simulateUnit(world, 'calibrate', i)
      for (const point of ['t0', 't1'] as const) {
        if (point === 't1' && unit.checked.grade < 0) continue
        const expected = point === 't0' ? unit.expected0 : unit.expected1
        const draws = drawAgain(unit, point, 3000)
        unit.scene.ledger.entries.forEach(({ option }) => {
          if (expected.isPossible[option.index] === 0) return
          seen.add(option.route)
          const differences = draws.map(
            (values) => (values[option.index]! - expected.value[option.index]!) / unit.reference,
          )
          assertNoBias(differences, `unit ${i} ${point} ${option.route} ${option.channel.id}`)
        })
      }
    }
    assert.ok(seen.size >= 8, [...seen].join(' '))
  })

  it('wear and faults never raise a price, a speed or the chance of a good repair', () => {
    for (const { scene } of many.slice(0, 40)) {
      const { market } = scene
      for (let c = 0; c < 6; c++) {
        for (let cell = 0; cell < cells; cell++) {
          const at = c * cells + cell
          const isLastWear = cell % wearLevels === wearLevels - 1
          if (!isLastWear) {
            assert.ok(market.logPrice[at + 1]! <= market.logPrice[at]!)
            assert.ok(market.hazard[at + 1]! <= market.hazard[at]!)
            assert.ok(market.rereturn[at + 1]! >= market.rereturn[at]!)
            assert.ok(market.success[cell + 1]! <= market.success[cell]!)
          }
          if (faultOf(cell) < faultCount - 1)
            assert.ok(market.logPrice[at + wearLevels]! <= market.logPrice[at]! + 1e-12)
        }
      }
    }
  })

  it('depth takes from the price, a late sale too', () => {
    const unit = many.find(({ t0 }) => Object.keys(t0.routedByChannel).length > 3)!
    for (const { depth, option } of unit.scene.ledger.entries) {
      const routed = unit.t0.routedByChannel[option.channel.id] ?? 0
      assert.ok(routed > 0 ? depth < 0 : depth === 0)
    }
    assert.ok(unit.scene.market.decayPerDay > 0)
  })

  it('no option is for nobody, and none is for nearly everybody', () => {
    for (const [point, from] of [
      ['expected0', 9],
      ['expected1', 10],
    ] as const) {
      const shares = new Map<string, number>()
      for (const unit of many) {
        const { isAdmissible, value, shift } = unit[point]
        let best = -1
        for (let o = 0; o < value.length; o++) {
          if (isAdmissible[o] === 1 && (best < 0 || value[o]! + shift[o]! > value[best]! + shift[best]!)) best = o
        }
        if (best < 0) continue
        const { route } = world.compiled.options[best]!
        shares.set(route, (shares.get(route) ?? 0) + 1 / many.length)
      }
      assert.ok(shares.size >= from, `${point}: ${[...shares.keys()].join(' ')}`)
      assert.ok(
        [...shares.values()].every((share) => share < 0.47),
        JSON.stringify([...shares]),
      )
    }
  })
})

/** Values of all options in fresh draws from what is believed of the unit: state, grade, repair, prices, times. */
function drawAgain(unit: SimulatedUnit, point: 't0' | 't1', count: number): Float64Array[] {
  const chance = chanceOf(`again ${unit.t0.id} ${point}`)
  const belief = point === 't0' ? unit.belief0 : unit.belief1
  const { scene, goods, checked } = unit
  const grades = gradeChances(goods, checked.isPart)
  const possible = point === 't0' ? unit.expected0.isPossible : unit.expected1.isPossible
  const ends = abuseValues(world.compiled, scene.ledger, possible)
  const copies = abuseValues(world.compiled, scene.ledger, possible, ['destroy'])
  return Array.from({ length: count }, () => {
    const state = chance.pick(belief)
    if (kindOf(state) > 0) {
      const isFound = point === 't0' && chance.uniform() < world.p.abuseFound[kindOf(state) - 1]!
      return isFound && kindOf(state) === 2 ? copies : ends
    }
    const g = point === 't0' ? chance.pick(grades.map((byCell) => byCell[state]!)) : checked.grade
    const fate = drawFate(
      scene,
      state,
      point === 't0' ? drawRepair(world, scene.market, state, chance) : repairAgain(unit, state, chance),
      chance,
    )
    return Float64Array.from(possible, (yes, o) => (yes === 0 ? Number.NaN : realisedValue(scene, fate, o, g)))
  })
}

/** Need and cost of the repair given the estimate: costs by weighing fresh draws with how well the estimate fits them. */
function repairAgain({ scene, checked }: SimulatedUnit, cell: number, chance: Chance) {
  const { market } = scene
  const given = { need: new Float64Array(cells), cost: new Float64Array(cells) }
  repairGiven(world, market, checked.estimate, given)
  const isNeeded = chance.uniform() < given.need[cell]!
  if (!isNeeded || !checked.estimate) return { ...drawRepair(world, market, cell, chance), isNeeded }
  const { repairCostSpread, estimateSpread } = world.p
  for (;;) {
    const logCost = market.logCost[cell]! + repairCostSpread * chance.normal()
    const miss = (Math.log(checked.estimate) - logCost) / estimateSpread
    if (chance.uniform() < Math.exp(-0.5 * miss * miss)) return { isNeeded, logCost }
  }
}
