import type { ReturnEvent } from '#contracts/events.ts'
import type { StoredEvent, Subscriber } from '#platform/events/port.ts'
import type { Transaction } from '#platform/db/port.ts'
import { clearKpis, lockKpis, moveKpis, readKpiUnits, readReturnEvents, subscriberName, sumKpiUnits, writeKpiUnits } from './kpi-store.ts'
import { countEvent, type KpiUnit } from './kpi-units.ts'

const prefix = 'return-'
const rebuildEvents = 5000

/** Keeps `kpi_units` and `kpi_daily` with the log. The relay's cursor makes it exactly once. */
export const kpiSubscriber: Subscriber = {
  name: subscriberName,
  handle: async (tx, events) => moveKpis(tx, await foldEvents(tx, events)),
}

type Logged = Pick<StoredEvent, 'stream' | 'type' | 'data' | 'at'>

/** The units of these events as they stand after them. */
async function foldEvents(tx: Transaction, events: readonly Logged[]): Promise<KpiUnit[]> {
  const own = events.filter((event) => event.stream.startsWith(prefix))
  const ids = [...new Set(own.map((event) => event.stream.slice(prefix.length)))]
  if (ids.length === 0) return []
  const units = new Map((await readKpiUnits(tx, ids)).map((unit) => [unit.returnId, unit]))
  for (const event of own) {
    const id = event.stream.slice(prefix.length)
    units.set(id, countEvent(units.get(id) ?? null, id, { type: event.type, data: event.data } as unknown as ReturnEvent, event.at.toISOString()))
  }
  return [...units.values()]
}

/** Makes the figures anew from the log, up to where the subscriber stands. Gives the very rows that it has kept. */
export async function rebuildKpis(tx: Transaction): Promise<{ readonly events: number }> {
  const untilSeq = await lockKpis(tx)
  await clearKpis(tx)
  let seq = 0
  for (;;) {
    const events = await readReturnEvents(tx, seq, untilSeq, rebuildEvents)
    if (events.length === 0) break
    await writeKpiUnits(tx, await foldEvents(tx, events))
    seq = events.at(-1)!.seq
  }
  await sumKpiUnits(tx)
  return { events: seq }
}
