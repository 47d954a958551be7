import type { ReturnEvent, ReturnEventData } from '#contracts/events.ts'
import { personViewOf } from '#contracts/person-view.ts'
import { noCancelReason } from '#contracts/return-steps.ts'
import type { TimelineEntry } from '#contracts/returns.ts'
import { noteKeyId, notePlace } from '#contracts/sealed.ts'
import type { Actor, Context } from '#context.ts'
import type { StoredEvent } from '#platform/events/port.ts'
import { evolve } from './evolve.ts'
import { readVisible } from './read-returns.ts'
import type { ReturnState } from './return-state.ts'

/** Fields that say nothing to a reader or that no timeline may show. */
const silent = new Set<keyof ReturnState>([
  'version',
  'updatedAt',
  'customerSealed',
  'personId',
  'id',
  'createdAt',
  'recommendationId',
  'dispositionId',
  'qualityCheckId',
])

/** What happened to one return, newest first: each event with what it changed, by whom and in which request. */
export async function readTimeline(
  ctx: Pick<Context, 'db' | 'events' | 'secrets'>,
  actor: Actor,
  id: string,
): Promise<Omit<TimelineEntry, 'byName'>[]> {
  await readVisible(ctx, actor, id)
  const events = await ctx.events.readStream(`return-${id}`)
  let state: ReturnState | null = null
  const entries: Omit<TimelineEntry, 'byName'>[] = []
  const reason = await cancelReason(ctx, actor, id, events)
  for (const stored of events) {
    const event = { type: stored.type, data: stored.data } as unknown as ReturnEvent
    const before: ReturnState | null = state
    const at = stored.at.toISOString()
    const after: ReturnState = evolve(before, id, event, at)
    state = after
    entries.push({
      seq: stored.seq,
      version: stored.version,
      type: stored.type,
      at,
      by: event.data.by?.id ?? null,
      byKind: event.data.by?.kind ?? null,
      requestId: event.data.requestId ?? null,
      summary: summaryOf(event, reason),
      changes: before === null ? [] : changesBetween(before, after),
    })
  }
  return entries.toReversed()
}

/** Why it was cancelled, in the words of then; null where nobody said, or the reader may not know. A unit is cancelled once. */
async function cancelReason(
  ctx: Pick<Context, 'secrets'>,
  actor: Actor,
  id: string,
  events: readonly StoredEvent[],
): Promise<string | null> {
  const cancelled = events.find((event) => event.type === 'ReturnCancelled')
  const sealed = (cancelled?.data as ReturnEventData['ReturnCancelled'] | undefined)?.noteSealed ?? null
  if (sealed === null || personViewOf(actor) === 'none') return null
  const [plain] = await ctx.secrets.open([{ personId: noteKeyId(id), sealed, place: notePlace(id, 'cancellation') }])
  return plain ?? null
}

function changesBetween(before: ReturnState, after: ReturnState): TimelineEntry['changes'] {
  const changes: TimelineEntry['changes'] = []
  for (const key of Object.keys(after) as (keyof ReturnState)[]) {
    if (silent.has(key)) continue
    const [from, to] = [before[key], after[key]]
    if (from !== to && JSON.stringify(from) !== JSON.stringify(to)) changes.push({ field: key, from, to })
  }
  return changes
}

function summaryOf(event: ReturnEvent, cancelled: string | null): string {
  switch (event.type) {
    case 'ReturnSubmitted':
      return `submitted (${event.data.returnType}, ${event.data.reasonCode})`
    case 'ReturnValidated':
      return event.data.findings.length === 0
        ? event.data.acceptance
        : `${event.data.acceptance}: ${event.data.findings.map((f) => f.detail).join('; ')}`
    case 'DispositionRecommended':
      return `recommended ${event.data.body.disposition} by ${event.data.body.channel} (${event.data.body.point}, ${event.data.body.level})`
    case 'HubAssigned':
      return `assigned to a hub: ${event.data.reason}`
    case 'HubNotFound':
      return `no hub: ${event.data.reason}`
    case 'ReservationLapsed':
      return 'reservation lapsed: it did not arrive'
    case 'ReviewResolved':
      return `review: ${event.data.verdict}`
    case 'ReturnReceived':
      return event.data.locationCode === null ? 'received' : `received at ${event.data.locationCode}`
    case 'QualityChecked':
      return `${event.data.checkVersion === 1 ? 'checked' : 'check corrected'}: grade ${event.data.grade}`
    case 'DispositionDecided':
      return `${event.data.source}: ${event.data.disposition} by ${event.data.channel}`
    case 'DecisionWithdrawn':
      return 'decision taken back'
    case 'DispositionExecuted':
      return `disposition ${event.data.execution}`
    case 'EsgCredited':
      return 'carbon and landfill credited'
    case 'LedgerPosted':
      return `ledger: ${event.data.cause}`
    case 'FeedbackRecorded':
      return `feedback: ${event.data.kind}`
    case 'ReturnCancelled':
      return `cancelled: ${event.data.reason ?? cancelled ?? noCancelReason}`
    case 'CustomerErased':
      return 'personal data erased'
    default:
      return event satisfies never
  }
}
