import type { RepairEstimate } from '#contracts/quality.ts'
import type { Rubric } from '#contracts/reference.ts'
import { allFindings, givenAnswers, type Observation } from './grade.ts'

/** What it would cost to make the unit good, from what was found. A unit in quarantine is not repaired. */
export function estimateRepair(rubric: Rubric, observation: Pick<Observation, 'answers' | 'findings'>): RepairEstimate {
  const given = givenAnswers(rubric, observation.answers)
  const found = allFindings(rubric, observation)
  const isQuarantined = [...given.map(({ answer }) => answer), ...found].some(
    ({ quarantine }) => quarantine !== undefined,
  )
  const isRepairable = !isQuarantined && found.every((finding) => finding.isRepairable)
  if (!isRepairable) return { amount: { amount: 0, currency: rubric.currency }, minutes: 0, isRepairable }
  const works = [...given.map(({ answer }) => answer), ...found]
  return {
    amount: {
      amount: works.reduce((sum, { repairMinor = 0 }) => sum + repairMinor, 0),
      currency: rubric.currency,
    },
    minutes: works.reduce((sum, { repairMinutes = 0 }) => sum + repairMinutes, 0),
    isRepairable,
  }
}
