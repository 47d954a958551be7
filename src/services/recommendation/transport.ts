import type { DecisionData } from '#contracts/decision.ts'

type Transport = DecisionData['transport']

/** Tariff of one parcel in minor units of INR: the cheapest service for this mass and distance. */
export function parcelCost(transport: Transport, chargeableKg: number, km: number): number {
  let cheapest = Number.POSITIVE_INFINITY
  for (const service of transport.services) {
    const zones = service.zones
    let z = 0
    while (z < zones.length - 1 && km > (zones[z]!.upToKm ?? Number.POSITIVE_INFINITY)) z++
    const steps = Math.max(0, Math.ceil((chargeableKg - service.firstKg) / service.stepKg - 1e-9))
    const cost = zones[z]!.firstMinor + steps * zones[z]!.stepMinor
    if (cost < cheapest) cheapest = cost
  }
  return cheapest
}

/** A unit's share of a lot that goes by lorry, by its actual mass. */
export function lotCost(transport: Transport, kg: number, km: number): number {
  return kg * (transport.lot.perKgMinor + transport.lot.perKgKmMinor * km)
}

/** kg CO2e of carrying `kg` over `km`: a van on the first kilometres, a lorry on the rest. */
export function carriageEmission(emissions: DecisionData['emissions'], kg: number, km: number): number {
  const vanKm = Math.min(km, emissions.vanKm)
  return (kg / 1000) * (vanKm * emissions.van.kgPerUnit + (km - vanKm) * emissions.lorry.kgPerUnit)
}
