import type { Disposition, OverrideReason } from '../../../src/contracts/codes.ts'
import type { Rubric } from '../../../src/contracts/reference.ts'
import type { Return, ReturnChanged, ReturnDetail } from '../../../src/contracts/returns.ts'
import type { ScanAnswer } from '../../../src/contracts/scan.ts'
import { emptyReport, missingAnswers, openQuestions, type Report, shotsOf } from '../../lib/inspection.ts'

/** The unit on the bench and how far it is. */

export type Step = 'grade' | 'checking' | 'decide' | 'review' | 'decided'

export type Card = {
  readonly unit: Return
  readonly step: Step
  /** The server, or the lack of a line, left it at that; a check is sent only then. */
  readonly isConfirmed: boolean
  readonly rubric: Rubric | null
  readonly report: Report
  /** The question that is answered again although it has an answer. */
  readonly revisited: string | null
  /** What the server made of the check; null before it and while there is no line. */
  readonly graded: ReturnChanged | null
  readonly checkVersion: number
  readonly detail: ReturnDetail | null
  /** Kept from here when the server did not say otherwise. */
  readonly version: number | null
}

export type Choice = {
  readonly disposition: Disposition
  readonly channel: string | null
  readonly reasonCode: OverrideReason | null
  readonly note: string
  readonly locationCode: string | null
}

export const messageKeys = [
  'read_error',
  'not_found',
  'not_found_offline',
  'belongs_to_other_hub',
  'already_closed',
  'duplicate_scan',
  'choose_one',
  'waits_here',
  'wrong_step_location',
  'wrong_step_bench',
  'wrong_step_action',
  'no_such_answer',
  'expected',
  'no_bench',
  'bench_set',
  'location_set',
  'opened',
  'accepted',
  'changed',
  'undone',
  'nothing_to_undo',
  'put_aside',
  'refused',
  'photo_failed',
  'no_camera',
  'printed',
  'print_failed',
  'quantity_barcode',
] as const
export type MessageKey = (typeof messageKeys)[number]
export type Message = {
  readonly tone: 'ok' | 'bad' | 'attention'
  readonly key: MessageKey
  readonly values: Readonly<Record<string, string>>
}

export function cardOf(unit: Return, report: Report = emptyReport): Card {
  return {
    unit,
    step: stepOf(unit),
    isConfirmed: false,
    rubric: null,
    report,
    revisited: null,
    graded: null,
    checkVersion: 0,
    detail: null,
    version: null,
  }
}

function stepOf(unit: Return): Step {
  if (unit.stage === 'disposition') return 'decided'
  if (unit.stage !== 'quality_check') return 'grade'
  return unit.acceptance === 'manual_review' ? 'review' : 'decide'
}

export function codesOf(unit: Return): string[] {
  const { lpn, rmaNumber, clientRef, awb, orderRef, serialNumber, sku } = unit
  return [lpn, rmaNumber, clientRef, awb, orderRef, serialNumber, sku].flatMap((code) => code ?? [])
}

/** What can be said of a code without a line: units that this bench expects, longest waiting first. */
export function localAnswer(cards: readonly Return[], code: string): readonly Return[] {
  const own = cards.filter((unit) => unit.lpn === code)
  if (own.length > 0) return own
  return cards
    .filter((unit) => codesOf(unit).includes(code))
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .slice(0, 9)
}

/** The question that is asked now: the first open one without an answer, or the one that is answered again. */
export function currentQuestion({ rubric, report, revisited }: Card): Rubric['questions'][number] | null {
  if (rubric === null || report.isSealed) return null
  const open = openQuestions(rubric, report.answers)
  const again = open.find(({ id }) => id === revisited)
  return (
    again ?? open.find((one) => (one.required || one.isConditional) && report.answers[one.id] === undefined) ?? null
  )
}

export type Missing = {
  readonly answers: number
  readonly shots: readonly { readonly id: string; readonly label: string }[]
}

export function missingOf({ rubric, report }: Card): Missing {
  if (rubric === null) return { answers: 1, shots: [] }
  return {
    answers: missingAnswers(rubric, report),
    shots: shotsOf(rubric, report).filter((shot) => shot.isRequired && report.photos[shot.id] === undefined),
  }
}

export function isComplete(card: Card): boolean {
  const { answers, shots } = missingOf(card)
  return answers === 0 && shots.length === 0
}

export type Advice = {
  readonly disposition: Disposition
  readonly channel: string | null
  readonly value: { readonly amount: number; readonly currency: string }
  readonly confidence: number | null
  /** Made before the unit was graded: there was no line to ask again. */
  readonly isBefore: boolean
}

export function adviceOf({ unit, graded, step, detail }: Card): Advice | null {
  const made = graded?.recommendation ?? detail?.recommendation ?? unit.recommendation
  if (made === null) return null
  const isGraded = graded !== null || (step !== 'grade' && step !== 'checking' && unit.grade !== null)
  const { disposition, channel, value, confidence } = made
  return { disposition, channel: isGraded ? channel : null, value, confidence, isBefore: !isGraded }
}

export function messageOf(answer: ScanAnswer): Message {
  const unit = answer.returns[0]
  const values = { code: answer.code, lpn: unit?.lpn ?? '', hub: unit?.hubCode ?? '' }
  switch (answer.message) {
    case 'ok':
      return { tone: 'ok', key: 'opened', values }
    case 'duplicate_scan':
    case 'choose_one':
      return { tone: 'attention', key: answer.message, values }
    case 'location_set':
      return { tone: 'ok', key: 'location_set', values: { code: answer.locationCode ?? '' } }
    case 'already_closed':
      return {
        tone: 'bad',
        key: 'already_closed',
        values: {
          ...values,
          stage: unit?.stage ?? 'completed',
          by: answer.closed?.byName ?? '',
          at: answer.closed?.at ?? '',
        },
      }
    case 'read_error':
    case 'not_found':
    case 'belongs_to_other_hub':
      return { tone: 'bad', key: answer.message, values }
    case 'blind_parcel':
      return { tone: 'bad', key: 'not_found', values }
    default:
      return answer.message satisfies never
  }
}
