import { resolve, join } from 'node:path'
import type { Context } from '#context.ts'
import { openCopies, type Copies } from '#platform/events/checkpoint-copies.ts'
import { openAuditKey } from '#platform/events/checkpoint-store.ts'
import { openCheckpoints, type Checkpoints } from '#platform/events/checkpoints.ts'
import { openRefusals, type Refusals } from '#platform/events/refusals.ts'
import type { Config } from './config.ts'

/** What watches over the log: signed checkpoints with copies outside the database, and records of who was refused. */
export type Audit = {
  readonly checkpoints: Checkpoints
  readonly copies: Copies
  readonly refusals: Refusals
}

export async function openAudit(
  config: Pick<Config, 'SMARTRETURNS_AUDIT_FOLDER' | 'dataFolder'>,
  ctx: Context,
): Promise<Audit> {
  const folder = config.SMARTRETURNS_AUDIT_FOLDER
  const key = await openAuditKey(ctx.db, ctx.secrets, new Date(ctx.now()))
  const copies = await openCopies(folder === undefined ? join(config.dataFolder, 'audit') : resolve(folder), key)
  return { checkpoints: await openCheckpoints(ctx, copies), copies, refusals: openRefusals(ctx) }
}
