import type { Intake, Located, LocatedHub, LocatedIntake } from '#contracts/intake.ts'
import type { HubCandidate } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { accept, type Outcome } from '#kernel/outcome.ts'
import { hubCosts } from './hub-cost.ts'
import { readActiveHubs, type HubPlaces } from './store.ts'

type LocatableUnit = Pick<Intake, 'clientId' | 'pickupPincode' | 'needs' | 'weightKg' | 'volumeLitres' | 'priceMinor'>

/** Hubs as one batch sees them: read once, so that every unit of the batch is judged alike. */
export type HubView = { readonly hubs: readonly HubPlaces[]; readonly free: ReadonlyMap<string, number> }

export async function viewHubs(ctx: Pick<Context, 'db'>): Promise<HubView> {
  const hubs = await readActiveHubs(ctx.db)
  return { hubs, free: new Map(hubs.map((hub) => [hub.id, hub.capacity - hub.usedCapacity])) }
}

/** To 100 m: a road's length is only estimated. */
function roundedKm(km: number): number {
  return Math.round(km * 10) / 10
}

/** Minutes that a unit in the house waits for, on average; the exact backlog is in the capacity view. */
const minutesPerOpenUnit = 4

function lacks(hub: HubPlaces, unit: LocatableUnit): string | null {
  if (hub.clientIds !== null && !hub.clientIds.includes(unit.clientId)) return 'serves_other_clients'
  const missing = unit.needs.find((need) => !hub.capabilities.includes(need))
  return missing === undefined ? null : `lacks_${missing}`
}

/**
 * For each unit the capable hubs with distance and cost, cheapest first. One geocoder and one routing call a batch.
 * A unit without a known PIN code has no distances: all hubs cost it the transport over the usual way, and it goes by
 * waiting cost alone.
 */
export async function locateHubs(
  ctx: Pick<Context, 'geocoder' | 'routing' | 'reference'>,
  view: HubView,
  units: readonly LocatableUnit[],
): Promise<Located[]> {
  const costs = hubCosts(ctx.reference.decision)
  const usualKm = ctx.reference.decision.policy.parameters.defaultInboundKm.value
  const pincodes = [...new Set(units.flatMap((unit) => unit.pickupPincode ?? []))]
  const places = await ctx.geocoder.locate(pincodes)
  const origins: { pincode: string; lat: number; lng: number }[] = []
  pincodes.forEach((pincode, i) => {
    const place = places[i]
    if (place) origins.push({ pincode, lat: place.lat, lng: place.lng })
  })
  const { km } =
    origins.length > 0 && view.hubs.length > 0 ? await ctx.routing.matrix(origins, view.hubs) : { km: [] as number[][] }
  const kmOf = new Map(origins.map((origin, i) => [origin.pincode, km[i]!]))
  return units.map((unit) => {
    const distances = unit.pickupPincode === null ? undefined : kmOf.get(unit.pickupPincode)
    const candidates: LocatedHub[] = []
    const refused: HubCandidate[] = []
    view.hubs.forEach((hub, i) => {
      const km = distances?.[i]
      const distanceKm = km === undefined ? null : roundedKm(km)
      const refusedBy = lacks(hub, unit)
      if (refusedBy !== null) {
        refused.push({
          hubId: hub.id,
          code: hub.code,
          distanceKm,
          costMinor: 0,
          freePlaces: hub.capacity - hub.usedCapacity,
          refusedBy,
        })
        return
      }
      const waitDays = (hub.usedCapacity * minutesPerOpenUnit) / hub.minutesPerDay
      candidates.push({
        hubId: hub.id,
        code: hub.code,
        distanceKm,
        costMinor: Math.round(
          costs.transportMinor(km ?? usualKm, unit.weightKg, unit.volumeLitres) +
            costs.waitingMinor(waitDays, unit.volumeLitres, unit.priceMinor),
        ),
        waitDays,
        minutesPerDay: hub.minutesPerDay,
        capabilities: hub.capabilities,
      })
    })
    candidates.sort((a, b) => a.costMinor - b.costMinor || (a.hubId < b.hubId ? -1 : 1))
    return { candidates, refused, isPlaceUnknown: unit.pickupPincode !== null && !kmOf.has(unit.pickupPincode) }
  })
}

/** `locateHubs` as an intake step. */
export async function locateIntakes(
  ctx: Pick<Context, 'geocoder' | 'routing' | 'reference'>,
  view: HubView,
  items: readonly Intake[],
): Promise<Outcome<LocatedIntake>[]> {
  const located = await locateHubs(ctx, view, items)
  return items.map((item, i) => accept({ ...item, located: located[i]! }))
}

/** Road km from each PIN code to each hub, in order; null where either is not known. */
export async function distancesTo(
  ctx: Pick<Context, 'geocoder' | 'routing'>,
  view: HubView,
  legs: readonly { readonly pincode: string | null; readonly hubId: string }[],
): Promise<(number | null)[]> {
  const known = legs.flatMap((leg) => leg.pincode ?? [])
  const places = new Map<string, { lat: number; lng: number }>()
  const located = await ctx.geocoder.locate(known)
  known.forEach((pincode, i) => {
    const place = located[i]
    if (place) places.set(pincode, place)
  })
  const hubs = new Map(view.hubs.map((hub) => [hub.id, hub]))
  const origins = [...places.values()]
  const targets = [...new Set(legs.map((leg) => leg.hubId))].flatMap((id) => hubs.get(id) ?? [])
  if (origins.length === 0 || targets.length === 0) return legs.map(() => null)
  const { km } = await ctx.routing.matrix(origins, targets)
  const row = new Map([...places.keys()].map((pincode, i) => [pincode, i]))
  const column = new Map(targets.map((hub, i) => [hub.id, i]))
  return legs.map(({ pincode, hubId }) => {
    const r = pincode === null ? undefined : row.get(pincode)
    const c = column.get(hubId)
    return r === undefined || c === undefined ? null : roundedKm(km[r]![c]!)
  })
}
