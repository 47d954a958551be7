import { byOf } from '#contracts/events.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { AppError } from '#kernel/errors.ts'
import type { Person, PersonDetail, PersonList, PersonSearch } from '#contracts/privacy.ts'
import type { Customer } from '#contracts/returns.ts'
import { customerPlace } from '#contracts/sealed.ts'
import type { Actor, Context } from '#context.ts'
import { indexPeople } from './index-people.ts'
import { hintOf, marksOf } from './marks.ts'
import {
  countPhotos,
  readByMarks,
  readByReference,
  readClientIds,
  readConsents,
  readLog,
  readNewestSealed,
  readPersons,
  type PersonRow,
} from './people-store.ts'

type FoundBy = Person['foundBy'][number]
type FindContext = Pick<Context, 'db' | 'secrets' | 'events' | 'now'>

/** Who asks: the log keeps an id, never what was looked for. */
export type Asker = { readonly actor: Actor; readonly requestId: string }

export const metaOf = ({ actor, requestId }: Asker) => ({ by: byOf(actor), requestId })

/** Persons by what is known of them. The search itself is a record of the log: by which kinds of values, and how many were found. */
export async function findPeople(ctx: FindContext, asker: Asker, search: PersonSearch): Promise<PersonList> {
  const { actor } = asker
  const own = actor.clientIds
  if (search.clientId !== undefined && own !== null && !own.includes(search.clientId))
    throw new AppError('not_found', `no such client: ${search.clientId}`, { problem: 'client_unknown' })
  await indexPeople(ctx)
  const clientIds = await readClientIds(ctx.db, search.clientId === undefined ? own : [search.clientId])
  const found = new Map<string, Set<FoundBy>>()
  const add = (id: string, by: FoundBy) => found.set(id, (found.get(id) ?? new Set()).add(by))

  const { email, phone, name, ref, orderRef } = search
  const marks = clientIds.flatMap((clientId) => marksOf(ctx.secrets, clientId, { email, phone, name, ref }))
  for (const { id, kind } of await readByMarks(
    ctx.db,
    marks.map((each) => each.mark),
  ))
    add(id, kind)
  // Who was erased has no marks any more; the id alone still answers whether that was done.
  for (const clientId of clientIds) {
    for (const [by, value] of Object.entries({ email, phone, ref }))
      if (value !== undefined) add(ctx.secrets.personId(clientId, value), by as FoundBy)
  }
  const units = orderRef === undefined ? [] : await readByReference(ctx.db, orderRef, clientIds)
  for (const { personId } of units) if (personId !== null) add(personId, 'orderRef')

  const rows = await readPersons(ctx.db, [...found.keys()], clientIds)
  const hints = await hintsOf(ctx, rows)
  const data = rows.map((row): Person => ({ ...personOf(row, hints), foundBy: [...found.get(row.id)!] }))
  const kinds = Object.keys(search).filter((key) => key !== 'clientId')
  const at = new Date(ctx.now())
  await ctx.db.transaction((tx) =>
    ctx.events.append(
      tx,
      [
        {
          stream: `person-search-${uuidv7(at.getTime())}`,
          version: 1,
          type: 'PeopleSearched',
          data: { ...metaOf(asker), kinds, found: data.length },
        },
      ],
      at,
    ),
  )
  return { data, unlinkedReturns: units.filter((unit) => unit.personId === null).map((unit) => unit.returnId) }
}

/** One person: how the data stand, what the person has said, and what was done with the data. */
export async function readPerson(
  ctx: Pick<Context, 'db' | 'secrets'>,
  actor: Actor,
  id: string,
): Promise<PersonDetail> {
  const row = await visiblePerson(ctx, actor, id)
  const log = await readLog(ctx.db, id)
  return {
    ...personOf(row, await hintsOf(ctx, [row])),
    consents: await readConsents(ctx.db, id),
    photos: await countPhotos(ctx.db, id),
    log: log.map((record) => ({ ...record, at: record.at.toISOString() })),
  }
}

export async function visiblePerson(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<PersonRow> {
  const [row] = await readPersons(ctx.db, [id], actor.clientIds)
  if (row === undefined) throw personUnknown(id)
  return row
}

export function personUnknown(id: string): AppError {
  return new AppError('not_found', `no such person: ${id}`, { problem: 'person_unknown' })
}

type Hint = Person['hint']

async function hintsOf(
  ctx: Pick<Context, 'db' | 'secrets'>,
  rows: readonly PersonRow[],
): Promise<ReadonlyMap<string, Hint>> {
  const sealed = await readNewestSealed(
    ctx.db,
    rows.map((row) => row.id),
  )
  const opened = await ctx.secrets.openRestricted(
    sealed.map(({ personId, returnId, sealed: text }) => ({ personId, sealed: text, place: customerPlace(returnId) })),
  )
  return new Map(
    sealed.flatMap(({ personId }, i) => {
      const plain = opened[i]
      return plain === null || plain === undefined ? [] : [[personId, hintOf(JSON.parse(plain) as Customer)] as const]
    }),
  )
}

function personOf(row: PersonRow, hints: ReadonlyMap<string, Hint>): Omit<Person, 'foundBy'> {
  return {
    id: row.id,
    clientId: row.clientId,
    clientName: row.clientName,
    hint: hints.get(row.id) ?? null,
    returns: row.returns,
    openReturns: row.openReturns,
    lastReturnAt: row.lastReturnAt?.toISOString() ?? null,
    isRestricted: row.isRestricted,
    erasedAt: row.erasedAt?.toISOString() ?? null,
  }
}
