import type { ReturnEvent } from '#contracts/events.ts'
import { columnsOf } from '#kernel/columns.ts'

/** What the key figures need of one unit: the row of `kpi_units`. Instants are RFC 3339 text. */
export type KpiUnit = {
  readonly returnId: string
  readonly clientId: string
  readonly hubId: string | null
  readonly categoryId: string
  readonly saleChannel: string | null
  readonly returnType: string
  readonly reasonCode: string
  readonly currency: string
  readonly priceMinor: number | null
  readonly submittedAt: string
  readonly receivedAt: string | null
  readonly checkedAt: string | null
  readonly decidedAt: string | null
  readonly completedAt: string | null
  readonly cancelledAt: string | null
  readonly rejectedAt: string | null
  readonly refundedAt: string | null
  readonly wasReviewed: boolean
  readonly disposition: string | null
  readonly decisionSource: string | null
  readonly realisedValueMinor: number | null
  readonly refundMinor: number
  readonly massGrams: number | null
  readonly divertedGrams: number | null
}

export const unitColumns = columnsOf<KpiUnit>([
  'returnId',
  'clientId',
  'hubId',
  'categoryId',
  'saleChannel',
  'returnType',
  'reasonCode',
  'currency',
  'priceMinor',
  'submittedAt',
  'receivedAt',
  'checkedAt',
  'decidedAt',
  'completedAt',
  'cancelledAt',
  'rejectedAt',
  'refundedAt',
  'wasReviewed',
  'disposition',
  'decisionSource',
  'realisedValueMinor',
  'refundMinor',
  'massGrams',
  'divertedGrams',
])

/** The unit after one more of its events, pure. Figures are of the unit as it stands: a reversal takes back what it undoes. */
export function countEvent(unit: KpiUnit | null, returnId: string, event: ReturnEvent, at: string): KpiUnit {
  if (event.type === 'ReturnSubmitted') return submitted(returnId, event.data, at)
  if (unit === null) throw new Error(`the log of return ${returnId} begins with ${event.type}`)
  switch (event.type) {
    case 'ReturnValidated':
      return {
        ...unit,
        rejectedAt: event.data.acceptance === 'rejected' ? at : unit.rejectedAt,
        wasReviewed: unit.wasReviewed || event.data.acceptance === 'manual_review',
      }
    case 'DispositionRecommended':
      return { ...unit, wasReviewed: unit.wasReviewed || event.data.body.needsReview }
    case 'HubAssigned':
      return { ...unit, hubId: event.data.hubId }
    case 'HubNotFound':
    case 'ReservationLapsed':
      return { ...unit, hubId: null, wasReviewed: true }
    case 'ReviewResolved':
      // A unit in our hands stays open when its review says no: it needs a disposition.
      return { ...unit, rejectedAt: event.data.verdict === 'reject' && unit.receivedAt === null ? at : unit.rejectedAt }
    case 'ReturnReceived':
      return { ...unit, hubId: event.data.hubId, receivedAt: at }
    case 'QualityChecked':
      return {
        ...unit,
        checkedAt: at,
        decidedAt: null,
        disposition: null,
        decisionSource: null,
        wasReviewed: unit.wasReviewed || event.data.quarantine !== null || event.data.missingShots.length > 0,
      }
    case 'DispositionDecided':
      return {
        ...unit,
        decidedAt: at,
        disposition: event.data.disposition,
        decisionSource: event.data.source,
        realisedValueMinor: null,
      }
    case 'DecisionWithdrawn':
      return { ...unit, decidedAt: null, disposition: null, decisionSource: null }
    case 'DispositionExecuted': {
      const isDone = event.data.execution === 'done'
      const isReversed = event.data.execution === 'reversed'
      return {
        ...unit,
        completedAt: isDone ? at : null,
        realisedValueMinor: isDone ? event.data.realisedValueMinor : null,
        massGrams: isReversed ? null : unit.massGrams,
        divertedGrams: isReversed ? null : unit.divertedGrams,
      }
    }
    case 'EsgCredited':
      return { ...unit, massGrams: event.data.credit.massGrams, divertedGrams: event.data.credit.divertedGrams }
    case 'LedgerPosted': {
      const { cause } = event.data
      if (cause !== 'refund_due' && cause !== 'refund_withdrawn') return unit
      const owed = event.data.entries.reduce(
        (sum, entry) => (entry.account === 'refunds_payable' ? sum - entry.amountMinor : sum),
        0,
      )
      return { ...unit, refundedAt: cause === 'refund_due' ? at : null, refundMinor: unit.refundMinor + owed }
    }
    case 'ReturnCancelled':
      return { ...unit, cancelledAt: at }
    case 'CustomerErased':
    case 'FeedbackRecorded':
      return unit
    default:
      return event satisfies never
  }
}

function submitted(
  returnId: string,
  data: Extract<ReturnEvent, { type: 'ReturnSubmitted' }>['data'],
  at: string,
): KpiUnit {
  return {
    returnId,
    clientId: data.clientId,
    hubId: null,
    categoryId: data.categoryId,
    saleChannel: data.saleChannel,
    returnType: data.returnType,
    reasonCode: data.reasonCode,
    currency: data.currency,
    priceMinor: data.priceMinor,
    submittedAt: at,
    receivedAt: null,
    checkedAt: null,
    decidedAt: null,
    completedAt: null,
    cancelledAt: null,
    rejectedAt: null,
    refundedAt: null,
    wasReviewed: false,
    disposition: null,
    decisionSource: null,
    realisedValueMinor: null,
    refundMinor: 0,
    massGrams: null,
    divertedGrams: null,
  }
}
