import type { Consent, ConsentRequest, RestrictRequest } from '#contracts/privacy.ts'
import { noteKeyId } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import type { Transaction } from '#platform/db/port.ts'
import { metaOf, personUnknown, type Asker } from './find-people.ts'
import { lockPerson, nextVersion, readReturnIds, writeConsent } from './people-store.ts'

type WriteContext = Pick<Context, 'secrets' | 'events' | 'now'>

async function livePerson(tx: Transaction, asker: Asker, id: string): Promise<{ readonly clientId: string }> {
  const person = await lockPerson(tx, id, asker.actor.clientIds)
  if (person === null) throw personUnknown(id)
  if (person.isErased)
    throw new AppError('conflict', 'the data of this person were erased', { problem: 'person_erased' })
  return person
}

export async function appendPersonEvent(
  ctx: Pick<WriteContext, 'events'>,
  tx: Transaction,
  id: string,
  event: { readonly type: string; readonly data: Readonly<Record<string, unknown>> },
  at: Date,
): Promise<void> {
  const stream = `person-${id}`
  await ctx.events.append(tx, [{ stream, version: await nextVersion(tx, stream), ...event }], at)
}

/** The data rest: kept, shown to nobody but for the person's own sake, no part of what models learn from. Or that ends. */
export async function restrictPerson(
  ctx: WriteContext,
  tx: Transaction,
  asker: Asker,
  id: string,
  { isRestricted, reason }: RestrictRequest,
): Promise<void> {
  const { clientId } = await livePerson(tx, asker, id)
  const at = new Date(ctx.now())
  const notes = (await readReturnIds(tx, id)).map(noteKeyId)
  await ctx.secrets.restrict(tx, [id, ...notes], isRestricted ? at : null)
  const type = isRestricted ? 'PersonRestricted' : 'PersonReleased'
  await appendPersonEvent(ctx, tx, id, { type, data: { ...metaOf(asker), clientId, reason } }, at)
}

/** What a person says to a purpose. */
export async function recordConsent(
  ctx: Omit<WriteContext, 'secrets'>,
  tx: Transaction,
  asker: Asker,
  id: string,
  request: ConsentRequest,
): Promise<Consent> {
  const { clientId } = await livePerson(tx, asker, id)
  const at = new Date(ctx.now())
  const consent = { ...request, notice: request.notice ?? null }
  await writeConsent(tx, { id, clientId }, consent, at)
  const type = request.isGiven ? 'ConsentGiven' : 'ConsentWithdrawn'
  await appendPersonEvent(ctx, tx, id, { type, data: { ...metaOf(asker), clientId, ...consent } }, at)
  return { ...consent, at: at.toISOString() }
}
