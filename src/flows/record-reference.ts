import type { Context } from '#context.ts'
import { recordDecisionTables } from '#services/recommendation/index.ts'
import { recordRubrics } from '#services/quality/index.ts'

/** Brings the reference data that this program ships into their tables; what is there already stays. Run at every start. */
export async function recordReference(ctx: Pick<Context, 'db' | 'reference'>): Promise<void> {
  const { decision, rubricsByRevision } = ctx.reference
  const tables = new Map<string, unknown[]>()
  for (const row of decision.fees.rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row])
  await ctx.db.transaction(async (tx) => {
    await recordRubrics(tx, [...rubricsByRevision.values()])
    await recordDecisionTables(tx, {
      channels: decision.channels.channels.map((body) => ({ id: body.id, version: decision.channels.version, body })),
      feeTables: [...tables].map(([id, rows]) => ({ id, version: decision.fees.version, body: rows })),
      rules: decision.constraints.constraints.map((body) => ({ id: body.id, version: body.version, body })),
    })
  })
}
