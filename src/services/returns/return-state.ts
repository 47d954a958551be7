import type {
  Acceptance,
  Custody,
  Disposition,
  Grade,
  MoneyState,
  ReasonCluster,
  ReasonCode,
  ReturnType,
  Stage,
} from '#contracts/codes.ts'
import { columnsOf } from '#kernel/columns.ts'

export type ReturnSource = 'api' | 'file' | 'marketplace' | 'person' | 'demo'

/** Where one unit stands: the row of `return_items`. Instants are RFC 3339 text, money is whole minor units. */
export type ReturnState = {
  readonly id: string
  readonly clientId: string
  readonly clientRef: string
  readonly rmaNumber: string
  readonly lpn: string
  readonly source: ReturnSource
  readonly productId: string | null
  readonly sku: string | null
  readonly title: string
  readonly categoryId: string
  readonly isCategoryInferred: boolean
  readonly currency: string
  readonly priceMinor: number | null
  readonly mrpMinor: number | null
  readonly orderRef: string | null
  readonly orderLineRef: string | null
  readonly orderedAt: string | null
  readonly deliveredAt: string | null
  readonly requestedAt: string
  readonly returnType: ReturnType
  readonly reasonCode: ReasonCode
  readonly reasonCluster: ReasonCluster | null
  readonly saleChannel: string | null
  readonly pickupPincode: string | null
  readonly isOpened: boolean | null
  readonly parcelId: string | null
  readonly awb: string | null
  readonly serialNumber: string | null
  readonly personId: string | null
  readonly customerSealed: string | null
  readonly stage: Stage
  readonly custody: Custody
  readonly acceptance: Acceptance
  readonly moneyState: MoneyState
  readonly needsReview: boolean
  readonly reviewReasons: readonly string[]
  readonly hubId: string | null
  readonly hubDistanceKm: number | null
  readonly reservedUntil: string | null
  readonly locationCode: string | null
  readonly grade: Grade | null
  readonly qualityCheckId: string | null
  readonly recommendationId: string | null
  readonly recommendedDisposition: Disposition | null
  readonly recommendedChannel: string | null
  readonly recommendedValueMinor: number | null
  readonly recommendedConfidence: number | null
  readonly dispositionId: string | null
  readonly disposition: Disposition | null
  readonly dispositionChannel: string | null
  readonly expectedValueMinor: number | null
  readonly realisedValueMinor: number | null
  readonly refundMinor: number
  readonly processedBy: string | null
  readonly receivedAt: string | null
  readonly checkedAt: string | null
  readonly decidedAt: string | null
  readonly completedAt: string | null
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

export const returnColumns = columnsOf<ReturnState>([
  'id',
  'clientId',
  'clientRef',
  'rmaNumber',
  'lpn',
  'source',
  'productId',
  'sku',
  'title',
  'categoryId',
  'isCategoryInferred',
  'currency',
  'priceMinor',
  'mrpMinor',
  'orderRef',
  'orderLineRef',
  'orderedAt',
  'deliveredAt',
  'requestedAt',
  'returnType',
  'reasonCode',
  'reasonCluster',
  'saleChannel',
  'pickupPincode',
  'isOpened',
  'parcelId',
  'awb',
  'serialNumber',
  'personId',
  'customerSealed',
  'stage',
  'custody',
  'acceptance',
  'moneyState',
  'needsReview',
  'reviewReasons',
  'hubId',
  'hubDistanceKm',
  'reservedUntil',
  'locationCode',
  'grade',
  'qualityCheckId',
  'recommendationId',
  'recommendedDisposition',
  'recommendedChannel',
  'recommendedValueMinor',
  'recommendedConfidence',
  'dispositionId',
  'disposition',
  'dispositionChannel',
  'expectedValueMinor',
  'realisedValueMinor',
  'refundMinor',
  'processedBy',
  'receivedAt',
  'checkedAt',
  'decidedAt',
  'completedAt',
  'version',
  'createdAt',
  'updatedAt',
])

/** Stages that hold no place at a hub. */
const closedStages: readonly Stage[] = ['completed', 'rejected', 'cancelled']

export function isOpen(state: Pick<ReturnState, 'stage'>): boolean {
  return !closedStages.includes(state.stage)
}

/** The hub whose place this unit holds, or null. The counter of `hub_capacity` is the number of units that name a hub here. */
export function occupiedHub(state: ReturnState | null): string | null {
  return state !== null && isOpen(state) ? state.hubId : null
}

/** Goods in our hands. */
export function isInCustody(state: ReturnState): boolean {
  return state.receivedAt !== null
}
