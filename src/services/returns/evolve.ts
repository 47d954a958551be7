import type { ReturnEvent } from '#contracts/events.ts'
import type { ReturnState } from './return-state.ts'

function withReviews(
  state: ReturnState,
  prefix: string,
  reasons: readonly string[],
): Pick<ReturnState, 'needsReview' | 'reviewReasons'> {
  const kept = state.reviewReasons.filter((reason) => !reason.startsWith(prefix))
  const reviewReasons = [...kept, ...reasons.map((reason) => prefix + reason)]
  return { needsReview: reviewReasons.length > 0, reviewReasons }
}

const noReviews = { needsReview: false, reviewReasons: [] } as const

/**
 * The state after one more event, pure. Replaying a stream from nothing gives the row of `return_items` again.
 * `at` is the event's instant as RFC 3339 text.
 */
export function evolve(before: ReturnState | null, id: string, event: ReturnEvent, at: string): ReturnState {
  if (event.type === 'ReturnSubmitted') return submitted(id, event.data, at)
  if (before === null) throw new Error(`stream return-${id} starts with ${event.type}`)
  const state: ReturnState = { ...before, version: before.version + 1, updatedAt: at }
  switch (event.type) {
    case 'ReturnValidated': {
      const { acceptance, findings } = event.data
      const reviews = findings.filter((f) => f.verdict === 'review').map((f) => f.rule)
      return {
        ...state,
        acceptance,
        stage: acceptance === 'rejected' ? 'rejected' : 'validated',
        ...withReviews(state, 'validation:', acceptance === 'manual_review' ? reviews : []),
      }
    }
    case 'DispositionRecommended': {
      const { body, recommendationId } = event.data
      return {
        ...state,
        stage: state.stage === 'validated' ? 'recommended' : state.stage,
        recommendationId,
        recommendedDisposition: body.disposition,
        recommendedChannel: body.channel,
        recommendedValueMinor: body.value.mean,
        recommendedConfidence: body.confidence,
        ...withReviews(state, 'decision:', body.needsReview ? body.reviewReasons : []),
      }
    }
    case 'HubAssigned':
      return {
        ...state,
        stage: state.stage === 'recommended' ? 'hub_assigned' : state.stage,
        hubId: event.data.hubId,
        hubDistanceKm: event.data.distanceKm,
        reservedUntil: event.data.reservedUntil,
        ...withReviews(state, 'hub:', []),
      }
    case 'HubNotFound':
      return {
        ...state,
        hubId: null,
        hubDistanceKm: null,
        reservedUntil: null,
        ...withReviews(state, 'hub:', [event.data.reason]),
      }
    case 'ReservationLapsed':
      return {
        ...state,
        stage: 'recommended',
        hubId: null,
        hubDistanceKm: null,
        reservedUntil: null,
        ...withReviews(state, 'hub:', ['reservation_lapsed']),
      }
    case 'ReviewResolved':
      if (event.data.verdict === 'approve') return { ...state, acceptance: 'accepted', ...noReviews }
      return {
        ...state,
        acceptance: 'rejected',
        stage: state.receivedAt === null ? 'rejected' : state.stage,
        reservedUntil: null,
        ...noReviews,
      }
    case 'ReturnReceived':
      return {
        ...state,
        stage: 'received',
        custody: event.data.locationCode === null ? 'received' : 'in_location',
        hubId: event.data.hubId,
        hubDistanceKm: event.data.hubId === state.hubId ? state.hubDistanceKm : event.data.distanceKm,
        locationCode: event.data.locationCode,
        reservedUntil: null,
        receivedAt: at,
        processedBy: actorId(event, state),
        ...withReviews(state, 'hub:', []),
      }
    case 'QualityChecked':
      return {
        ...state,
        stage: 'quality_check',
        grade: event.data.grade,
        qualityCheckId: event.data.checkId,
        checkedAt: at,
        processedBy: actorId(event, state),
        // A corrected check takes back a decision that was made on the wrong grade.
        dispositionId: null,
        disposition: null,
        dispositionChannel: null,
        expectedValueMinor: null,
        decidedAt: null,
        ...withReviews(state, 'quality:', [
          ...(event.data.quarantine === null ? [] : [event.data.quarantine]),
          ...(event.data.missingShots.length === 0 ? [] : ['photos_missing']),
        ]),
      }
    case 'DispositionDecided':
      return {
        ...state,
        stage: 'disposition',
        dispositionId: event.data.dispositionId,
        disposition: event.data.disposition,
        dispositionChannel: event.data.channel,
        expectedValueMinor: event.data.expectedValueMinor,
        realisedValueMinor: null,
        decidedAt: at,
        processedBy: actorId(event, state),
        ...placeAfter(state, event.data.locationCode ?? null),
        ...noReviews,
      }
    case 'DecisionWithdrawn':
      return {
        ...state,
        stage: 'quality_check',
        dispositionId: null,
        disposition: null,
        dispositionChannel: null,
        expectedValueMinor: null,
        decidedAt: null,
        processedBy: actorId(event, state),
      }
    case 'DispositionExecuted': {
      const done = event.data.execution === 'done'
      return {
        ...state,
        stage: done ? 'completed' : 'disposition',
        custody: done ? 'handed_over' : event.data.execution === 'reversed' ? 'in_location' : state.custody,
        realisedValueMinor: done ? event.data.realisedValueMinor : null,
        completedAt: done ? at : null,
        processedBy: actorId(event, state),
      }
    }
    case 'LedgerPosted': {
      if (event.data.cause !== 'refund_due' && event.data.cause !== 'refund_withdrawn') return state
      const owed = event.data.entries.reduce(
        (sum, e) => (e.account === 'refunds_payable' ? sum - e.amountMinor : sum),
        0,
      )
      const moneyState = event.data.cause === 'refund_due' ? 'due' : 'previewed'
      return { ...state, moneyState, refundMinor: state.refundMinor + owed }
    }
    case 'ReturnCancelled':
      return {
        ...state,
        stage: 'cancelled',
        custody: 'not_returned',
        moneyState: 'none',
        reservedUntil: null,
        ...noReviews,
      }
    case 'CustomerErased':
      return { ...state, personId: null, customerSealed: null }
    case 'EsgCredited':
    case 'FeedbackRecorded':
      return state
    default:
      return event satisfies never
  }
}

