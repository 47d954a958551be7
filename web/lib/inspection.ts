import type { QualityCheckRequest } from '../../src/contracts/quality.ts'
import type { Rubric } from '../../src/contracts/reference.ts'

/** What the form holds while the worker looks at the unit. */
export type Report = {
  readonly answers: Readonly<Record<string, string>>
  readonly findings: readonly string[]
  readonly hasAccessoriesSeen: boolean
  readonly accessories: readonly string[]
  readonly isSealed: boolean
  readonly weightGrams: number | string
  readonly note: string
  readonly photos: Readonly<Record<string, string>>
}

export const emptyReport: Report = {
  answers: {},
  findings: [],
  hasAccessoriesSeen: false,
  accessories: [],
  isSealed: false,
  weightGrams: '',
  note: '',
  photos: {},
}

type Question = Rubric['questions'][number]

/** Questions to show, in the rubric's order: the unconditional ones and those that an answer opens. */
export function openQuestions(rubric: Rubric, answers: Report['answers']): readonly Question[] {
  const open = new Set<string>()
  const waiting = rubric.questions.filter((question) => !question.isConditional).map((question) => question.id)
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (open.has(id)) continue
    open.add(id)
    const question = rubric.questions.find((one) => one.id === id)
    const answer = question?.answers.find(({ value }) => value === answers[id])
    waiting.push(...(answer?.opens ?? []))
  }
  return rubric.questions.filter(({ id }) => open.has(id))
}

function givenAnswers(rubric: Rubric, answers: Report['answers']) {
  return openQuestions(rubric, answers).flatMap((question) =>
    question.answers.filter(({ value }) => value === answers[question.id]),
  )
}

/** Codes that the answers already record: they are shown as marked and cannot be taken away. */
export function answeredFindings(rubric: Rubric, answers: Report['answers']): ReadonlySet<string> {
  return new Set(givenAnswers(rubric, answers).flatMap(({ finding }) => finding ?? []))
}

/** A unit that may burn or is evidence is not examined further. */
export function isQuarantined(rubric: Rubric, report: Report): boolean {
  const codes = new Set([...report.findings, ...answeredFindings(rubric, report.answers)])
  return (
    givenAnswers(rubric, report.answers).some(({ quarantine }) => quarantine !== undefined) ||
    rubric.findings.some(({ code, quarantine }) => quarantine !== undefined && codes.has(code))
  )
}

/** Questions that must be answered before the check can be recorded. */
export function missingAnswers(rubric: Rubric, report: Report): number {
  if ((report.isSealed && rubric.acceptsSealed) || isQuarantined(rubric, report)) return 0
  return openQuestions(rubric, report.answers).filter(
    (question) => (question.required || question.isConditional) && report.answers[question.id] === undefined,
  ).length
}

export type Shot = { readonly id: string; readonly label: string; readonly isRequired: boolean }

/** Shots of the rubric, and one for each finding that a photo must prove. */
export function shotsOf(rubric: Rubric, report: Report): readonly Shot[] {
  const isSealed = report.isSealed && rubric.acceptsSealed
  const codes = new Set([...report.findings, ...answeredFindings(rubric, report.answers)])
  const proofs = rubric.findings.filter(({ code, requiresShot }) => requiresShot && codes.has(code))
  const hasCloseUp = rubric.shots.some(({ id }) => id === 'detail')
  return [
    ...rubric.shots.map(({ id, label, required }) => ({
      id,
      label,
      isRequired: (required && !isSealed) || (id === 'detail' && proofs.length > 0),
    })),
    ...(hasCloseUp ? [] : proofs.map(({ code, label }) => ({ id: code, label, isRequired: true }))),
  ]
}

/** Only answers of open questions are sent: one that was closed again is no answer. */
export function requestOf(rubric: Rubric, report: Report, returnId: string): QualityCheckRequest {
  const open = new Set(openQuestions(rubric, report.answers).map(({ id }) => id))
  return {
    returnId,
    answers: Object.fromEntries(Object.entries(report.answers).filter(([id]) => open.has(id))),
    findings: [...report.findings],
    isSealed: report.isSealed,
    photos: Object.entries(report.photos).map(([shot, fileId]) => ({ fileId, shot })),
    ...(report.hasAccessoriesSeen ? { accessories: [...report.accessories] } : {}),
    ...(report.weightGrams === '' ? {} : { weightGrams: Number(report.weightGrams) }),
    ...(report.note.trim() === '' ? {} : { note: report.note.trim() }),
  }
}
