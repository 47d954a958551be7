import type { DecisionItem } from '#contracts/recommendations.ts'
import { admit } from '#services/recommendation/constraints.ts'
import { unitFacts, type UnitFacts } from '#services/recommendation/facts.ts'
import { checkedItem, drawChecked, drawRepair, gradeChances, repairGiven, seeChecked, type Checked } from './check.ts'
import { drawGoods, type Goods } from './draw-unit.ts'
import { gradedValue, type Belief, type Scene } from './expectation.ts'
import { drawState, originOf, priorOf } from './hidden.ts'
import { drawSaid, hearSaid } from './intake.ts'
import { ledgerOf, utilityShift } from './ledger.ts'
import { dearness, marketOf } from './market.ts'
import type { SplitName } from './names.ts'
import { chanceOf } from './random.ts'
import { drawFate, realisedValue, type Fate } from './realise.ts'
import { cells, emptyState, kindOf, total } from './states.ts'
import { abuseValues, newCellValues, valueCells, waysOut, type CellValues } from './values.ts'
import type { WorldModel } from './world-model.ts'

/** What is true of one option at one point: NaN where it may not be taken. Paise. */
export type Expected = {
  /** Options of A(i), by the true chances of grades and abuse and the true mean price. */
  readonly isAdmissible: Uint8Array
  /** Options that no rule of fact takes away: also those that only an estimate excludes. */
  readonly isPossible: Uint8Array
  readonly value: Float64Array
  readonly shift: Float64Array
}

export type SimulatedUnit = {
  readonly t0: DecisionItem
  readonly t1: DecisionItem
  readonly reference: number
  readonly goods: Goods
  readonly state: number
  readonly checked: Checked
  /** Chances of all states at t0 and t1. */
  readonly belief0: Float64Array
  readonly belief1: Float64Array
  readonly scene: Scene
  readonly expected0: Expected
  readonly expected1: Expected
  /** Null for what is not genuine. */
  readonly fate: Fate | null
  /** Value of every possible option as it turned out; NaN elsewhere. */
  readonly realised: Float64Array
}

/** One unit of a world: what is known of it, what it is worth by every option in the mean, and how it turned out. */
export function simulateUnit(
  world: WorldModel,
  split: SplitName,
  index: number,
  cellValues = newCellValues(world.compiled.options.length),
): SimulatedUnit {
  const chance = chanceOf(`${world.seed}|${split}|${index}`)
  const goods = drawGoods(world, split, index, chance)
  const bare = { ...goods.known, reasonCode: 'unknown', hasAllAccessories: true } as DecisionItem
  const reference = unitFacts(world.compiled, bare).reference!
  const dear = dearness(world, goods, reference)
  const origin = originOf(world, goods, dear)
  const state = drawState(world, goods, origin, goods.habit, chance)
  const said = drawSaid(world, goods, state, goods.known.isRecalled, chance)
  const t0: DecisionItem = { ...goods.known, ...said }
  const belief0 = priorOf(world, goods, origin)
  hearSaid(world, goods, said, belief0)
  const isIncomplete = !said.hasAllAccessories
  const market = marketOf(world, goods, t0, dear, isIncomplete)
  const repair = drawRepair(world, market, state === emptyState ? 0 : state, chance)
  const checked = drawChecked(world, goods, state, isIncomplete, repair, chance)
  const t1 = checkedItem(t0, goods, checked, reference, chance)
  const belief1 = Float64Array.from(belief0)
  seeChecked(world, goods, market, checked, belief1)

  const facts0 = unitFacts(world.compiled, t0)
  const facts1 = unitFacts(world.compiled, t1)
  const ledger = ledgerOf(world.compiled, facts0, market, !goods.isOpened && goods.model.isSealable)
  const possible0 = possibleOptions(world, facts0)
  const possible1 = possibleOptions(world, facts1)
  const wanted = Uint8Array.from(possible0, (yes, o) => yes | possible1[o]!)
  valueCells(world, ledger, market, wanted, cellValues)
  const grades = gradeChances(goods, isIncomplete)
  const admissible0 = admissibleAt0(world, facts0, ledger, belief0, grades, cellValues)
  const ways = waysOut(ledger, cellValues, admissible0, belief0, grades)
  const scene: Scene = { world, ledger, market, cellValues, ways }
  const admissible1 = admissibleAt1(world, facts1, ledger, belief1, checked, cellValues)
  const ends = {
    planned: abuseValues(world.compiled, ledger, possible0),
    copy: abuseValues(world.compiled, ledger, possible0, ['destroy']),
  }
  const repair0 = { genuine: belief0, need: new Float64Array(cells), cost: new Float64Array(cells) }
  repairGiven(world, market, null, repair0)
  const repair1 = { genuine: belief1, need: new Float64Array(cells), cost: new Float64Array(cells) }
  repairGiven(world, market, checked.estimate, repair1)
  const expected0 = expectedAt0(scene, repair0, grades, ends, admissible0, possible0)
  const expected1 = expectedAt1(scene, repair1, checked, ends, admissible1, possible1)
  const kind = kindOf(state)
  const fate = kind === 0 ? drawFate(scene, state, repair, chance) : null
  const realised = Float64Array.from(wanted, (yes, o) => {
    if (yes === 0) return Number.NaN
    if (fate !== null) return realisedValue(scene, fate, o, checked.grade)
    return (checked.found === 2 ? ends.copy : ends.planned)[o]!
  })
  const shifted = (expected: Expected): Expected => ({
    ...expected,
    shift: utilityShift(world.compiled, ledger, expected.isAdmissible, t0.hubMinuteMinor),
  })
  return {
    t0,
    t1,
    reference,
    goods,
    state,
    checked,
    belief0,
    belief1,
    scene,
    expected0: shifted(expected0),
    expected1: shifted(expected1),
    fate,
    realised,
  }
}