function placeAfter(state: ReturnState, locationCode: string | null): Pick<ReturnState, 'locationCode' | 'custody'> {
  return locationCode === null
    ? { locationCode: state.locationCode, custody: state.custody }
    : { locationCode, custody: 'in_location' }
}

function actorId(event: ReturnEvent, state: ReturnState): string | null {
  return event.data.by?.kind === 'user' ? event.data.by.id : state.processedBy
}

function submitted(
  id: string,
  data: Extract<ReturnEvent, { type: 'ReturnSubmitted' }>['data'],
  at: string,
): ReturnState {
  return {
    id,
    clientId: data.clientId,
    clientRef: data.clientRef,
    rmaNumber: data.rmaNumber,
    lpn: data.lpn,
    source: data.source,
    productId: data.productId,
    sku: data.sku,
    title: data.title,
    categoryId: data.categoryId,
    isCategoryInferred: data.isCategoryInferred ?? false,
    currency: data.currency,
    priceMinor: data.priceMinor,
    mrpMinor: data.mrpMinor,
    orderRef: data.orderRef,
    orderLineRef: data.orderLineRef,
    orderedAt: data.orderedAt,
    deliveredAt: data.deliveredAt,
    requestedAt: data.requestedAt,
    returnType: data.returnType,
    reasonCode: data.reasonCode,
    reasonCluster: data.reasonCluster ?? null,
    saleChannel: data.saleChannel,
    pickupPincode: data.pickupPincode,
    isOpened: data.isOpened,
    parcelId: data.parcelId,
    awb: data.awb,
    serialNumber: data.serialNumber,
    personId: data.personId,
    customerSealed: data.customerSealed,
    stage: 'submitted',
    custody: data.awb === null ? 'advised' : 'in_transit',
    acceptance: 'pending',
    moneyState: data.priceMinor !== null && data.returnType === 'customer_return' ? 'previewed' : 'none',
    ...noReviews,
    hubId: null,
    hubDistanceKm: null,
    reservedUntil: null,
    locationCode: null,
    grade: null,
    qualityCheckId: null,
    recommendationId: null,
    recommendedDisposition: null,
    recommendedChannel: null,
    recommendedValueMinor: null,
    recommendedConfidence: null,
    dispositionId: null,
    disposition: null,
    dispositionChannel: null,
    expectedValueMinor: null,
    realisedValueMinor: null,
    refundMinor: 0,
    processedBy: null,
    receivedAt: null,
    checkedAt: null,
    decidedAt: null,
    completedAt: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
}
