import type { Chance } from './random.ts'
import { sigmoid } from './random.ts'
import { habitWeights, type Circumstances } from './draw-unit.ts'
import { wearAbout } from './category-model.ts'
import { habits } from './names.ts'
import { cells, emptyState, faultCount, stateCount, wearLevels } from './states.ts'
import type { WorldModel } from './world-model.ts'

/** How a unit came to its hidden state: chances by habit of the customer, given everything else. */
export type Origin = {
  /** Chance of abuse by habit. */
  readonly abuse: readonly number[]
  /** Chance of each level of wear by habit. */
  readonly wear: readonly Float64Array[]
  /** Chance of each fault by wear: cell = fault x 15 + level. */
  readonly fault: Float64Array
}

export function originOf({ p }: WorldModel, unit: Circumstances, dear: number): Origin {
  const { model, daysSinceSale, isOpened, transitDays, tier } = unit
  const late = daysSinceSale - 9
  const damaged = sigmoid(model.transitDamage + p.transitDamageDay * (transitDays - 3))
  const wear = habits.map((_, h) => {
    const asNew = isOpened ? sigmoid(model.newLogit + p.newHabit[h]! + p.newDays * late) : p.newUnopened
    const used = wearAbout(sigmoid(model.wearLogit + p.wearHabit[h]! + p.wearDays * late), p.wearSpread)
    return used.map(
      (share, w) =>
        (1 - damaged) * (asNew * (p.newProfile[w] ?? 0) + (1 - asNew) * share) + damaged * model.transitWear[w]!,
    )
  })
  const abuse = habits.map((_, h) =>
    sigmoid(model.abuseLogit + p.abuseHabit[h]! + (isOpened ? 0 : p.abuseUnopened) + p.abusePrice * dear),
  )
  return {
    abuse,
    wear,
    fault: faultsByWear(p, model.faultLogit, p.faultTier[tier]! + (isOpened ? 0 : p.faultUnopened)),
  }
}

function faultsByWear(p: WorldModel['p'], logits: readonly number[], shift: number): Float64Array {
  const chances = new Float64Array(cells)
  for (let w = 0; w < wearLevels; w++) {
    let sum = 1
    for (let f = 1; f < faultCount; f++) {
      const odds = Math.exp(logits[f - 1]! + shift + p.faultWear[f - 1]! * (w / (wearLevels - 1)))
      chances[f * wearLevels + w] = odds
      sum += odds
    }
    chances[w] = 1
    for (let f = 0; f < faultCount; f++) chances[f * wearLevels + w]! /= sum
  }
  return chances
}

/** Chance of every hidden state before anything is said of the unit; sums to 1. */
export function priorOf(world: WorldModel, unit: Circumstances, origin: Origin): Float64Array {
  const { p } = world
  const prior = new Float64Array(stateCount)
  const wear = new Float64Array(wearLevels)
  let abused = 0
  habitWeights(world, unit.history).forEach((weight, h) => {
    abused += weight * origin.abuse[h]!
    for (let w = 0; w < wearLevels; w++) wear[w]! += weight * (1 - origin.abuse[h]!) * origin.wear[h]![w]!
  })
  for (let cell = 0; cell < cells; cell++) {
    prior[cell] = wear[cell % wearLevels]! * origin.fault[cell]!
    prior[cells + cell] = abused * p.abuseKinds[0]! * unit.model.abuseCells[0]![cell]!
    prior[2 * cells + cell] = abused * p.abuseKinds[1]! * unit.model.abuseCells[1]![cell]!
  }
  prior[emptyState] = abused * p.abuseKinds[2]!
  return prior
}

/** The state that a unit of this habit has. */
export function drawState(
  { p }: WorldModel,
  unit: Circumstances,
  origin: Origin,
  habit: number,
  chance: Chance,
): number {
  if (chance.uniform() < origin.abuse[habit]!) {
    const kind = chance.pick(p.abuseKinds)
    return kind === 2 ? emptyState : (kind + 1) * cells + chance.pick(unit.model.abuseCells[kind]!)
  }
  const w = chance.pick(origin.wear[habit]!)
  const faults = Array.from({ length: faultCount }, (_, f) => origin.fault[f * wearLevels + w]!)
  return chance.pick(faults) * wearLevels + w
}
