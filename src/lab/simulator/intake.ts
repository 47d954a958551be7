import { abuses, customerReasons } from './names.ts'
import { clusters, reasonClusters } from './category-model.ts'
import type { Circumstances } from './draw-unit.ts'
import type { Chance } from './random.ts'
import { cells, emptyState, kindOf, stateCount } from './states.ts'
import type { WorldModel } from './world-model.ts'

/** What is said of a unit at intake, by customer and text. */
export type Said = {
  readonly reasonCode: string
  readonly reasonCluster: string | null
  readonly claimGrade: 'A' | 'B' | 'C' | 'D' | 'E' | null
  readonly hasAllAccessories: boolean
}

const gradeNames = ['A', 'B', 'C', 'D', 'E'] as const

export function drawSaid(
  world: WorldModel,
  unit: Circumstances,
  state: number,
  isRecalled: boolean,
  chance: Chance,
): Said {
  const { p } = world
  const { model } = unit
  const hasAllAccessories = chance.uniform() >= incompleteChance(world, unit, state)
  if (unit.isRto) {
    const isRefused = chance.uniform() < p.reasonRefused
    return {
      reasonCode: isRefused ? 'refused_on_delivery' : 'undeliverable',
      reasonCluster: null,
      claimGrade: null,
      hasAllAccessories,
    }
  }
  const place = chance.pick(model.reasons.map((byState) => byState[state]!))
  const cluster = drawCluster(world, unit, place, state, chance)
  const cell = state === emptyState ? 0 : state % cells
  const claim = chance.pick(model.claims.map((byCell) => byCell[cell]!))
  return {
    // A recall is known of the model, not of the unit: it says nothing of the condition.
    reasonCode: isRecalled ? 'recall' : customerReasons[place]!,
    reasonCluster: isRecalled || chance.uniform() >= p.clusterKnown ? null : clusters[cluster]!,
    claimGrade: chance.uniform() < p.claimKnown ? gradeNames[claim]! : null,
    hasAllAccessories,
  }
}

function drawCluster(
  { p }: WorldModel,
  { model }: Circumstances,
  reason: number,
  state: number,
  chance: Chance,
): number {
  const u = chance.uniform()
  if (u < p.clusterOfReason) return reasonClusters[reason]!
  if (u < p.clusterOfReason + p.clusterOfTruth) return model.truthCluster[state]!
  return Math.floor(chance.uniform() * clusters.length)
}

function incompleteChance({ p }: WorldModel, { model, isOpened }: Circumstances, state: number): number {
  const kind = kindOf(state)
  if (kind > 0) return p.incompleteAbuse[kind - 1]!
  return isOpened ? model.incomplete : 0
}

/** Multiplies the chances of the states by how well each agrees with what was said; answers their new sum to 1. */
export function hearSaid(world: WorldModel, unit: Circumstances, said: Said, weights: Float64Array): void {
  const { p } = world
  const { model } = unit
  const reason = customerReasons.indexOf(said.reasonCode as (typeof customerReasons)[number])
  const byReason = reason < 0 ? null : model.reasons[reason]!
  const cluster = said.reasonCluster === null ? -1 : clusters.indexOf(said.reasonCluster as (typeof clusters)[number])
  const anything = (1 - p.clusterOfReason - p.clusterOfTruth) / clusters.length
  const fits = cluster >= 0 && reasonClusters[reason] === cluster ? p.clusterOfReason : 0
  const byCell = said.claimGrade === null ? null : model.claims[gradeNames.indexOf(said.claimGrade)]!
  const incomplete = [unit.isOpened ? model.incomplete : 0, ...abuses.map((_, k) => p.incompleteAbuse[k]!)]
  const parts = incomplete.map((chance) => (said.hasAllAccessories ? 1 - chance : chance))
  let sum = 0
  for (let state = 0; state < stateCount; state++) {
    let weight = weights[state]! * parts[kindOf(state)]!
    if (byReason !== null) weight *= byReason[state]!
    if (cluster >= 0) weight *= anything + fits + (model.truthCluster[state] === cluster ? p.clusterOfTruth : 0)
    if (byCell !== null) weight *= byCell[state === emptyState ? 0 : state % cells]!
    weights[state] = weight
    sum += weight
  }
  for (let state = 0; state < stateCount; state++) weights[state]! /= sum
}