/** What no estimate is needed for: rules of fact alone. */
function possibleOptions({ compiled }: WorldModel, facts: UnitFacts): Uint8Array {
  return admit(compiled, facts, { gradeShares: null, abuse: 0 }).isAdmissible
}

function admissibleAt0(
  world: WorldModel,
  facts: UnitFacts,
  ledger: Scene['ledger'],
  belief: Float64Array,
  grades: readonly Float64Array[],
  cellValues: CellValues,
): Uint8Array {
  const genuine = total(belief, 0, cells)
  const shares = grades.map((byCell) => {
    let sum = 0
    for (let cell = 0; cell < cells; cell++) sum += belief[cell]! * byCell[cell]!
    return sum / genuine
  })
  const { isAdmissible } = admit(world.compiled, facts, { gradeShares: shares, abuse: 1 - genuine })
  return aboveFloor(ledger, isAdmissible, belief, grades, cellValues)
}

function admissibleAt1(
  world: WorldModel,
  facts: UnitFacts,
  ledger: Scene['ledger'],
  belief: Float64Array,
  checked: Checked,
  cellValues: CellValues,
): Uint8Array {
  const { isAdmissible } = admit(world.compiled, facts, { gradeShares: null, abuse: 1 - total(belief, 0, cells) })
  if (checked.grade < 0) return isAdmissible
  const ones = new Float64Array(cells).fill(1)
  const none = new Float64Array(cells)
  return aboveFloor(
    ledger,
    isAdmissible,
    belief,
    Array.from({ length: 5 }, (_, g) => (g === checked.grade ? ones : none)),
    cellValues,
  )
}

/** Takes away options whose mean price on listing is below the floor of the channel. */
function aboveFloor(
  ledger: Scene['ledger'],
  isAdmissible: Uint8Array,
  belief: Float64Array,
  grades: readonly Float64Array[],
  { listed }: CellValues,
): Uint8Array {
  for (const { option, schedule, accepts } of ledger.entries) {
    if (schedule === null || isAdmissible[option.index] === 0 || option.channel.priceFloorMinor === 0) continue
    let mass = 0
    let price = 0
    for (let cell = 0; cell < cells; cell++) {
      let weight = 0
      for (let g = 0; g < 5; g++) if (accepts & (1 << g)) weight += grades[g]![cell]!
      weight *= belief[cell]!
      if (weight < 1e-12) continue
      mass += weight
      price += weight * Math.exp(listed[option.index * cells + cell]!)
    }
    if (mass > 0 && price / mass < option.channel.priceFloorMinor) isAdmissible[option.index] = 0
  }
  return isAdmissible
}

type Ends = { readonly planned: Float64Array; readonly copy: Float64Array }

function expectedAt0(
  scene: Scene,
  belief: Belief,
  grades: readonly Float64Array[],
  ends: Ends,
  isAdmissible: Uint8Array,
  isPossible: Uint8Array,
): Expected {
  const { p } = scene.world
  const copies = total(belief.genuine, 2 * cells, 3 * cells)
  const found = copies * p.abuseFound[1]!
  const others = 1 - total(belief.genuine, 0, cells) - found
  const value = Float64Array.from(isPossible, (yes, o) => {
    if (yes === 0) return Number.NaN
    let sum = others * ends.planned[o]! + found * ends.copy[o]!
    for (let g = 0; g < 5; g++) sum += gradedValue(scene, belief, o, g, grades[g]!)
    return sum
  })
  return { isAdmissible, isPossible, value, shift: new Float64Array(0) }
}

const everyCell = new Float64Array(cells).fill(1)

function expectedAt1(
  scene: Scene,
  belief: Belief,
  checked: Checked,
  ends: Ends,
  isAdmissible: Uint8Array,
  isPossible: Uint8Array,
): Expected {
  const abuse = 1 - total(belief.genuine, 0, cells)
  const value = Float64Array.from(isPossible, (yes, o) => {
    if (yes === 0) return Number.NaN
    if (checked.grade < 0) return (checked.found === 2 ? ends.copy : ends.planned)[o]!
    return abuse * ends.planned[o]! + gradedValue(scene, belief, o, checked.grade, everyCell)
  })
  return { isAdmissible, isPossible, value, shift: new Float64Array(0) }
}
