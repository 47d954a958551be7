import type {
  Disposition,
  Execution,
  Grade,
  OverrideReason,
  ReasonCluster,
  ReasonCode,
  ReturnType,
  Acceptance,
} from './codes.ts'
import type { EsgCredit } from './esg.ts'
import type { Appraisal, OutcomeFacts } from './outcomes.ts'
import type { PackedRecommendation } from './packed-recommendation.ts'
import type { HubCandidate, ValidationFinding } from './returns.ts'

/** Who caused an event: an id, never a name; and the network and kind of program that it came from. */
export type By = { readonly kind: 'user' | 'api_key' | 'system'; readonly id: string; readonly from?: string }

/** As much of somebody as the log keeps. */
export function byOf({ kind, id, from }: By): By {
  return from === undefined ? { kind, id } : { kind, id, from }
}

export type EventMeta = { readonly by: By; readonly requestId: string }

/** Payloads of the events of one return (`return-<id>`). Personal data only as ciphertext. */
export type ReturnEventData = {
  ReturnSubmitted: {
    readonly source: 'api' | 'file' | 'marketplace' | 'person' | 'demo'
    readonly clientId: string
    readonly clientRef: string
    readonly rmaNumber: string
    readonly lpn: string
    readonly workflowId: string
    readonly productId: string | null
    readonly sku: string | null
    readonly title: string
    readonly categoryId: string
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
    readonly saleChannel: string | null
    readonly pickupPincode: string | null
    readonly isOpened: boolean | null
    readonly parcelId: string | null
    readonly awb: string | null
    readonly serialNumber: string | null
    readonly personId: string | null
    readonly customerSealed: string | null
    /** Events of before these were told have neither. */
    readonly reasonCluster?: ReasonCluster | null
    readonly isCategoryInferred?: boolean
  }
  ReturnValidated: {
    readonly acceptance: Exclude<Acceptance, 'pending'>
    readonly findings: readonly ValidationFinding[]
  }
  DispositionRecommended: { readonly recommendationId: string; readonly body: PackedRecommendation }
  HubAssigned: {
    readonly hubId: string
    readonly distanceKm: number | null
    readonly costMinor: number
    readonly reason: string
    readonly candidates: readonly HubCandidate[]
    readonly reservedUntil: string | null
  }
  HubNotFound: { readonly reason: string; readonly candidates: readonly HubCandidate[] }
  ReservationLapsed: { readonly hubId: string }
  ReviewResolved: { readonly verdict: 'approve' | 'reject'; readonly noteSealed: string | null }
  ReturnReceived: {
    readonly hubId: string
    readonly distanceKm: number | null
    readonly locationCode: string | null
    readonly isDamagedOutside: boolean
  }
  QualityChecked: {
    readonly checkId: string
    readonly checkVersion: number
    readonly rubricId: string
    readonly rubricRevision: number
    readonly answers: Readonly<Record<string, string>>
    readonly findings: readonly string[]
    readonly accessories: readonly string[]
    readonly isSealed: boolean
    readonly grade: Grade
    readonly score: number
    readonly completeness: number | null
    readonly quarantine: 'hazard' | 'counterfeit' | 'wrong_item' | null
    readonly repairMinor: number
    readonly repairMinutes: number
    readonly isRepairable: boolean
    readonly weightGrams: number | null
    readonly photos: readonly { readonly fileId: string; readonly shot: string }[]
    /** Shots that the rubric asks for and nobody took. */
    readonly missingShots: readonly string[]
    readonly noteSealed: string | null
  }
  DispositionDecided: {
    readonly dispositionId: string
    readonly disposition: Disposition
    readonly channel: string
    readonly source: 'accepted' | 'overridden' | 'rule'
    readonly reasonCode: OverrideReason | null
    readonly noteSealed: string | null
    readonly recommendationId: string | null
    readonly expectedValueMinor: number | null
    /** Where the unit was put; events of before it was told have none. */
    readonly locationCode?: string | null
  }
  /** A planned decision is taken back: the unit waits for another one. */
  DecisionWithdrawn: { readonly dispositionId: string }
  DispositionExecuted: {
    readonly dispositionId: string
    readonly dispositionVersion: number
    readonly execution: Exclude<Execution, 'planned'>
    readonly blockedReason: string | null
    readonly realisedValueMinor: number | null
    readonly certificateRef: string | null
    readonly externalRef: string | null
    readonly outcome?: OutcomeFacts
  }
  EsgCredited: {
    readonly creditId: string
    readonly dispositionId: string
    readonly disposition: Disposition
    readonly credit: EsgCredit
  }
  LedgerPosted: {
    readonly tx: string
    readonly cause: 'refund_due' | 'refund_withdrawn' | 'recovery' | 'reversal'
    readonly entries: readonly { readonly account: string; readonly amountMinor: number }[]
  }
  FeedbackRecorded: {
    readonly feedbackId: string
    readonly recommendationId: string
    readonly kind: 'accepted' | 'overridden' | 'helpful' | 'not_helpful' | 'outcome' | 'appraisal'
    readonly disposition: Disposition | null
    readonly reasonCode: string | null
    readonly realisedValueMinor: number | null
    readonly outcome?: OutcomeFacts
    readonly appraisals?: readonly Appraisal[]
    readonly noteSealed: string | null
  }
  /** `reason` in clear only in events of before it was sealed. */
  ReturnCancelled: { readonly reason?: string; readonly noteSealed?: string | null }
  /** The person's key was destroyed before; this takes away what can't be read any more, and the photos. */
  CustomerErased: { readonly erasureId: string }
}

export type ReturnEventType = keyof ReturnEventData
export type ReturnEvent = {
  [T in ReturnEventType]: { readonly type: T; readonly data: ReturnEventData[T] & Partial<EventMeta> }
}[ReturnEventType]
