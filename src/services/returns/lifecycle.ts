import type { Disposition, Execution } from '#contracts/codes.ts'
import type { ReturnEventData } from '#contracts/events.ts'
import { accept, reject, type Outcome } from '#kernel/outcome.ts'
import { isInCustody, type ReturnState } from './return-state.ts'

/** The disposition at hand as its own small machine knows it. */
export type DispositionState = {
  readonly id: string
  readonly disposition: Disposition
  readonly execution: Execution
  readonly version: number
  readonly requires: readonly string[]
}

const allowed: Outcome<null> = accept(null)

function refused(state: ReturnState, code: string, detail: string): Outcome<never> {
  return reject('conflict', code, `${state.lpn}: ${detail}`)
}

function closed(state: ReturnState): Outcome<never> | null {
  if (state.stage === 'completed') return refused(state, 'already_completed', 'the return is completed')
  if (state.stage === 'cancelled') return refused(state, 'already_cancelled', 'the return was cancelled')
  if (state.stage === 'rejected') return refused(state, 'already_rejected', 'the return was rejected by policy')
  return null
}

/** May the unit be taken in at this hub? A unit that another hub expects needs `reroute`. */
export function mayReceive(
  state: ReturnState,
  command: { readonly hubId: string; readonly reroute: boolean },
): Outcome<null> {
  if (isInCustody(state)) return refused(state, 'already_received', `received at ${state.receivedAt}`)
  const end = closed(state)
  if (end) return end
  if (state.hubId !== null && state.hubId !== command.hubId && !command.reroute) {
    return refused(state, 'belongs_to_other_hub', 'another hub expects it; receive it with reroute to take it in here')
  }
  return allowed
}

/** `hasSeen`: the caller named the version it is looking at, so what it replaces it has seen. Of two who did not, one wins. */
export function mayCheck(state: ReturnState, hasSeen: boolean): Outcome<null> {
  const end = closed(state)
  if (end) return end
  if (!isInCustody(state)) return refused(state, 'not_received', 'it must be received before it is checked')
  if (state.stage === 'disposition')
    return refused(state, 'already_decided', 'its disposition is decided; change the check instead')
  if (state.qualityCheckId !== null && !hasSeen)
    return refused(state, 'already_checked', `checked at ${state.checkedAt}; change the check, or send If-Match`)
  return allowed
}

/** A check may be corrected until the disposition is under way. */
export function mayRevise(state: ReturnState, disposition: DispositionState | null): Outcome<null> {
  const end = closed(state)
  if (end) return end
  if (state.qualityCheckId === null) return refused(state, 'not_checked', 'there is no quality check to change')
  if (disposition !== null && disposition.execution === 'in_progress') {
    return refused(state, 'disposition_in_progress', 'its disposition is already being carried out')
  }
  return allowed
}

/**
 * Quality check before disposition; a planned, blocked or reversed decision may be replaced. `hasSeen`: see `mayCheck`;
 * what waits (a hold), is blocked or was reversed asks for another decision by itself.
 */
export function mayDecide(
  state: ReturnState,
  current: DispositionState | null,
  command: { readonly disposition: Disposition; readonly hasSeen: boolean },
): Outcome<null> {
  const chosen = command.disposition
  const end = closed(state)
  if (end) return end
  if (!isInCustody(state)) return refused(state, 'not_received', 'it must be received and checked before it is decided')
  if (state.grade === null) return refused(state, 'not_checked', 'it must pass a quality check before it is decided')
  if (state.acceptance === 'manual_review' && chosen !== 'hold') {
    return refused(state, 'review_open', `a person must resolve its review first (${state.reviewReasons.join(', ')})`)
  }
  if (state.acceptance === 'rejected' && chosen !== 'return_to_customer' && chosen !== 'hold') {
    return refused(
      state,
      'not_ours',
      'the return was rejected, the unit belongs to the customer: return_to_customer or hold',
    )
  }
  if (state.stage === 'disposition' && current !== null && current.execution === 'in_progress') {
    return refused(state, 'disposition_in_progress', 'its disposition is already being carried out')
  }
  const isWaiting = current !== null && current.disposition === 'hold' && chosen !== 'hold'
  if (current !== null && current.execution === 'planned' && !isWaiting && !command.hasSeen) {
    return refused(state, 'already_decided', `decided at ${state.decidedAt}; to decide otherwise send If-Match`)
  }
  return allowed
}

