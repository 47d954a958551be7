import type { HubEventEntry } from '#contracts/hub-board.ts'
import type { By } from '#contracts/events.ts'
import type { Actor, Context } from '#context.ts'
import { readHub } from './read-hubs.ts'
import type { HubEventData } from './update-hubs.ts'

const eventsShown = 50
const told = ['name', 'status', 'capacity', 'minutesPerDay', 'capabilities', 'clientIds'] as const
type Told = (typeof told)[number]

/** What was done with a hub itself, newest first: what each change changed, and by whom. */
export async function readHubEvents(
  ctx: Pick<Context, 'db' | 'events'>,
  actor: Actor,
  id: string,
): Promise<Omit<HubEventEntry, 'byName'>[]> {
  await readHub(ctx, actor, id)
  const events = await ctx.events.readStream(`hub-${id}`)
  let before: HubEventData | null = null
  const entries: Omit<HubEventEntry, 'byName'>[] = []
  for (const { version, type, at, data } of events) {
    const after = data as unknown as HubEventData & { readonly by?: By }
    entries.push({
      version,
      type: type as HubEventEntry['type'],
      at: at.toISOString(),
      by: after.by?.id ?? null,
      changes: before === null ? [] : changes(before, after),
    })
    before = after
  }
  return entries.toReversed().slice(0, eventsShown)
}

function changes(before: HubEventData, after: HubEventData): HubEventEntry['changes'] {
  return told.flatMap((field) => {
    const [from, to] = [text(before, field), text(after, field)]
    return from === to ? [] : [{ field, from, to }]
  })
}

/** Clients are counted: who they are is not for everybody who may see the hub. */
function text(data: HubEventData, field: Told): string | null {
  const value = field === 'capacity' ? data.capacity : data.hub[field]
  if (value === null) return null
  if (field === 'clientIds') return String((value as readonly string[]).length)
  return typeof value === 'object' ? value.join(',') : String(value)
}
