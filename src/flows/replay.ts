import type { ReturnEvent } from '#contracts/events.ts'
import type { Context } from '#context.ts'
import type { StoredEvent } from '#platform/events/port.ts'
import type { Transaction } from '#platform/db/port.ts'
import { writeHubs, type HubEventData } from '#services/hubs/index.ts'
import {
  changeOf,
  readStates,
  writeCatalogEvents,
  type ReturnChange,
  type ReturnState,
} from '#services/returns/index.ts'
import { changeStatements } from './change-rows.ts'
import { removeClient } from './remove-client.ts'
import {
  copySchema,
  differences,
  dropSchema,
  readEventsIn,
  useSchema,
  type Difference,
} from '#platform/events/scratch.ts'

const eventsPerBatch = 2000

/** Read models that are nothing but the log, seen another way; in the order in which they can be filled. */
export const replayedTables = [
  'clients',
  'products',
  'hubs',
  'hub_capacity',
  'parcels',
  'return_items',
  'processing_workflows',
  'identifiers',
  'ai_recommendations',
  'recommendation_feedback',
  'labels',
  'quality_checks',
  'dispositions',
  'ledger_entries',
  'esg_metrics',
] as const

export type ReplayReport = {
  readonly events: number
  readonly seconds: number
  readonly differences: readonly Difference[]
}

/**
 * Rebuilds every read model from the log into a scratch schema, by the code that serves commands, and compares it
 * with what is served, row by row. Takes one snapshot, so that it may run beside traffic. Keeps nothing.
 */
export async function verifyReplay(
  ctx: Pick<Context, 'db' | 'events' | 'now'>,
  progress: (events: number) => void = () => {},
): Promise<ReplayReport> {
  const startedMs = ctx.now()
  let count = 0
  // The application itself may make no tables.
  const found = await (ctx.db.owner ?? ctx.db).transaction(
    async (tx) => {
      const schema = 'replay_scratch'
      await copySchema(tx, schema, replayedTables)
      await useSchema(tx, schema)
      for (;;) {
        const events = await readEventsIn(tx, count, count + eventsPerBatch)
        if (events.length === 0) break
        for (const round of roundsOf(events)) await applyRound(tx, round)
        count += events.length
        progress(count)
      }
      await useSchema(tx, null)
      const differing = await differences(tx, schema, replayedTables)
      await dropSchema(tx, schema)
      return differing
    },
    { isolation: 'repeatable read', retries: 0, statementTimeoutMs: 3_600_000 },
  )
  return { events: count, seconds: (ctx.now() - startedMs) / 1000, differences: found }
}

function commandOf(event: StoredEvent): string {
  return `${event.at.getTime()}|${(event.data as { requestId?: string }).requestId ?? ''}`
}

/** Cuts the log where one stream meets its next command: within a round each stream moves by one command at most. */
export function roundsOf(events: readonly StoredEvent[]): StoredEvent[][] {
  const rounds: StoredEvent[][] = []
  let round: StoredEvent[] = []
  let commands = new Map<string, string>()
  for (const event of events) {
    const earlier = commands.get(event.stream)
    const own = commandOf(event)
    // What removes rows of many streams stands in a round of its own.
    const isRemoval = event.type === 'ClientRemoved' || round[0]?.type === 'ClientRemoved'
    if ((earlier !== undefined && earlier !== own) || (isRemoval && round.length > 0)) {
      rounds.push(round)
      round = []
      commands = new Map()
    }
    commands.set(event.stream, own)
    round.push(event)
  }
  if (round.length > 0) rounds.push(round)
  return rounds
}

async function applyRound(tx: Transaction, events: readonly StoredEvent[]): Promise<void> {
  const [first] = events
  if (first?.type === 'ClientRemoved') {
    const { clientId, hubIds } = first.data as { clientId: string; hubIds: string[] }
    await removeClient(tx, clientId, hubIds, 'replay')
    return
  }
  await writeCatalogEvents(tx, events)
  const hubs = events.filter((e) => e.stream.startsWith('hub-')).map((e) => e.data as unknown as HubEventData)
  await writeHubs(
    tx,
    latest(hubs).map(({ hub, capacity }) => ({ ...hub, capacity })),
  )
  const byReturn = new Map<string, StoredEvent[]>()
  for (const event of events) {
    if (!event.stream.startsWith('return-')) continue
    const id = event.stream.slice('return-'.length)
    byReturn.set(id, [...(byReturn.get(id) ?? []), event])
  }
  const states = new Map((await readStates(tx, [...byReturn.keys()])).map((state) => [state.id, state]))
  const byInstant = new Map<string, ReturnChange[]>()
  for (const [id, own] of byReturn) {
    const at = own[0]!.at.toISOString()
    const before: ReturnState | null = states.get(id) ?? null
    const change = changeOf(
      before,
      id,
      own.map((e) => ({ type: e.type, data: e.data }) as unknown as ReturnEvent),
      at,
    )
    byInstant.set(at, [...(byInstant.get(at) ?? []), change])
  }
  for (const [at, changes] of byInstant) await tx.run(changeStatements(changes, at))
}

function latest(hubs: readonly HubEventData[]): HubEventData[] {
  return [...new Map(hubs.map((data) => [data.hub.id, data])).values()]
}
