import type { Transaction } from '#platform/db/port.ts'

/** Tables that belong to a return, in the order in which their references let go. */
const ofReturns = [
  'ledger_entries',
  'esg_metrics',
  'dispositions',
  'labels',
  'recommendation_feedback',
  'ai_recommendations',
  'quality_checks',
  'identifiers',
  'processing_workflows',
] as const
const ofClient = [
  'return_items',
  'parcels',
  'products',
  'order_lines',
  'person_marks',
  'person_consents',
  'person_erasures',
  'person_keys',
  'api_keys',
  'files',
  'imports',
  'jobs',
] as const
/** Rebuilt from the log, so a replay removes them too; the others are not its business. */
const replayed = new Set<string>(['return_items', 'parcels', 'products'])

/** Removes all that a client has in the read models, and in `all` mode what stands beside them. Answers how many returns went. */
export async function removeClientRows(
  tx: Transaction,
  clientId: string,
  mode: 'all' | 'replay' = 'all',
): Promise<number> {
  for (const table of ofReturns) {
    await tx.query(`delete from ${table} where return_id in (select id from return_items where client_id = $1)`, [
      clientId,
    ])
  }
  const [row] = await tx.query<{ n: number }>('select count(*) as n from return_items where client_id = $1', [clientId])
  for (const table of ofClient) {
    if (mode === 'all' || replayed.has(table)) await tx.query(`delete from ${table} where client_id = $1`, [clientId])
  }
  await tx.query('delete from clients where id = $1', [clientId])
  return row!.n
}

/** How many places a client's open units hold at each hub. */
export async function countPlaces(tx: Transaction, clientId: string): Promise<Map<string, number>> {
  const rows = await tx.query<{ hubId: string; n: number }>(
    `select hub_id as "hubId", count(*) as n from return_items
     where client_id = $1 and hub_id is not null and stage not in ('completed', 'rejected', 'cancelled') group by 1`,
    [clientId],
  )
  return new Map(rows.map((row) => [row.hubId, row.n]))
}
