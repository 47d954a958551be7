import type { DecisionData } from '#contracts/decision.ts'

type Tariffs = Pick<DecisionData, 'transport' | 'fees' | 'policy'>

/** What moving and waiting cost, from the dated tables of `data/decision`. All amounts are INR minor units. */
export type HubCosts = {
  /** Inbound parcel of one unit by the cheapest service: the greater of mass and volumetric mass counts. */
  readonly transportMinor: (km: number, weightKg: number, volumeLitres: number) => number
  /** Storage and capital cost of waiting in the hub's queue (decision-model 4: hold and kappa). */
  readonly waitingMinor: (days: number, volumeLitres: number, valueMinor: number | null) => number
}

export function hubCosts({ transport, fees, policy }: Tariffs): HubCosts {
  const hold = policy.parameters.holdPerLitreDayMinor.value
  const kappa = policy.parameters.kappaPerDay.value
  return {
    transportMinor: (km, weightKg, volumeLitres) => {
      const chargeableKg = Math.max(weightKg, volumeLitres / fees.litresPerVolumetricKg)
      let cheapest = Infinity
      for (const service of transport.services) {
        const zone = service.zones.find((z) => z.upToKm === null || km <= z.upToKm)
        if (!zone) continue
        const steps = Math.max(0, Math.ceil((chargeableKg - service.firstKg) / service.stepKg))
        cheapest = Math.min(cheapest, zone.firstMinor + steps * zone.stepMinor)
      }
      if (!Number.isFinite(cheapest)) throw new Error(`no transport service reaches ${km} km`)
      return cheapest
    },
    waitingMinor: (days, volumeLitres, valueMinor) => days * (hold * volumeLitres + kappa * (valueMinor ?? 0)),
  }
}
