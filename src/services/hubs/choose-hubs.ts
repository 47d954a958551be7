import type { HubChoice, Located, LocatedHub } from '#contracts/intake.ts'
import type { HubCandidate } from '#contracts/returns.ts'

/** Candidates kept with a decision: enough to explain it, few enough to store. */
const candidatesKept = 3

function candidate(hub: LocatedHub, freePlaces: number, refusedBy: string | null): HubCandidate {
  return {
    hubId: hub.hubId,
    code: hub.code,
    distanceKm: hub.distanceKm,
    costMinor: hub.costMinor,
    freePlaces,
    refusedBy,
  }
}

/** The hub where a unit has a place already; `isKept`: it stays there when no hub can be chosen, else the place is given back. */
export type HeldPlace = { readonly hubId: string; readonly isKept: boolean }

/**
 * For each unit in turn the cheapest capable hub with a free place, counting the places that units before it in the
 * batch have taken or given back. A place that a unit holds is free to that unit alone. `free` is read, not changed.
 * Pure; candidates come cheapest first.
 */
export function chooseHubs(
  items: readonly Located[],
  free: ReadonlyMap<string, number>,
  held: readonly (HeldPlace | null)[] = [],
): HubChoice[] {
  const left = new Map(free)
  const move = (hubId: string, by: number) => left.set(hubId, (left.get(hubId) ?? 0) + by)
  return items.map((item, i) => {
    const own = held[i] ?? null
    if (own !== null) move(own.hubId, 1)
    const choice = chooseHub(item, left)
    if (choice.kind === 'assigned') move(choice.hub.hubId, -1)
    else if (own?.isKept === true) move(own.hubId, -1)
    return choice
  })
}

function chooseHub({ candidates, refused }: Located, left: ReadonlyMap<string, number>): HubChoice {
  const kept: HubCandidate[] = []
  for (const hub of candidates) {
    const places = left.get(hub.hubId) ?? 0
    if (places <= 0) {
      if (kept.length < candidatesKept) kept.push(candidate(hub, 0, 'no_free_place'))
      continue
    }
    const passedOver = kept.length
    kept.push(candidate(hub, places, null))
    for (const other of candidates.slice(candidates.indexOf(hub) + 1)) {
      if (kept.length >= candidatesKept + 1) break
      kept.push(candidate(other, left.get(other.hubId) ?? 0, null))
    }
    const reason =
      passedOver === 0
        ? `cheapest of ${candidates.length} capable hubs`
        : `cheapest with a free place; ${passedOver} cheaper ${passedOver === 1 ? 'hub is' : 'hubs are'} full`
    return { kind: 'assigned', hub, reason, candidates: kept }
  }
  const reason = candidates.length > 0 ? 'no_capacity' : 'no_capable_hub'
  return { kind: 'none', reason, candidates: kept.length > 0 ? kept : refused.slice(0, candidatesKept) }
}
