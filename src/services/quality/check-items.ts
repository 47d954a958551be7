import type { Grade } from '#contracts/codes.ts'
import type { QualityCheckRequest } from '#contracts/quality.ts'
import type { Context } from '#context.ts'
import { accept, advance, reject, type Outcome } from '#kernel/outcome.ts'
import { estimateRepair } from './repair-estimate.ts'
import { grade } from './grade.ts'
import { missingShots } from './shots.ts'
import { readPhotoIds } from './store.ts'

export type CheckedItem = {
  readonly rubricId: string
  readonly rubricRevision: number
  readonly answers: Readonly<Record<string, string>>
  readonly findings: readonly string[]
  readonly accessories: readonly string[]
  readonly isSealed: boolean
  readonly grade: Grade
  readonly score: number
  readonly completeness: number | null
  readonly quarantine: 'hazard' | 'counterfeit' | 'wrong_item' | null
  readonly repairMinor: number
  readonly repairMinutes: number
  readonly isRepairable: boolean
  readonly weightGrams: number | null
  readonly photos: readonly { readonly fileId: string; readonly shot: string }[]
  readonly missingShots: readonly string[]
}

export type ItemToCheck = { readonly request: QualityCheckRequest; readonly categoryId: string }

/** Grades units by the newest rubric of their category: answers in; grade, findings, completeness and repair estimate out. */
export async function checkItems(
  ctx: Pick<Context, 'db' | 'reference'>,
  items: readonly ItemToCheck[],
): Promise<Outcome<CheckedItem>[]> {
  const photoIds = await readPhotoIds(
    ctx.db,
    items.flatMap((item) => item.request.photos.map((p) => p.fileId)),
  )
  const known = items.map((item): Outcome<ItemToCheck> => {
    const missing = item.request.photos.findIndex((photo) => !photoIds.has(photo.fileId))
    if (missing < 0) return accept(item)
    const detail = `no such photo: ${item.request.photos[missing]!.fileId}; upload it first`
    return reject('invalid', 'photo_unknown', detail, [
      { pointer: `/photos/${missing}/fileId`, code: 'photo_unknown', detail },
    ])
  })
  return advance(known, (found) => found.map((item) => checkOne(ctx, item)))
}

function checkOne(ctx: Pick<Context, 'reference'>, { request, categoryId }: ItemToCheck): Outcome<CheckedItem> {
  const rubricId = request.rubricId ?? ctx.reference.categories.get(categoryId)?.rubricId ?? 'general'
  const rubric = ctx.reference.rubrics.get(rubricId)
  if (rubric === undefined) {
    return reject('invalid', 'rubric_unknown', `no such rubric: ${rubricId}`, [
      { pointer: '/rubricId', code: 'rubric_unknown', detail: `no such rubric: ${rubricId}` },
    ])
  }
  const graded = grade(rubric, request)
  if (!graded.ok) return graded
  const repair = estimateRepair(rubric, request)
  const { value } = graded
  return accept({
    rubricId,
    rubricRevision: rubric.revision,
    answers: request.answers,
    findings: value.findings,
    accessories: request.accessories ?? [],
    isSealed: request.isSealed,
    grade: value.grade,
    score: value.score,
    completeness: value.completeness,
    quarantine: value.quarantine,
    repairMinor: repair.amount.amount,
    repairMinutes: repair.minutes,
    isRepairable: repair.isRepairable,
    weightGrams: request.weightGrams ?? null,
    photos: request.photos,
    missingShots: missingShots(rubric, request),
  })
}
