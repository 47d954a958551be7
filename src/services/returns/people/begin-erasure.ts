import type { erasureReasons } from '#contracts/privacy.ts'
import { noteKeyId } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Transaction } from '#platform/db/port.ts'
import { forgetPerson, insertErasure, readErasure, readLastErasure, type ErasureRow } from './erase-store.ts'
import { metaOf, personUnknown, type Asker } from './find-people.ts'
import { lockPerson, readPersons, readReturnIds } from './people-store.ts'
import { appendPersonEvent } from './restrict-people.ts'

/**
 * Destroys the keys of a person, in the caller's transaction: from its commit on nothing of the person can be read, here or
 * in any copy. Who was erased before gets the erasure of then. What has to be removed besides is `flows/erase-person.ts`.
 */
export async function beginErasure(
  ctx: Pick<Context, 'secrets' | 'events' | 'now'>,
  tx: Transaction,
  asker: Asker,
  person: {
    readonly id: string
    readonly reason: (typeof erasureReasons)[number]
    readonly evenIfOpen: boolean
  },
): Promise<ErasureRow> {
  const { id, reason } = person
  const locked = await lockPerson(tx, id, asker.actor.clientIds)
  if (locked === null) throw personUnknown(id)
  if (locked.isErased) {
    const last = await readLastErasure(tx, id)
    if (last !== null) return last
  }
  const [row] = await readPersons(tx, [id], null)
  const open = row?.openReturns ?? 0
  if (open > 0 && !person.evenIfOpen) {
    throw new AppError(
      'conflict',
      `${open} units of this person are still on their way: settle them first, or say evenIfOpen`,
      { problem: 'returns_open' },
    )
  }
  const at = new Date(ctx.now())
  const returnIds = await readReturnIds(tx, id)
  const { clientId } = locked
  const erasureId = uuidv7(at.getTime())
  await insertErasure(tx, {
    id: erasureId,
    personId: id,
    clientId,
    reason,
    requestedBy: asker.actor.id,
    requestedAt: at,
  })
  await ctx.secrets.destroy(tx, [id, ...returnIds.map(noteKeyId)], at)
  await forgetPerson(tx, id)
  const data = { ...metaOf(asker), clientId, erasureId, reason, returns: returnIds.length }
  await appendPersonEvent(ctx, tx, id, { type: 'PersonErased', data }, at)
  return readErasure(tx, erasureId)
}
