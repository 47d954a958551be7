import type { Grade } from '#contracts/codes.ts'
import type { GradeStep, Quarantine } from '#contracts/quality.ts'
import type { Rubric } from '#contracts/reference.ts'
import type { FieldError } from '#kernel/errors.ts'
import { accept, type Outcome, reject } from '#kernel/outcome.ts'
import { worseGrade } from './grade-rank.ts'

/** What a worker saw. `accessories` absent: nobody looked, so completeness is not known. */
export type Observation = {
  readonly answers: Readonly<Record<string, string>>
  readonly findings: readonly string[]
  readonly accessories?: readonly string[] | undefined
  readonly isSealed: boolean
}

export type Grading = {
  readonly grade: Grade
  readonly score: number
  /** Those of the answers and those added by hand, each once, in the rubric's order. */
  readonly findings: readonly string[]
  readonly completeness: number | null
  readonly quarantine: Quarantine | null
  /** All that moved the grade, in the rubric's order. */
  readonly trace: readonly GradeStep[]
}

type Question = Rubric['questions'][number]
type Answer = Question['answers'][number]
type Finding = Rubric['findings'][number]

/** What has to be looked at before anything else comes first. */
const quarantineOrder: readonly Quarantine[] = ['hazard', 'counterfeit', 'wrong_item']

export type GivenAnswer = { readonly question: Question; readonly answer: Answer }

/** Questions that are asked: the unconditional ones and those that a given answer opens, step by step. */
export function openQuestions(rubric: Rubric, answers: Observation['answers']): ReadonlySet<string> {
  const open = new Set<string>()
  const waiting = rubric.questions.filter((question) => !question.isConditional).map((question) => question.id)
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (open.has(id)) continue
    open.add(id)
    const question = rubric.questions.find((one) => one.id === id)
    const answer = question?.answers.find(({ value }) => value === answers[id])
    waiting.push(...(answer?.opens ?? []))
  }
  return open
}

/** The given answers that count, in the rubric's order; unknown and unopened ones are left out. */
export function givenAnswers(rubric: Rubric, answers: Observation['answers']): GivenAnswer[] {
  const open = openQuestions(rubric, answers)
  return rubric.questions.flatMap((question) => {
    const answer = question.answers.find(({ value }) => value === answers[question.id])
    return answer && open.has(question.id) ? [{ question, answer }] : []
  })
}

/** Findings of the answers and by hand, each once, in the rubric's order. */
export function allFindings(rubric: Rubric, observation: Pick<Observation, 'answers' | 'findings'>): Finding[] {
  const codes = new Set(observation.findings)
  for (const { answer } of givenAnswers(rubric, observation.answers)) if (answer.finding) codes.add(answer.finding)
  return rubric.findings.filter(({ code }) => codes.has(code))
}

