import type { ReturnEvent } from '#contracts/events.ts'
import type { StoredEvent, Subscriber } from '#platform/events/port.ts'
import type { Transaction } from '#platform/db/port.ts'
import {
  clearKpis,
  lockKpis,
  moveKpis,
  readEvents,
  readKpiUnits,
  removeClientKpis,
  removeClientUnits,
  subscriberName,
  sumKpiUnits,
  writeKpiUnits,
} from './kpi-store.ts'
import { countEvent, type KpiUnit } from './kpi-units.ts'

const prefix = 'return-'
const rebuildEvents = 5000

/** Keeps `kpi_units` and `kpi_daily` with the log. The relay's cursor makes it exactly once. */
export const kpiSubscriber: Subscriber = {
  name: subscriberName,
  handle: async (tx, events) => {
    for (const { ofReturns, removedClientId } of partsOf(events)) {
      await moveKpis(tx, await foldEvents(tx, ofReturns))
      if (removedClientId !== null) await removeClientKpis(tx, removedClientId)
    }
  },
}

type Logged = Pick<StoredEvent, 'stream' | 'type' | 'data' | 'at'>
type Part = { readonly ofReturns: Logged[]; readonly removedClientId: string | null }

/** The events of returns, cut where a client with all its returns is removed. */
function partsOf(events: readonly Logged[]): Part[] {
  const parts: Part[] = []
  let ofReturns: Logged[] = []
  for (const event of events) {
    if (event.stream.startsWith(prefix)) ofReturns.push(event)
    else if (event.type === 'ClientRemoved') {
      parts.push({ ofReturns, removedClientId: event.stream.slice('client-'.length) })
      ofReturns = []
    }
  }
  return [...parts, { ofReturns, removedClientId: null }]
}

/** The units of these events as they stand after them. */
async function foldEvents(tx: Transaction, events: readonly Logged[]): Promise<KpiUnit[]> {
  const ids = [...new Set(events.map((event) => event.stream.slice(prefix.length)))]
  if (ids.length === 0) return []
  const units = new Map((await readKpiUnits(tx, ids)).map((unit) => [unit.returnId, unit]))
  for (const event of events) {
    const id = event.stream.slice(prefix.length)
    units.set(
      id,
      countEvent(
        units.get(id) ?? null,
        id,
        { type: event.type, data: event.data } as unknown as ReturnEvent,
        event.at.toISOString(),
      ),
    )
  }
  return [...units.values()]
}

/** Makes the figures anew from the log, up to where the subscriber stands. Gives the very rows that it has kept. */
export async function rebuildKpis(tx: Transaction): Promise<{ readonly events: number }> {
  const untilSeq = await lockKpis(tx)
  await clearKpis(tx)
  let seq = 0
  for (;;) {
    const events = await readEvents(tx, seq, untilSeq, rebuildEvents)
    if (events.length === 0) break
    for (const { ofReturns, removedClientId } of partsOf(events)) {
      await writeKpiUnits(tx, await foldEvents(tx, ofReturns))
      if (removedClientId !== null) await removeClientUnits(tx, removedClientId)
    }
    seq = events.at(-1)!.seq
  }
  await sumKpiUnits(tx)
  return { events: seq }
}
