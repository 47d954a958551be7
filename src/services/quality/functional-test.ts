import type { Rubric } from '#contracts/reference.ts'

/** Rubrics of goods that can be switched on ask this question. */
const question = 'works'

/** What the answers say of the functional test; null where it was not told. */
export function functionalTest(
  rubric: Rubric,
  answers: Readonly<Record<string, string>>,
): 'pass' | 'fail' | 'not_applicable' | null {
  if (!rubric.questions.some(({ id }) => id === question)) return 'not_applicable'
  const answer = answers[question]
  if (answer === undefined) return null
  if (answer === 'none') return 'not_applicable'
  return answer === 'yes' ? 'pass' : 'fail'
}
