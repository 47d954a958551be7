import { classOutcomePlace, outcomePlace, outcomeWidth, weightPlace } from '#contracts/training-rows.ts'
import { saleWeeks } from './market.ts'
import { chanceOf } from './random.ts'
import type { SimulatedUnit } from './simulate-unit.ts'
import { kindOf } from './states.ts'

/** What everybody sees of a unit in the end, whatever became of it. */
function writeShared(unit: SimulatedUnit, out: Float32Array, at: number): void {
  out.fill(Number.NaN, at, at + outcomeWidth)
  out[at + outcomePlace('reference_log')] = Math.log(unit.reference / 100)
  out[at + outcomePlace('abuse')] = kindOf(unit.state) > 0 ? 1 : 0
  if (unit.checked.grade >= 0) out[at + outcomePlace('grade')] = unit.checked.grade
  out[at + weightPlace] = 1
}

function writeRepair({ fate, reference }: SimulatedUnit, out: Float32Array, at: number): void {
  if (fate === null) return
  out[at + outcomePlace('repair_needed')] = fate.isNeeded ? 1 : 0
  if (!fate.isNeeded) return
  out[at + outcomePlace('repair_cost_log')] = Math.log(fate.repairCost / reference)
  out[at + outcomePlace('repair_success')] = fate.isRepaired ? 1 : 0
}

/** How the sale through option `o` went, in the columns of its price class. */
function writeSale({ fate, scene, reference }: SimulatedUnit, o: number, out: Float32Array, at: number): void {
  const { option, depthRatio } = scene.ledger.entries[o]!
  const sale = fate?.sales[o]
  if (!sale) return
  const isSold = sale.week > 0
  const place = at + classOutcomePlace(option.priceClass)
  const isLost = option.route === 'refurbish' && fate.isNeeded && !fate.isRepaired
  if (isLost) return
  out[place] = isSold ? Math.log(sale.price / reference) : Number.NaN
  out[place + 1] = sale.week
  out[place + 2] = sale.days
  out[place + 3] = option.channel.saleDaysFactor
  out[place + 4] = option.channel.saleDaysFactor === 0 ? 1 : saleWeeks(option.policy.horizonDays)
  out[place + 5] = depthRatio
  out[place + 6] = isSold ? (sale.isReturned ? 1 : 0) : Number.NaN
}

/** All routes: of each price class one channel that takes the grade, drawn at random. */
export function writeAllOutcomes(unit: SimulatedUnit, out: Float32Array, at: number): void {
  writeShared(unit, out, at)
  if (unit.fate === null) return
  writeRepair(unit, out, at)
  const { uniform } = chanceOf(`${unit.t0.id}|channels`)
  const bit = 1 << unit.checked.grade
  const takers = unit.scene.ledger.entries.filter(({ option, accepts }) => option.priceClass >= 0 && accepts & bit)
  for (let c = 0; c < 6; c++) {
    const ofClass = takers.filter(({ option }) => option.priceClass === c)
    const drawn = ofClass[Math.floor(uniform() * ofClass.length)]
    if (drawn) writeSale(unit, drawn.option.index, out, at)
  }
}

/** One route was taken after the check: only what it shows. `chosen` below zero: held. */
export function writeLogged(
  unit: SimulatedUnit,
  chosen: number,
  propensity: number,
  out: Float32Array,
  at: number,
): void {
  writeShared(unit, out, at)
  out[at + weightPlace] = Math.min(1 / propensity, weightMax)
  const { fate, scene, checked } = unit
  if (fate === null || chosen < 0) return
  const { option } = scene.ledger.entries[chosen]!
  const isRepair = option.route === 'refurbish'
  if (isRepair) writeRepair(unit, out, at)
  writeSale(unit, chosen, out, at)
  if (isRepair && fate.isNeeded && !fate.isRepaired) writeSale(unit, scene.ways.afterRepair[checked.grade]!, out, at)
}

/** Weights of rare choices are held below this. */
const weightMax = 50
