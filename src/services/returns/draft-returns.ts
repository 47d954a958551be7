import type { AssignedIntake } from '#contracts/intake.ts'
import type { EventMeta, ReturnEvent } from '#contracts/events.ts'
import { packRecommendation } from '#contracts/packed-recommendation.ts'
import type { ReturnReceipt } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, type Outcome } from '#kernel/outcome.ts'
import { evolve } from './evolve.ts'
import type { ReturnState } from './return-state.ts'
import type { ReturnChange } from './rows.ts'
import { readKnownReceipts } from './receipt-store.ts'

/** A reservation lapses when the unit has not arrived 48 h after its planned arrival; without a plan, ten days from now. */
const plannedArrivalMs = 8 * 86_400_000
const graceMs = 2 * 86_400_000

export function reservedUntil(nowMs: number): string {
  return new Date(nowMs + plannedArrivalMs + graceMs).toISOString()
}

/** Applies events to a state and tells both ends: what a command will have written. */
export function changeOf(
  before: ReturnState | null,
  id: string,
  events: readonly ReturnEvent[],
  at: string,
): ReturnChange {
  let state = before
  for (const event of events) state = evolve(state, id, event, at)
  if (state === null) throw new Error(`no event for return ${id}`)
  return { before, after: state, events }
}

type ReturnDraft = { readonly change: ReturnChange | null; readonly answer: ReturnReceipt; readonly resourceId: string }

/** Puts the events of each unit together. Units known before are answered as they stand now. */
export async function draftReturns(
  ctx: Pick<Context, 'db'>,
  items: readonly AssignedIntake[],
  at: Date,
): Promise<Outcome<ReturnDraft>[]> {
  const known = await readKnownReceipts(
    ctx.db,
    items.flatMap((item) => item.known?.id ?? []),
  )
  const nowMs = at.getTime()
  return items.map((item) => {
    if (item.known !== null) {
      return accept({ change: null, answer: known.get(item.known.id)!, resourceId: item.known.id })
    }
    const recommendationId = uuidv7(nowMs)
    const change = changeOf(null, item.id, eventsOf(item, recommendationId, nowMs), at.toISOString())
    return accept({ change, answer: receiptOf(item, change.after, recommendationId), resourceId: item.id })
  })
}

function eventsOf(item: AssignedIntake, recommendationId: string, nowMs: number): ReturnEvent[] {
  const meta: EventMeta = { by: item.by, requestId: item.requestId }
  const events: ReturnEvent[] = [
    {
      type: 'ReturnSubmitted',
      data: {
        ...meta,
        source: item.source,
        clientId: item.clientId,
        clientRef: item.clientRef,
        rmaNumber: item.rmaNumber,
        lpn: item.lpn,
        workflowId: uuidv7(nowMs),
        productId: item.productId,
        sku: item.sku,
        title: item.title,
        categoryId: item.categoryId,
        isCategoryInferred: item.isCategoryInferred,
        currency: item.currency,
        priceMinor: item.priceMinor,
        mrpMinor: item.mrpMinor,
        orderRef: item.orderRef,
        orderLineRef: item.orderLineRef,
        orderedAt: item.orderedAt,
        deliveredAt: item.deliveredAt,
        requestedAt: item.requestedAt,
        returnType: item.returnType,
        reasonCode: item.reasonCode,
        reasonCluster: item.reasonCluster,
        saleChannel: item.saleChannel,
        pickupPincode: item.pickupPincode,
        isOpened: item.isOpened,
        parcelId: item.parcelId,
        awb: item.awb,
        serialNumber: item.serialNumber,
        personId: item.personId,
        customerSealed: item.customerSealed,
      },
    },
    { type: 'ReturnValidated', data: { ...meta, acceptance: item.acceptance, findings: item.findings } },
  ]
  if (item.recommendation !== null) {
    events.push({
      type: 'DispositionRecommended',
      data: { ...meta, recommendationId, body: packRecommendation(item.recommendation, item.basis) },
    })
  }
  const { choice } = item
  if (choice?.kind === 'assigned') {
    events.push({
      type: 'HubAssigned',
      data: {
        ...meta,
        hubId: choice.hub.hubId,
        distanceKm: choice.hub.distanceKm,
        costMinor: choice.hub.costMinor,
        reason: choice.reason,
        candidates: choice.candidates,
        reservedUntil: reservedUntil(nowMs),
      },
    })
  } else if (choice?.kind === 'none') {
    events.push({ type: 'HubNotFound', data: { ...meta, reason: choice.reason, candidates: choice.candidates } })
  }
  return events
}

function receiptOf(item: AssignedIntake, state: ReturnState, recommendationId: string): ReturnReceipt {
  const body = item.recommendation
  return {
    id: state.id,
    clientRef: state.clientRef,
    rmaNumber: state.rmaNumber,
    lpn: state.lpn,
    stage: state.stage,
    acceptance: state.acceptance,
    needsReview: state.needsReview,
    reviewReasons: [...state.reviewReasons],
    validation: [...item.findings],
    recommendation:
      body === null
        ? null
        : {
            id: recommendationId,
            disposition: body.disposition,
            channel: body.channel,
            value: body.value,
            currency: body.currency,
            confidence: body.confidence,
            level: body.level,
            modelVersion: body.modelVersion,
          },
    hub:
      item.choice?.kind === 'assigned'
        ? { id: item.choice.hub.hubId, code: item.choice.hub.code, distanceKm: state.hubDistanceKm }
        : null,
    version: state.version,
    repeated: false,
  }
}
