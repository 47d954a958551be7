import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { Actor } from '#context.ts'
import type { Queryable } from '#platform/db/port.ts'

export type KeptRecommendation = { readonly recommendationId: string; readonly body: PackedRecommendation }

/** The recommendation at hand of a return, as its event keeps it; null where there is none or the actor may not see it. */
export async function readKeptRecommendation(
  db: Queryable,
  actor: Actor,
  returnId: string,
): Promise<KeptRecommendation | null> {
  const rows = await db.query<{ recommendationId: string; data: { body: PackedRecommendation } }>(
    `select a.id as "recommendationId", e.data
     from return_items r join ai_recommendations a on a.return_id = r.id and a.is_current
     join events e on e.stream = 'return-' || a.return_id and e.version = a.version
     where r.id = $1 and ($2::uuid[] is null or r.client_id = any($2))
       and ($3::uuid[] is null or r.hub_id is null or r.hub_id = any($3))`,
    [returnId, actor.clientIds, actor.hubIds],
  )
  const [row] = rows
  return row === undefined ? null : { recommendationId: row.recommendationId, body: row.data.body }
}
