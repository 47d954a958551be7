import type { Appraisal } from '#contracts/outcomes.ts'
import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { Database } from '#platform/db/port.ts'

export type AppraisedUnit = {
  readonly returnId: string
  readonly version: number
  readonly appraisals: readonly Appraisal[]
  readonly body: PackedRecommendation
}

/** Appraised units by return and version after one, each with the advice that it is about. */
export async function readAppraisals(
  db: Database,
  after: Pick<AppraisedUnit, 'returnId' | 'version'> | null,
  limit: number,
): Promise<AppraisedUnit[]> {
  const rows = await db.query<Omit<AppraisedUnit, 'body'> & { data: { body: PackedRecommendation } }>(
    `select l.return_id as "returnId", l.version, l.appraisals, e.data from labels l
     join ai_recommendations a on a.id = l.recommendation_id
     join events e on e.stream = 'return-' || a.return_id and e.version = a.version
     where l.kind = 'appraisal' and ($1::uuid is null or (l.return_id, l.version) > ($1, $2))
     order by l.return_id, l.version limit $3`,
    [after?.returnId ?? null, after?.version ?? 0, limit],
  )
  return rows.map(({ data, ...row }) => ({ ...row, body: data.body }))
}
