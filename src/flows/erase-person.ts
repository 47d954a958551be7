import type { Command, CommandActor } from '#contracts/commands.ts'
import { limits } from '#contracts/common.ts'
import type { erasureReasons } from '#contracts/privacy.ts'
import { noteKeyId } from '#contracts/sealed.ts'
import type { Actor, Context } from '#context.ts'
import { accept } from '#kernel/outcome.ts'
import { forgetAnswers } from '#platform/idempotency/batch.ts'
import { readPhotosOf } from '#services/quality/index.ts'
import {
  beginErasure,
  countErased,
  finishErasure,
  isErasureKnown,
  isKeyOlder,
  readErasure,
  readReturnsToErase,
  readSharedFiles,
  readUnfinished,
  readUnlinked,
  type Asker,
  type ErasureRow,
} from '#services/returns/index.ts'
import { runOnReturns } from './on-returns.ts'
import { removeFiles } from './remove-files.ts'

const eraser: CommandActor = { kind: 'system', id: 'erasure', role: 'system', hubIds: null, clientIds: null }
const restorer: Actor = { kind: 'system', id: 'restore', role: 'system', hubIds: null, clientIds: null, scopes: [] }
/** An erasure that is under way in another process is left alone for so long. */
const interruptedAfterMs = 120_000

type Erased = { readonly returns: number; readonly files: number; readonly answers: number }

/** Erases a person: the keys at once, then all that shows the person besides. May be called again; the last one counts. */
export async function erasePerson(
  ctx: Context,
  asker: Asker,
  person: { readonly id: string; readonly reason: (typeof erasureReasons)[number]; readonly evenIfOpen: boolean },
): Promise<ErasureRow> {
  const erasure = await ctx.db.transaction((tx) => beginErasure(ctx, tx, asker, person))
  return completeErasure(ctx, erasure)
}

/** What has to go besides the keys. Every step may be repeated, so an interrupted erasure is simply gone on with. */
export async function completeErasure(ctx: Context, erasure: ErasureRow): Promise<ErasureRow> {
  if (erasure.finishedAt !== null) return erasure
  await keepWord(ctx, erasure)
  for (;;) {
    const returnIds = await readReturnsToErase(ctx.db, erasure, limits.batchItems)
    if (returnIds.length === 0) break
    await countErased(ctx.db, erasure.id, await scrubReturns(ctx, returnIds, erasure.id))
  }
  // What ended by age alone stands in no file of today: those have a time of their own.
  const isByAge = erasure.reason === 'retention'
  const shared = isByAge ? [] : await readSharedFiles(ctx.db, erasure.clientId, erasure.requestedAt)
  const files = await removeFiles(ctx, shared, { by: eraser.id, requestId: erasure.id })
  await countErased(ctx.db, erasure.id, { returns: 0, files, answers: 0 })
  await finishErasure(ctx.db, erasure.id, new Date(ctx.now()))
  return readErasure(ctx.db, erasure.id)
}

/** Goes on with what was interrupted; answers how many erasures were completed. */
export async function completeErasures(ctx: Context): Promise<number> {
  const open = await readUnfinished(ctx.db, new Date(ctx.now() - interruptedAfterMs))
  for (const erasure of open) await completeErasure(ctx, erasure)
  return open.length
}

type Word = { readonly personId: string; readonly requestedAt: string }
const wordKind = 'erasure'

/**
 * A backup of the database that is put back brings keys back that were destroyed after it was made. So each erasure has a word
 * among the stored files, which are not part of it. What ended by age ends by age again.
 */
async function keepWord(ctx: Pick<Context, 'blobs'>, { id, personId, requestedAt, reason }: ErasureRow): Promise<void> {
  if (reason === 'retention') return
  const word: Word = { personId, requestedAt: requestedAt.toISOString() }
  await ctx.blobs.write(`${wordKind}/${id}`, Buffer.from(JSON.stringify(word)))
}

/** Erases again whom a database that was put back has not erased. Answers how many there were. */
export async function reapplyErasures(ctx: Context): Promise<number> {
  let again = 0
  for await (const key of ctx.blobs.list(wordKind)) {
    const id = key.slice(wordKind.length + 1)
    if (await isErasureKnown(ctx.db, id)) continue
    const bytes = await ctx.blobs.read(key)
    if (bytes === null) continue
    const { personId, requestedAt } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Word
    if (!(await isKeyOlder(ctx.db, personId, new Date(requestedAt)))) continue
    const asker = { actor: restorer, requestId: id }
    await erasePerson(ctx, asker, { id: personId, reason: 'request', evenIfOpen: true })
    await ctx.blobs.remove(key)
    again += 1
  }
  return again
}

/** Units that came without a customer: what staff wrote about them, and their photos. Answers how many there were. */
export async function eraseUnlinked(ctx: Context, asker: Asker, returnIds: readonly string[]): Promise<Erased> {
  const own = await readUnlinked(ctx.db, returnIds, asker.actor.clientIds)
  if (own.length === 0) return { returns: 0, files: 0, answers: 0 }
  const at = new Date(ctx.now())
  await ctx.db.transaction((tx) => ctx.secrets.destroy(tx, own.map(noteKeyId), at))
  return scrubReturns(ctx, own, asker.requestId, {
    kind: asker.actor.kind,
    id: asker.actor.id,
    role: asker.actor.role,
    hubIds: null,
    clientIds: null,
  })
}

async function scrubReturns(
  ctx: Context,
  returnIds: readonly string[],
  erasureId: string,
  actor: CommandActor = eraser,
): Promise<Erased> {
  const files = await removeFiles(ctx, await readPhotosOf(ctx.db, returnIds), { by: eraser.id, requestId: erasureId })
  const answers = await forgetAnswers(ctx.db, returnIds)
  // Last, for by this the units are found.
  const commands = returnIds.map((returnId): Command<{ returnId: string; ifVersion: null }> => ({
    actor,
    requestId: erasureId,
    idempotency: null,
    input: { returnId, ifVersion: null },
  }))
  await runOnReturns(ctx, 'erase_customer', commands, (items) =>
    Promise.resolve(items.map(() => accept([{ type: 'CustomerErased' as const, data: { erasureId } }]))),
  )
  return { returns: returnIds.length, files, answers }
}
