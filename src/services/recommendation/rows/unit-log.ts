import type { ReturnEvent, ReturnEventData } from '#contracts/events.ts'
import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import { knownOutcome, type KnownOutcome, type LabelRow } from '../labels.ts'

/** One unit as the log tells of it: what was known when, what was decided, what came of it. */
export type UnitLog = {
  readonly returnId: string
  /** The last advice before the check. */
  readonly before: PackedRecommendation | null
  /** The advice after the check: the one that was decided on, else the last. */
  readonly after: PackedRecommendation | null
  readonly decided:
    | (Pick<ReturnEventData['DispositionDecided'], 'disposition' | 'channel' | 'source'> & {
        readonly atMs: number
      })
    | null
  readonly quarantine: ReturnEventData['QualityChecked']['quarantine']
  readonly outcome: KnownOutcome
}

/** Types of events that a unit's log is made of. */
export const unitEventTypes = [
  'DispositionRecommended',
  'QualityChecked',
  'DispositionDecided',
  'DecisionWithdrawn',
] as const
export type UnitEvent = {
  readonly event: Extract<ReturnEvent, { type: (typeof unitEventTypes)[number] }>
  readonly atMs: number
}

/** Events in the order of their stream. A corrected check takes back what was decided on the old one, as a withdrawal does. */
export function unitLog(returnId: string, events: readonly UnitEvent[], labels: readonly LabelRow[]): UnitLog {
  const advice = new Map<string, PackedRecommendation>()
  let before: PackedRecommendation | null = null
  let last: PackedRecommendation | null = null
  let decided: UnitLog['decided'] = null
  let decidedOn: string | null = null
  let quarantine: UnitLog['quarantine'] = null
  for (const { event, atMs } of events) {
    if (event.type === 'DispositionRecommended') {
      const { body, recommendationId } = event.data
      advice.set(recommendationId, body)
      if (body.point === 't0') before = body
      else last = body
    } else if (event.type === 'QualityChecked') {
      quarantine = event.data.quarantine
      decided = null
      decidedOn = null
      last = null
    } else if (event.type === 'DecisionWithdrawn') {
      decided = null
      decidedOn = null
    } else {
      const { disposition, channel, source, recommendationId } = event.data
      decided = { disposition, channel, source, atMs }
      decidedOn = recommendationId
    }
  }
  const after = (decidedOn === null ? undefined : advice.get(decidedOn)) ?? last
  return {
    returnId,
    before,
    after: after !== null && after.point === 't0' ? null : after,
    decided,
    quarantine,
    outcome: knownOutcome(labels),
  }
}
