import { personViewOf } from '#contracts/person-view.ts'
import type { QualityCheck } from '#contracts/quality.ts'
import type { Rubric } from '#contracts/reference.ts'
import { checkNotePlace, keyOfNote } from '#contracts/sealed.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { readChecks, readReturnScope, type CheckRow } from './store.ts'

/** The checks of one return, the current one first; another's return is not found. */
export async function readQuality(
  ctx: Pick<Context, 'db' | 'secrets'>,
  actor: Actor,
  returnId: string,
): Promise<QualityCheck[]> {
  const scope = await readReturnScope(ctx.db, returnId)
  const isVisible =
    scope !== null &&
    (actor.clientIds === null || actor.clientIds.includes(scope.clientId)) &&
    (actor.hubIds === null || scope.hubId === null || actor.hubIds.includes(scope.hubId))
  if (!isVisible) throw new AppError('not_found', `no such return: ${returnId}`, { problem: 'return_unknown' })
  const rows = await readChecks(ctx.db, returnId)
  const maySee = personViewOf(actor) !== 'none' && !scope.isRestricted
  const noted = rows.filter((row) => row.noteSealed !== null && maySee)
  const personId = scope.personId ?? ctx.secrets.personId(scope.clientId, scope.clientRef)
  const opened = await ctx.secrets.open(
    noted.map(({ id, noteSealed }) => ({
      personId: keyOfNote(noteSealed!, returnId, personId),
      sealed: noteSealed!,
      place: checkNotePlace(id),
    })),
  )
  const notes = new Map(noted.map((row, i) => [row.id, opened[i] ?? null]))
  return rows.map((row) => toCheck(row, notes.get(row.id) ?? null))
}

function toCheck(row: CheckRow, note: string | null): QualityCheck {
  return {
    id: row.id,
    returnId: row.returnId,
    isCurrent: row.isCurrent,
    rubricId: row.rubricId,
    rubricRevision: row.rubricRevision,
    answers: { ...row.answers },
    findings: [...row.findings],
    accessories: [...row.accessories],
    isSealed: row.isSealed,
    grade: row.grade as QualityCheck['grade'],
    score: row.score,
    completeness: row.completeness,
    quarantine: row.quarantine as QualityCheck['quarantine'],
    repairEstimate: {
      amount: { amount: row.repairMinor, currency: row.currency },
      minutes: row.repairMinutes,
      isRepairable: row.isRepairable,
    },
    weightGrams: row.weightGrams,
    photos: [...row.photos],
    note,
    checkedBy: row.checkedBy,
    checkedAt: row.checkedAt,
    version: row.version,
    updatedAt: row.updatedAt,
  }
}

/** The newest revision of a rubric, by its id or by the id of a category that it grades. */
export function readRubric(ctx: Pick<Context, 'reference'>, id: string): Rubric {
  const rubric = ctx.reference.rubrics.get(ctx.reference.categories.get(id)?.rubricId ?? id)
  if (rubric === undefined) throw new AppError('not_found', `no such rubric: ${id}`, { problem: 'rubric_unknown' })
  return rubric
}
