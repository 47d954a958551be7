import type { Disposition, Execution } from '#contracts/codes.ts'
import type { ReturnEvent } from '#contracts/events.ts'
import { dueAt } from './lifecycle.ts'
import type { ReturnState } from './return-state.ts'
import type { ExecutionChange } from './store.ts'

export type WorkflowRow = {
  readonly id: string
  readonly return_id: string
  readonly stage: string
  readonly needs_review: boolean
  readonly stage_entered_at: string
  readonly due_at: string | null
  readonly updated_at: string
}
export type ParcelRow = {
  readonly id: string
  readonly client_id: string
  readonly awb: string
  readonly created_at: string
  readonly received_at: string | null
  readonly received_hub_id: string | null
}
export type IdentifierRow = { readonly returnId: string; readonly kind: string; readonly value: string }
export type DispositionRow = {
  readonly id: string
  readonly returnId: string
  readonly isCurrent: boolean
  readonly disposition: Disposition
  readonly channel: string
  readonly source: 'accepted' | 'overridden' | 'rule'
  readonly reasonCode: string | null
  readonly recommendationId: string | null
  readonly execution: Execution
  readonly blockedReason: string | null
  readonly currency: string
  readonly expectedValueMinor: number | null
  readonly realisedValueMinor: number | null
  readonly certificateRef: string | null
  readonly externalRef: string | null
  readonly decidedBy: string
  readonly decidedAt: string
  readonly executedBy: string | null
  readonly executedAt: string | null
  readonly version: number
  readonly updatedAt: string
}
export type LedgerRow = {
  readonly tx: string
  readonly line: number
  readonly return_id: string
  readonly account: string
  readonly currency: string
  readonly amount_minor: number
  readonly at: string
}

/** What one unit went through in one transaction: its state before and after, and the events between. */
export type ReturnChange = {
  readonly before: ReturnState | null
  readonly after: ReturnState
  readonly events: readonly ReturnEvent[]
}

/** Read rows of this service that a batch of changes asks for. `at` is the instant of its events. */
export type ReturnRows = {
  readonly parcels: readonly ParcelRow[]
  readonly inserted: readonly ReturnState[]
  readonly updated: readonly ReturnState[]
  readonly workflows: readonly WorkflowRow[]
  readonly identifiers: readonly IdentifierRow[]
  readonly dispositions: readonly DispositionRow[]
  /** Returns whose decision was taken back. */
  readonly undecided: readonly string[]
  readonly executions: readonly ExecutionChange[]
  readonly ledger: readonly LedgerRow[]
}

export function rowsOf(changes: readonly ReturnChange[], at: string): ReturnRows {
  const parcels = new Map<string, ParcelRow>()
  const identifiers: IdentifierRow[] = []
  const dispositions: DispositionRow[] = []
  const executions: ExecutionChange[] = []
  const ledger: LedgerRow[] = []
  for (const { before, after, events } of changes) {
    for (const event of events) {
      switch (event.type) {
        case 'ReturnSubmitted':
          identifiers.push(...identifiersOf(after))
          if (after.parcelId !== null)
            parcels.set(after.parcelId, parcelRow(after, parcels.get(after.parcelId), at, null))
          break
        case 'ReturnReceived':
          if (after.parcelId !== null) {
            parcels.set(after.parcelId, parcelRow(after, parcels.get(after.parcelId), at, event.data.hubId))
          }
          break
        case 'DispositionDecided':
          dispositions.push(dispositionRow(after, event.data, event.data.by?.id ?? 'system', at))
          break
        case 'DispositionExecuted':
          executions.push({
            id: event.data.dispositionId,
            execution: event.data.execution,
            blockedReason: event.data.blockedReason,
            realisedValueMinor: event.data.realisedValueMinor,
            certificateRef: event.data.certificateRef,
            externalRef: event.data.externalRef,
            executedBy: event.data.by?.id ?? 'system',
            at,
            version: event.data.dispositionVersion,
          })
          break
        case 'LedgerPosted':
          event.data.entries.forEach((entry, i) =>
            ledger.push({
              tx: event.data.tx,
              line: i + 1,
              return_id: after.id,
              account: entry.account,
              currency: after.currency,
              amount_minor: entry.amountMinor,
              at,
            }),
          )
          break
        default:
      }
    }
    if (before === null && events[0]?.type !== 'ReturnSubmitted')
      throw new Error(`return ${after.id} does not begin with its submission`)
  }
  return {
    parcels: [...parcels.values()],
    inserted: changes.filter((c) => c.before === null).map((c) => c.after),
    updated: changes.filter((c) => c.before !== null).map((c) => c.after),
    workflows: changes.map((c) => workflowRow(c, at)),
    identifiers,
    dispositions,
    undecided: changes
      .filter((c) => (c.before?.dispositionId ?? null) !== null && c.after.dispositionId === null)
      .map((c) => c.after.id),
    executions,
    ledger,
  }
}

function workflowRow({ after, events }: ReturnChange, at: string): WorkflowRow {
  const first = events[0]
  return {
    // Only the first event names it; later writes find the row by its return.
    id: first?.type === 'ReturnSubmitted' ? first.data.workflowId : after.id,
    return_id: after.id,
    stage: after.stage,
    needs_review: after.needsReview,
    stage_entered_at: at,
    due_at: dueAt(after.stage, at),
    updated_at: at,
  }
}

function identifiersOf(state: ReturnState): IdentifierRow[] {
  const rows: IdentifierRow[] = [
    { returnId: state.id, kind: 'lpn', value: state.lpn },
    { returnId: state.id, kind: 'rma', value: state.rmaNumber },
    { returnId: state.id, kind: 'client_ref', value: state.clientRef },
  ]
  if (state.awb !== null) rows.push({ returnId: state.id, kind: 'awb', value: state.awb })
  if (state.orderRef !== null) rows.push({ returnId: state.id, kind: 'order', value: state.orderRef })
  if (state.serialNumber !== null) rows.push({ returnId: state.id, kind: 'serial', value: state.serialNumber })
  return rows
}

function parcelRow(
  state: ReturnState,
  earlier: ParcelRow | undefined,
  at: string,
  receivedHubId: string | null,
): ParcelRow {
  const isNewlyReceived = receivedHubId !== null
  return {
    id: state.parcelId!,
    client_id: state.clientId,
    awb: state.awb!,
    created_at: earlier?.created_at ?? at,
    received_at: earlier?.received_at ?? (isNewlyReceived ? at : null),
    received_hub_id: earlier?.received_hub_id ?? receivedHubId,
  }
}

function dispositionRow(
  state: ReturnState,
  data: Extract<ReturnEvent, { type: 'DispositionDecided' }>['data'],
  by: string,
  at: string,
): DispositionRow {
  return {
    id: data.dispositionId,
    returnId: state.id,
    isCurrent: true,
    disposition: data.disposition,
    channel: data.channel,
    source: data.source,
    reasonCode: data.reasonCode,
    recommendationId: data.recommendationId,
    execution: 'planned',
    blockedReason: null,
    currency: state.currency,
    expectedValueMinor: data.expectedValueMinor,
    realisedValueMinor: null,
    certificateRef: null,
    externalRef: null,
    decidedBy: by,
    decidedAt: at,
    executedBy: null,
    executedAt: null,
    version: 1,
    updatedAt: at,
  }
}