/** What is only planned may be taken back, by whoever decided it or by one who names the decision or its version. */
export function mayWithdraw(
  state: ReturnState,
  current: DispositionState | null,
  command: { readonly dispositionId: string | null; readonly isOwn: boolean; readonly hasSeen: boolean },
): Outcome<null> {
  const end = closed(state)
  if (end) return end
  if (current === null) return refused(state, 'not_decided', 'nothing is decided that could be taken back')
  if (command.dispositionId !== null && command.dispositionId !== current.id)
    return refused(state, 'disposition_superseded', 'this disposition is history, another one is current')
  if (current.execution !== 'planned')
    return refused(state, 'disposition_in_progress', 'its disposition is already being carried out')
  if (state.moneyState !== 'due' && state.refundMinor > 0)
    return refused(state, 'refund_instructed', 'its refund is already on the way')
  if (!command.isOwn && !command.hasSeen && command.dispositionId === null)
    return refused(state, 'decided_by_other', 'somebody else decided it: name the decision, or send If-Match')
  return allowed
}

const nextExecutions: Readonly<Record<Execution, readonly Execution[]>> = {
  planned: ['in_progress', 'blocked', 'done'],
  in_progress: ['blocked', 'done'],
  blocked: ['in_progress', 'done'],
  done: ['reversed'],
  reversed: [],
}

export type ExecutionCommand = Pick<
  ReturnEventData['DispositionExecuted'],
  'execution' | 'blockedReason' | 'certificateRef' | 'externalRef'
>

/** May the execution take this step? `done` needs what the route requires: a wipe certificate, the stock owner's acknowledgement. */
export function mayExecute(state: ReturnState, current: DispositionState, command: ExecutionCommand): Outcome<null> {
  if (state.stage === 'cancelled' || state.stage === 'rejected') return closed(state)!
  if (!nextExecutions[current.execution].includes(command.execution)) {
    return refused(
      state,
      'illegal_execution',
      `its disposition is ${current.execution}, which cannot become ${command.execution}`,
    )
  }
  if (command.execution === 'blocked' && command.blockedReason === null) {
    return reject('unprocessable', 'blocked_reason_missing', `${state.lpn}: say what blocks it in blockedReason`)
  }
  if (command.execution !== 'done') return allowed
  if (current.disposition === 'hold') {
    return refused(state, 'hold_is_not_final', 'hold is no final disposition: decide another one')
  }
  if (current.disposition === 'restock' && command.externalRef === null) {
    return reject(
      'unprocessable',
      'acknowledgement_missing',
      `${state.lpn}: restock is done only with the stock owner's acknowledgement in externalRef`,
    )
  }
  if (current.requires.includes('wipe_certificate') && command.certificateRef === null) {
    return reject(
      'unprocessable',
      'wipe_certificate_missing',
      `${state.lpn}: a data-bearing unit needs the id of its wipe certificate in certificateRef`,
    )
  }
  return allowed
}

/** Cancelling is for units that never came into our hands. */
export function mayCancel(state: ReturnState): Outcome<null> {
  const end = closed(state)
  if (end) return end
  if (isInCustody(state))
    return refused(state, 'in_custody', 'it is in our hands: it needs a disposition, it cannot be cancelled')
  return allowed
}

export function mayResolveReview(state: ReturnState): Outcome<null> {
  const end = closed(state)
  if (end) return end
  if (!state.needsReview && state.acceptance !== 'manual_review') {
    return refused(state, 'no_review_open', 'no review is open on it')
  }
  return allowed
}

export function mayAssign(state: ReturnState): Outcome<null> {
  const end = closed(state)
  if (end) return end
  if (isInCustody(state)) return refused(state, 'already_received', 'it already arrived at a hub')
  if (state.stage !== 'recommended' && state.stage !== 'hub_assigned') {
    return refused(state, 'not_recommended', `it is ${state.stage}, a hub is assigned after the recommendation`)
  }
  return allowed
}

const dueHours: Readonly<Partial<Record<ReturnState['stage'], number>>> = {
  recommended: 24,
  hub_assigned: 10 * 24,
  received: 24,
  quality_check: 24,
  disposition: 72,
}

/** When the present step should be over (service level of the stage), RFC 3339; null where nothing is due. */
export function dueAt(stage: ReturnState['stage'], enteredAt: string): string | null {
  const hours = dueHours[stage]
  return hours === undefined ? null : new Date(Date.parse(enteredAt) + hours * 3_600_000).toISOString()
}

/** Commands that the state allows now, for the screen's buttons. */
export function allowedCommands(state: ReturnState, current: DispositionState | null): string[] {
  const names: string[] = []
  const hubId = state.hubId ?? ''
  if (mayReceive(state, { hubId, reroute: true }).ok) names.push('receive')
  if (mayAssign(state).ok) names.push('assign')
  if (mayCheck(state, true).ok) names.push('check')
  const decides = (disposition: Disposition) => mayDecide(state, current, { disposition, hasSeen: true }).ok
  if (state.recommendedDisposition !== null && decides(state.recommendedDisposition)) names.push('accept')
  if (decides('hold')) names.push('override')
  if (current !== null && state.stage === 'disposition' && nextExecutions[current.execution].length > 0)
    names.push('execute')
  if (mayResolveReview(state).ok) names.push('approve', 'reject')
  if (mayCancel(state).ok) names.push('cancel')
  return names
}
