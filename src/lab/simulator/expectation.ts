import type { Ledger } from './ledger.ts'
import type { Market } from './market.ts'
import { cells } from './states.ts'
import type { CellValues, WaysOut } from './values.ts'
import type { WorldModel } from './world-model.ts'

/** What is known of the hidden state: weights of the genuine cells (their sum is the chance of being genuine). */
export type Belief = {
  readonly genuine: Float64Array
  /** Chance of need and mean cost / reference of a repair, by cell. */
  readonly need: Float64Array
  readonly cost: Float64Array
}

type Scene = {
  readonly world: WorldModel
  readonly ledger: Ledger
  readonly market: Market
  readonly cellValues: CellValues
  readonly ways: WaysOut
}

/** Sum over the genuine cells that would be graded `g` of chance times value of option `o`. */
export function gradedValue(scene: Scene, belief: Belief, o: number, g: number, grades: Float64Array): number {
  const { ledger, ways } = scene
  const entry = ledger.entries[o]!
  if ((entry.accepts & (1 << g)) === 0) {
    const other = ways.elsewhere[g]!
    if (other < 0) return 0
    return sumCells(
      belief,
      grades,
      (cell) => scene.cellValues.value[other * cells + cell]! - scene.world.compiled.parameters.rerouteMinor,
    )
  }
  const left = unsoldFactor(scene, o, g)
  const salvage = ways.unsold[g]! * cells
  const { value, unsold } = scene.cellValues
  const at = o * cells
  if (entry.option.route !== 'refurbish') {
    if (left === 0) return sumCells(belief, grades, (cell) => value[at + cell]!)
    return sumCells(
      belief,
      grades,
      (cell) => value[at + cell]! + unsold[at + cell]! * left * scene.cellValues.salvage[salvage + cell]!,
    )
  }
  const other = ways.afterRepair[g]! * cells
  const sunk = scene.world.compiled.parameters.repairSunkShare
  return sumCells(belief, grades, (cell) => {
    const whole =
      value[at + cell]! + (left === 0 ? 0 : unsold[at + cell]! * left * scene.cellValues.salvage[salvage + cell]!)
    const need = belief.need[cell]!
    const cost = belief.cost[cell]! * ledger.reference
    const success = scene.market.success[cell]!
    return (1 - need) * whole + need * (success * (whole - cost) + (1 - success) * (value[other + cell]! - sunk * cost))
  })
}

function sumCells({ genuine }: Belief, grades: Float64Array, value: (cell: number) => number): number {
  let sum = 0
  for (let cell = 0; cell < cells; cell++) {
    const weight = genuine[cell]! * grades[cell]!
    if (weight > 1e-12) sum += weight * value(cell)
  }
  return sum
}

/** What is left of the salvage on the day that an unsold unit is given up; a cost does not shrink with time. */
export function unsoldFactor({ ledger, market, ways }: Scene, o: number, g: number): number {
  const { option, startDays, schedule } = ledger.entries[o]!
  if (schedule === null || option.channel.saleDaysFactor === 0 || ways.unsold[g]! < 0) return 0
  if (ways.isFalling[g] === 0) return 1
  return Math.exp(-market.decayPerDay * (startDays + option.policy.horizonDays))
}
export type { Scene }
