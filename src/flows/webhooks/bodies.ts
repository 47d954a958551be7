import type { ReturnEventData } from '#contracts/events.ts'
import { webhookTypeOf, type ToldEvent } from '#contracts/webhooks.ts'
import type { StoredEvent } from '#platform/events/port.ts'
import type { ReturnHead } from '#services/returns/index.ts'

/**
 * What each event tells besides the return itself: ids, codes and numbers, named one by one. Nothing of a person and no
 * free text ever leaves this way, sealed or not.
 */
const told: { readonly [T in ToldEvent]: readonly (keyof ReturnEventData[T])[] } = {
  ReturnSubmitted: ['returnType', 'reasonCode', 'categoryId'],
  ReturnValidated: ['acceptance'],
  DispositionRecommended: ['recommendationId'],
  HubAssigned: ['hubId', 'reservedUntil'],
  HubNotFound: [],
  ReservationLapsed: ['hubId'],
  ReviewResolved: ['verdict'],
  ReturnReceived: ['hubId', 'isDamagedOutside'],
  QualityChecked: ['checkId', 'checkVersion', 'grade', 'quarantine'],
  DispositionDecided: ['dispositionId', 'disposition', 'channel', 'source'],
  DecisionWithdrawn: ['dispositionId'],
  DispositionExecuted: ['dispositionId', 'dispositionVersion', 'execution', 'realisedValueMinor'],
  EsgCredited: ['creditId', 'dispositionId', 'disposition'],
  ReturnCancelled: [],
}

export function isTold(event: Pick<StoredEvent, 'stream' | 'type'>): boolean {
  return event.type in told && event.stream.startsWith('return-')
}

export function webhookTypeOfEvent(event: Pick<StoredEvent, 'type'>): string {
  return webhookTypeOf[event.type as ToldEvent]
}

/** The text that is signed and sent. `sequence` grows over all of them, `version` over those of one return. */
export function bodyOf(event: StoredEvent, head: ReturnHead): string {
  const type = event.type as ToldEvent
  const names: readonly string[] = told[type]
  return JSON.stringify({
    type: webhookTypeOf[type],
    timestamp: event.at.toISOString(),
    data: {
      returnId: head.id,
      clientId: head.clientId,
      clientRef: head.clientRef,
      rmaNumber: head.rmaNumber,
      lpn: head.lpn,
      sequence: event.seq,
      version: event.version,
      ...Object.fromEntries(names.map((name) => [name, event.data[name] ?? null])),
    },
  })
}
