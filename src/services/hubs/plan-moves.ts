import type { Located } from '#contracts/intake.ts'
import type { RebalancePreview } from '#contracts/rebalance.ts'
import type { HubView } from './locate-hubs.ts'

/** A move must save at least this much (decision-model 9). */
const savingMin = 1500

export type MovableUnit = {
  readonly id: string
  readonly hubId: string
  readonly isReceived: boolean
  /** Capable hubs, cheapest first. */
  readonly located: Pick<Located, 'candidates'>
}

export type PlannedMove = {
  readonly unitId: string
  readonly fromHubId: string
  readonly toHubId: string
  readonly savingMinor: number
  readonly extraKm: number | null
  /** Cheaper hubs that had no place left. */
  readonly passedOver: number
}

/**
 * Moves of units on their way that save, greedy: who can save most goes first, to the cheapest capable hub with a place
 * left. A place that a move sets free is not given away, so that any part of the plan is a plan too. Pure.
 */
export function planMoves(
  units: readonly MovableUnit[],
  free: ReadonlyMap<string, number>,
  movesMax: number,
): PlannedMove[] {
  const left = new Map(free)
  const wishes = units.flatMap((unit) => {
    const now = unit.located.candidates.find((hub) => hub.hubId === unit.hubId)
    const best = unit.located.candidates[0]
    if (unit.isReceived || now === undefined || best === undefined) return []
    return [{ unit, now, saving: now.costMinor - best.costMinor }]
  })
  wishes.sort((a, b) => b.saving - a.saving || (a.unit.id < b.unit.id ? -1 : 1))
  const moves: PlannedMove[] = []
  for (const { unit, now, saving } of wishes) {
    if (moves.length >= movesMax || saving < savingMin) break
    const passedOver = unit.located.candidates.findIndex((hub) => (left.get(hub.hubId) ?? 0) > 0)
    const to = unit.located.candidates[passedOver]
    if (to === undefined || now.costMinor - to.costMinor < savingMin) continue
    left.set(to.hubId, left.get(to.hubId)! - 1)
    moves.push({
      unitId: unit.id,
      fromHubId: unit.hubId,
      toHubId: to.hubId,
      savingMinor: now.costMinor - to.costMinor,
      extraKm:
        to.distanceKm === null || now.distanceKm === null
          ? null
          : Math.round((to.distanceKm - now.distanceKm) * 10) / 10,
      passedOver,
    })
  }
  return moves
}

/** How full each hub is before and after the moves. */
export function plannedLoads(
  view: HubView,
  moves: readonly Pick<PlannedMove, 'fromHubId' | 'toHubId'>[],
): RebalancePreview['loads'] {
  const deltas = new Map<string, number>()
  for (const { fromHubId, toHubId } of moves) {
    deltas.set(fromHubId, (deltas.get(fromHubId) ?? 0) - 1)
    deltas.set(toHubId, (deltas.get(toHubId) ?? 0) + 1)
  }
  return view.hubs.map(({ id, code, capacity, usedCapacity }) => {
    const load = (used: number) => (capacity === 0 ? 1 : used / capacity)
    return { hubId: id, code, capacity, before: load(usedCapacity), after: load(usedCapacity + (deltas.get(id) ?? 0)) }
  })
}
