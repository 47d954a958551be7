import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { Database } from '#platform/db/port.ts'

/** The recommendation at hand of one return, as its event keeps it. */
export type KeptDecision = {
  readonly returnId: string
  readonly clientId: string
  readonly sku: string | null
  readonly body: PackedRecommendation
}

export type DecisionScope = {
  readonly since: string | null
  readonly until: string | null
  /** Null: all clients. */
  readonly clientIds: readonly string[] | null
}

const scoped = `a.is_current and ($1::timestamptz is null or a.created_at >= $1) and ($2::timestamptz is null or a.created_at < $2)
  and ($3::uuid[] is null or i.client_id = any($3))`

/** How many returns have a recommendation in this scope. */
export async function countDecisions(db: Database, { since, until, clientIds }: DecisionScope): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from ai_recommendations a join return_items i on i.id = a.return_id where ${scoped}`,
    [since, until, clientIds],
  )
  return row!.n
}

/** The next returns after one, by id: any number of them in pages of bounded memory. */
export async function readDecisions(
  db: Database,
  { since, until, clientIds }: DecisionScope,
  afterId: string | null,
  limit: number,
): Promise<KeptDecision[]> {
  const rows = await db.query<Omit<KeptDecision, 'body'> & { data: { body: PackedRecommendation } }>(
    `select a.return_id as "returnId", i.client_id as "clientId", i.sku, e.data
     from ai_recommendations a join return_items i on i.id = a.return_id
     join events e on e.stream = 'return-' || a.return_id and e.version = a.version
     where ${scoped} and ($4::uuid is null or a.return_id > $4) order by a.return_id limit $5`,
    [since, until, clientIds, afterId, limit],
  )
  return rows.map(({ data, ...row }) => ({ ...row, body: data.body }))
}
