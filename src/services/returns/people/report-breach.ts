import type { BreachReport, BreachRequest } from '#contracts/breach.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { AppError } from '#kernel/errors.ts'
import type { Context } from '#context.ts'
import { countActions, countByClient, countByKind, countExposed, readExposed, readReach } from './breach-store.ts'
import { metaOf, type Asker } from './find-people.ts'
import { indexPeople } from './index-people.ts'

const peopleMax = 50_000
const hourMs = 3_600_000

const classOf: Readonly<Record<string, string>> = {
  name: 'name',
  email: 'e-mail address',
  phone: 'telephone number',
  ref: "seller's customer number",
}

/**
 * What was affected, whom, since when: for the notice of a breach. It tells what could be read, by what is kept and by the
 * reach of the login that was misused; that it was made is a record of the log.
 */
export async function reportBreach(
  ctx: Pick<Context, 'db' | 'secrets' | 'events' | 'now'>,
  asker: Asker,
  request: BreachRequest,
): Promise<BreachReport> {
  await indexPeople(ctx)
  const at = new Date(ctx.now())
  const since = new Date(request.since)
  const until = request.until === undefined ? at : new Date(request.until)
  if (until <= since) throw new AppError('invalid', 'until must lie after since', { problem: 'period_empty' })
  const { actorId } = request
  const reach = actorId === undefined ? null : await readReach(ctx.db, actorId)
  if (actorId !== undefined && reach === null)
    throw new AppError('not_found', `no such user or API key: ${actorId}`, { problem: 'actor_unknown' })
  const lists = [asker.actor.clientIds, request.clientIds ?? null, reach?.clientIds ?? null]
  const scope = { since, until, clientIds: common(lists), hubIds: reach?.hubIds ?? null }
  const counts = await countExposed(ctx.db, scope)
  const kinds = await countByKind(ctx.db, scope)
  const people = await readExposed(ctx.db, scope, peopleMax + 1)
  const actions = actorId === undefined ? [] : await countActions(ctx.db, actorId, since, until)
  const clients = await countByClient(ctx.db, scope)
  const data = {
    ...metaOf(asker),
    since: since.toISOString(),
    until: until.toISOString(),
    actorId: actorId ?? null,
    persons: counts.persons,
  }
  await ctx.db.transaction((tx) =>
    ctx.events.append(
      tx,
      [{ stream: `person-breach-${uuidv7(at.getTime())}`, version: 1, type: 'BreachReported', data }],
      at,
    ),
  )
  return {
    format: 'smartreturns-breach/1',
    madeAt: at.toISOString(),
    scope: {
      since: since.toISOString(),
      until: until.toISOString(),
      clientIds: scope.clientIds === null ? null : [...scope.clientIds],
      hubIds: scope.hubIds === null ? null : [...scope.hubIds],
      actorId: actorId ?? null,
    },
    persons: counts.persons,
    returns: counts.returns,
    photos: counts.photos,
    dataClasses: [
      ...kinds.map(({ kind, persons }) => ({ name: classOf[kind] ?? kind, persons })),
      { name: 'address and own words, where given; order, PIN code and goods', persons: counts.persons },
      { name: 'notes of staff about a unit (units, not persons)', persons: counts.notes },
    ],
    protection:
      'Stored encrypted with AES-256-GCM under a key for each person (ASVS 5.0 V11, V14); a copy of the database or of its files without the master key shows none of it',
    clients: clients.map(({ firstAt, ...client }) => ({ ...client, firstAt: firstAt.toISOString() })),
    actions: actions.map(({ firstAt, lastAt, ...action }) => ({
      ...action,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    })),
    reads: 'Searches, exports and erasures of persons are in the log one by one; the reading of single units is not',
    deadlines: [
      { duty: 'GDPR Art. 33: authority', until: new Date(at.getTime() + 72 * hourMs).toISOString() },
      { duty: 'GDPR Art. 34: persons, where the risk is high', until: 'without undue delay' },
      { duty: 'DPDP Act 8(6), Rule 7(1): each affected person', until: 'without delay' },
      { duty: 'DPDP Act 8(6), Rule 7(2): Data Protection Board, first notice', until: 'without delay' },
      {
        duty: 'DPDP Act 8(6), Rule 7(2): Data Protection Board, details',
        until: new Date(at.getTime() + 72 * hourMs).toISOString(),
      },
    ],
    people: people.slice(0, peopleMax).map(({ id, clientId, since: from, kinds: known }) => ({
      id,
      clientId,
      since: from.toISOString(),
      dataClasses: known.map((kind) => classOf[kind] ?? kind),
    })),
    isCut: people.length > peopleMax,
  }
}

/** What all lists have in common; null is "all". */
function common(lists: readonly (readonly string[] | null)[]): readonly string[] | null {
  return lists.reduce<readonly string[] | null>((so, list) => {
    if (list === null) return so
    return so === null ? list : so.filter((id) => list.includes(id))
  }, null)
}

/** The same for people: what a notice says, without the list of ids. */
export function breachText(report: BreachReport): string {
  const { scope } = report
  const lines = [
    `Personal data breach: report of ${report.madeAt}`,
    `From ${scope.since} to ${scope.until}${scope.actorId === null ? '' : `, by the login ${scope.actorId}`}`,
    '',
    `Persons affected: ${report.persons}`,
    `Units: ${report.returns}; photos: ${report.photos}`,
    '',
    'Kinds of data:',
    ...report.dataClasses.map(({ name, persons }) => `  ${name}: ${persons}`),
    '',
    'Clients:',
    ...report.clients.map(({ name, persons, firstAt }) => `  ${name}: ${persons} persons, the first since ${firstAt}`),
    '',
    `Protection: ${report.protection}.`,
    `Reads: ${report.reads}.`,
  ]
  if (scope.actorId !== null) {
    lines.push('', 'What the login did, by the log:')
    for (const { type, times, firstAt, lastAt } of report.actions)
      lines.push(`  ${type}: ${times} times, from ${firstAt} to ${lastAt}`)
    if (report.actions.length === 0) lines.push('  nothing that is written to the log')
  }
  lines.push('', 'Duties:', ...report.deadlines.map(({ duty, until }) => `  ${duty}: ${until}`))
  return `${lines.join('\n')}\n`
}
