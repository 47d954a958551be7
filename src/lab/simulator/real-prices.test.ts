import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { shipped, world } from '../../../test/support/simulated-world.ts'
import { rowOf } from './params.ts'
import { simulateUnit } from './simulate-unit.ts'
import { newCellValues } from './values.ts'

const { realDevices, realVehicles, realConditions, ...p } = Object.fromEntries(
  Object.entries(shipped.parameters).map(([name, { value }]) => [name, value]),
) as unknown as typeof world.p
const phone = 'electronics.mobile.smartphone'
const secondary = 3

describe('the simulated market beside real used goods', () => {
  it('phones sell second-hand where used phones do', () => {
    const { index } = world.compiled.options.find(({ channel }) => channel.id === 'refurb_marketplace')!
    // Only outcomes are looked at, so all units may share one workspace.
    const cellValues = newCellValues(world.compiled.options.length)
    const shares = Array.from({ length: 4000 }, (_, i) => simulateUnit(world, 'test', i, cellValues))
      .filter(({ t0 }) => t0.categoryId === phone)
      .flatMap(({ fate, reference, checked, scene }) => {
        const sale = fate?.sales[index]
        const isTaken = (scene.ledger.entries[index]!.accepts & (1 << checked.grade)) !== 0
        return sale && isTaken && sale.week > 0 ? [sale.price / reference] : []
      })
      .toSorted((a, b) => a - b)
    assert.ok(shares.length > 400, `${shares.length} sales`)
    realDevices.quartiles.forEach((quartile, i) => {
      const ours = shares[Math.round(((i + 1) / 4) * (shares.length - 1))]!
      assert.ok(Math.abs(ours - quartile) < 0.06, `quartile ${i + 1}: ${ours}, not ${quartile}`)
    })
  })

  it('prices fall with the age of the model about as fast as real ones', () => {
    const years = 3
    const fall = (rowOf(p.priceAge, phone)[secondary]! * Math.log1p(years)) / years
    const least = Math.max(realDevices.yearSlope, realVehicles.yearSlope)
    const most = Math.min(realDevices.yearSlope, realVehicles.yearSlope)
    assert.ok(fall < least / 1.5 && fall > most * 1.5, `${fall} a year`)
  })

  it('dear devices keep a smaller share, as real ones do', () => {
    assert.ok(p.priceDear[secondary]! < 0 && p.priceDear[secondary]! > realDevices.logNewSlope)
  })

  it('conditions have the order and the size of real ones', () => {
    const [, openBox, , used] = rowOf(p.priceLevel, phone) as [number, number, number, number]
    assert.ok(openBox > used && realConditions['Open Box']! > 1)
    const broken = rowOf(p.priceFault, phone)[secondary]!.slice(2, 4).map(Math.exp)
    assert.ok(broken[1]! <= realConditions['For Parts']! && broken[0]! >= realConditions['For Parts']!)
  })

  it('noise is skewed to the left and has heavier tails than a normal one, no wider than all that is unexplained', () => {
    const grid = Array.from({ length: 4001 }, (_, i) => -4 + i / 500)
    const weights = grid.map((z) => Math.exp(-0.5 * z * z))
    const sum = weights.reduce((a, b) => a + b, 0)
    const values = grid.map(world.curves.bend)
    const moment = (k: number, middle: number) =>
      values.reduce((all, y, i) => all + weights[i]! * (y - middle) ** k, 0) / sum
    const mean = moment(1, 0)
    const sd = Math.sqrt(moment(2, mean))
    const skewness = moment(3, mean) / sd ** 3
    assert.ok(skewness < realVehicles.skewness && skewness > 2 * realDevices.skewness, `skewness ${skewness}`)
    assert.ok(moment(4, mean) / sd ** 4 > 3.5)
    assert.ok(sd * rowOf(p.priceSpread, phone)[secondary]! < realDevices.residualSd)
  })
})
