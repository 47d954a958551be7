import { gradeRank } from './grade-rank.ts'
import type { Rubric } from '#contracts/reference.ts'

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, place) => values.indexOf(value) !== place))]
}

/** What the schema can't see: names that lead nowhere, questions that no answer opens, a scale with a hole. */
export function rubricFaults(rubric: Rubric): string[] {
  const faults: string[] = []
  const questions = new Map(rubric.questions.map((question) => [question.id, question]))
  const findings = new Set(rubric.findings.map(({ code }) => code))
  const opened = new Set<string>()

  for (const id of repeated(rubric.questions.map((question) => question.id))) faults.push(`question ${id} stands twice`)
  for (const code of repeated(rubric.findings.map((finding) => finding.code)))
    faults.push(`finding ${code} stands twice`)
  for (const id of repeated(rubric.accessories.map((part) => part.id))) faults.push(`accessory ${id} stands twice`)
  for (const id of repeated(rubric.shots.map((shot) => shot.id))) faults.push(`shot ${id} stands twice`)

  for (const question of rubric.questions) {
    for (const value of repeated(question.answers.map((answer) => answer.value))) {
      faults.push(`answer ${question.id}=${value} stands twice`)
    }
    for (const answer of question.answers) {
      if (answer.finding !== undefined && !findings.has(answer.finding)) {
        faults.push(`answer ${question.id}=${answer.value} records the unknown finding ${answer.finding}`)
      }
      for (const id of answer.opens ?? []) {
        opened.add(id)
        if (!questions.get(id)?.isConditional)
          faults.push(`answer ${question.id}=${answer.value} opens ${id}, which is no conditional question`)
      }
    }
  }
  for (const question of rubric.questions) {
    if (question.isConditional && !opened.has(question.id)) faults.push(`no answer opens question ${question.id}`)
  }

  const { scale } = rubric
  if (scale.at(-1)?.minScore !== 0) faults.push('the scale does not reach down to 0')
  if (scale.some(({ grade }) => grade === 'S' || grade === 'Q')) faults.push('S and Q are never earned by a score')
  scale.forEach((step, place) => {
    const better = scale[place - 1]
    if (better && (better.minScore <= step.minScore || gradeRank(better.grade) >= gradeRank(step.grade))) {
      faults.push(`the scale does not fall at ${step.grade}`)
    }
  })
  return faults
}
