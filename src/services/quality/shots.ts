import type { PhotoRef } from '#contracts/quality.ts'
import type { Rubric } from '#contracts/reference.ts'
import { allFindings, type Observation } from './grade.ts'

/** Any photo whose shot is named after the finding, or a close-up, proves it. */
const CLOSE_UP = 'detail'

/** Shots that a complete check still needs: those of the rubric, and one for each finding that must be shown. */
export function missingShots(
  rubric: Rubric,
  observation: Pick<Observation, 'answers' | 'findings' | 'isSealed'> & {
    readonly photos: readonly Pick<PhotoRef, 'shot'>[]
  },
): string[] {
  const taken = new Set(observation.photos.map(({ shot }) => shot))
  const isSealed = observation.isSealed && rubric.acceptsSealed
  const required = isSealed ? [] : rubric.shots.filter((shot) => shot.required).map((shot) => shot.id)
  const shown = allFindings(rubric, observation).filter((finding) => finding.requiresShot)
  return [
    ...required.filter((id) => !taken.has(id)),
    ...shown.map(({ code }) => code).filter((code) => !taken.has(code) && !taken.has(CLOSE_UP)),
  ]
}