function pointer(...path: (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function answerErrors(rubric: Rubric, observation: Observation, isWaived: boolean): FieldError[] {
  const { answers } = observation
  const open = openQuestions(rubric, answers)
  const errors: FieldError[] = []
  for (const [id, value] of Object.entries(answers)) {
    const question = rubric.questions.find((one) => one.id === id)
    const at = pointer('answers', id)
    if (!question) {
      errors.push({
        pointer: at,
        code: 'question_unknown',
        detail: `rubric ${rubric.id} has no question ${id}`,
      })
    } else if (!question.answers.some((answer) => answer.value === value)) {
      const known = question.answers.map((answer) => answer.value).join(', ')
      errors.push({ pointer: at, code: 'answer_unknown', detail: `${value} is no answer to ${id}: ${known}` })
    } else if (!open.has(id)) {
      errors.push({ pointer: at, code: 'question_not_open', detail: `no given answer opens question ${id}` })
    }
  }
  if (isWaived) return errors
  for (const question of rubric.questions) {
    const isAsked = question.isConditional ? open.has(question.id) : question.required
    if (isAsked && !Object.hasOwn(answers, question.id)) {
      errors.push({
        pointer: pointer('answers', question.id),
        code: 'answer_missing',
        detail: `not answered: ${question.text}`,
      })
    }
  }
  return errors
}

function listErrors(rubric: Rubric, observation: Observation): FieldError[] {
  const codes = new Set(rubric.findings.map(({ code }) => code))
  const parts = new Set(rubric.accessories.map(({ id }) => id))
  return [
    ...observation.findings.flatMap((code, place) =>
      codes.has(code)
        ? []
        : [
            {
              pointer: pointer('findings', place),
              code: 'finding_unknown',
              detail: `rubric ${rubric.id} has no finding ${code}`,
            },
          ],
    ),
    ...(observation.accessories ?? []).flatMap((id, place) =>
      parts.has(id)
        ? []
        : [
            {
              pointer: pointer('accessories', place),
              code: 'accessory_unknown',
              detail: `rubric ${rubric.id} has no accessory ${id}`,
            },
          ],
    ),
  ]
}

function completenessOf(rubric: Rubric, isSealed: boolean, present: readonly string[] | undefined): number | null {
  if (isSealed) return 1
  if (present === undefined) return null
  const all = rubric.accessories.reduce((sum, { weight }) => sum + weight, 0)
  const there = rubric.accessories.reduce((sum, { id, weight }) => sum + (present.includes(id) ? weight : 0), 0)
  return all === 0 ? 1 : there / all
}

function traceOf(
  rubric: Rubric,
  given: readonly GivenAnswer[],
  found: readonly Finding[],
  completeness: number | null,
): GradeStep[] {
  const steps: GradeStep[] = []
  for (const { question, answer } of given) {
    const { penalty = 0, gradeCap = null, quarantine = null } = answer
    if (penalty === 0 && gradeCap === null && quarantine === null) continue
    steps.push({
      cause: `answer:${question.id}=${answer.value}`,
      label: answer.label,
      penalty,
      gradeCap,
      quarantine,
    })
  }
  for (const { code, label, penalty, gradeCap = null, quarantine = null } of found) {
    if (penalty === 0 && gradeCap === null && quarantine === null) continue
    steps.push({ cause: `finding:${code}`, label, penalty, gradeCap, quarantine })
  }
  const missing = rubric.incompletePenalty * (1 - (completeness ?? 1))
  if (missing > 0) {
    steps.push({
      cause: 'incomplete',
      label: 'Accessories missing',
      penalty: missing,
      gradeCap: null,
      quarantine: null,
    })
  }
  return steps
}

function gradeOf(rubric: Rubric, score: number, trace: readonly GradeStep[], isSealed: boolean): Grade {
  if (trace.some(({ quarantine }) => quarantine !== null)) return 'Q'
  if (isSealed && trace.length === 0) return 'S'
  const earned = rubric.scale.find(({ minScore }) => score >= minScore)
  if (!earned) throw new Error(`the scale of rubric ${rubric.id} has no grade for ${score}`)
  return trace.reduce((grade, { gradeCap }) => (gradeCap ? worseGrade(grade, gradeCap) : grade), earned.grade)
}

/** Computes the grade from what was seen; refuses with everything that is wrong or missing at once. */
export function grade(rubric: Rubric, observation: Observation): Outcome<Grading> {
  const isSealed = observation.isSealed && rubric.acceptsSealed
  const given = givenAnswers(rubric, observation.answers)
  const found = allFindings(rubric, observation)
  const quarantines = [...given.map(({ answer }) => answer.quarantine), ...found.map((finding) => finding.quarantine)]
  const quarantine = quarantineOrder.find((kind) => quarantines.includes(kind)) ?? null

  // An unbroken seal answers the questions, and nobody is to go on testing a unit that may burn or is evidence.
  const errors = [
    ...answerErrors(rubric, observation, isSealed || quarantine !== null),
    ...listErrors(rubric, observation),
  ]
  if (errors.length > 0) {
    return reject(
      'invalid',
      'check_not_gradable',
      `the check can't be graded by rubric ${rubric.id}: ${errors.length} faults`,
      errors,
    )
  }
  const completeness = completenessOf(rubric, isSealed, observation.accessories)
  const trace = traceOf(rubric, given, found, completeness)
  const score = Math.max(0, 100 - trace.reduce((sum, { penalty }) => sum + penalty, 0))
  return accept({
    grade: gradeOf(rubric, score, trace, isSealed),
    score,
    findings: found.map(({ code }) => code),
    completeness,
    quarantine,
    trace,
  })
}
