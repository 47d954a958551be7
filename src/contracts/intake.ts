import type { Acceptance, ReasonCluster, ReasonCode, ReturnType } from './codes.ts'
import type { By } from './events.ts'
import type { DecisionBasis } from './decision-basis.ts'
import type { RecommendationBody } from './recommendations.ts'
import type { HubCandidate, ValidationFinding } from './returns.ts'

/** One unit on its way through the intake steps: what the validation made of the request. */
export type Intake = {
  readonly by: By
  readonly requestId: string
  /** The row of an earlier submission with the same client reference; the other steps leave it alone. */
  readonly known: { readonly id: string } | null
  readonly id: string
  readonly source: 'api' | 'file' | 'marketplace' | 'person' | 'demo'
  readonly clientId: string
  readonly clientRef: string
  readonly rmaNumber: string
  readonly lpn: string
  readonly productId: string | null
  readonly sku: string | null
  readonly title: string
  readonly categoryId: string
  /** It is the guess of the product that it is one of. */
  readonly isCategoryInferred: boolean
  readonly currency: string
  readonly priceMinor: number | null
  readonly mrpMinor: number | null
  readonly costMinor: number | null
  readonly orderRef: string | null
  readonly orderLineRef: string | null
  readonly orderedAt: string | null
  readonly deliveredAt: string | null
  readonly requestedAt: string
  readonly returnType: ReturnType
  readonly reasonCode: ReasonCode
  /** What the customer's words are about; null without words, or where they do not tell. */
  readonly reasonCluster: ReasonCluster | null
  readonly saleChannel: string | null
  readonly pickupPincode: string | null
  readonly isOpened: boolean | null
  readonly parcelId: string | null
  readonly awb: string | null
  readonly serialNumber: string | null
  readonly personId: string | null
  readonly customerSealed: string | null
  readonly acceptance: Exclude<Acceptance, 'pending'>
  readonly findings: readonly ValidationFinding[]
  readonly product: ProductFacts
  /** Needed of the hub that takes it, e.g. `battery`. */
  readonly needs: readonly string[]
  readonly weightKg: number
  readonly volumeLitres: number
  readonly processingMinutes: number
}

/** What the catalogue knows of a unit's product; null where nobody said. */
export type ProductFacts = {
  readonly brandTier: 'premium' | 'mid' | 'budget' | 'unbranded'
  readonly weightKg: number | null
  readonly volumeLitres: number | null
  readonly launchedAtMs: number | null
  readonly isRecalled: boolean
  readonly isHazmat: boolean
  readonly hasBattery: boolean | null
  readonly isDataBearing: boolean | null
  readonly hasBrandRestriction: boolean
  readonly isVendorReturnable: boolean
}

/** Capable hubs of one unit, cheapest first, before places are counted. */
export type Located = {
  readonly candidates: readonly LocatedHub[]
  readonly refused: readonly HubCandidate[]
  /** It names a PIN code that nobody knows. */
  readonly isPlaceUnknown: boolean
}
export type LocatedHub = {
  readonly hubId: string
  readonly code: string
  /** Null when the place of pickup is not known. */
  readonly distanceKm: number | null
  readonly costMinor: number
  readonly waitDays: number
  readonly minutesPerDay: number
  readonly capabilities: readonly string[]
}

export type LocatedIntake = Intake & { readonly located: Located }
export type RecommendedIntake = LocatedIntake & {
  readonly recommendation: RecommendationBody | null
  readonly basis: DecisionBasis | null
}
export type HubChoice =
  | {
      readonly kind: 'assigned'
      readonly hub: LocatedHub
      readonly reason: string
      readonly candidates: readonly HubCandidate[]
    }
  | { readonly kind: 'none'; readonly reason: string; readonly candidates: readonly HubCandidate[] }
export type AssignedIntake = RecommendedIntake & { readonly choice: HubChoice | null }
