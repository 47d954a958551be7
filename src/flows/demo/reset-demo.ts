import type { Context } from '#context.ts'
import { removeClient } from '../remove-client.ts'
import { readDemoHubIds, removeLocations } from '#services/hubs/index.ts'
import { readClientByCode } from '#services/returns/index.ts'

/** Names the removal in the log. */
export const resetRequestId = 'demo-reset'

export type ResetReport = { readonly returns: number }

/**
 * Takes the demo client with all its goods and hubs out of the read models, by an event that a replay understands.
 * The log keeps what happened.
 */
export async function resetDemo(ctx: Pick<Context, 'db' | 'events' | 'now'>): Promise<ResetReport> {
  const client = await readClientByCode(ctx.db, 'demo')
  if (client === null || client.kind !== 'demo') return { returns: 0 }
  return ctx.db.transaction(
    async (tx) => {
      const hubIds = await readDemoHubIds(tx)
      await removeLocations(tx, hubIds)
      const returns = await removeClient(tx, client.id, hubIds, 'all')
      const data = { by: { kind: 'system', id: 'demo' }, requestId: resetRequestId, clientId: client.id, hubIds }
      await ctx.events.append(
        tx,
        [{ stream: `client-${client.id}`, version: client.version + 1, type: 'ClientRemoved', data }],
        new Date(ctx.now()),
      )
      return { returns }
    },
    { statementTimeoutMs: 600_000 },
  )
}
