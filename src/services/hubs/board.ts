import type { BoardHub, HubsLive, Unassigned } from '#contracts/hub-board.ts'
import type { Actor, Context } from '#context.ts'
import { readBoardHubs, readQueues, readUnassignedMark, readUnassignedUnits } from './board-store.ts'
import { hubFromPlaces } from './store.ts'

/** All hubs as they stand at one moment; who may see which is asked when it is told. */
export type BoardView = {
  readonly hubs: readonly { readonly hub: BoardHub; readonly clientIds: readonly string[] | null }[]
  readonly unassignedMark: string
  readonly asOf: string
}

/** Reads all hubs in three statements, however many there are. To be called in the scope of all. */
export async function readBoard(ctx: Pick<Context, 'db' | 'now'>): Promise<BoardView> {
  const at = new Date(ctx.now())
  const [hubs, queues, unassignedMark] = await Promise.all([
    readBoardHubs(ctx.db),
    readQueues(ctx.db, at),
    readUnassignedMark(ctx.db),
  ])
  const byHub = Map.groupBy(queues, (queue) => queue.hubId)
  return {
    hubs: hubs.map((places) => {
      const { id, code, name, status, lat, lng, timezone, capabilities, capacity, usedCapacity, version } =
        hubFromPlaces(places)
      const own = byHub.get(id) ?? []
      const late = own.filter((queue) => queue.overdue > 0)
      const oldest = late.flatMap((queue) => queue.oldestDueAt?.getTime() ?? [])
      const hub = {
        id,
        code,
        name,
        status,
        lat,
        lng,
        timezone,
        capabilities,
        capacity,
        used: usedCapacity,
        byStage: Object.fromEntries(own.map(({ stage, units }) => [stage, units])),
        overdue: late.reduce((sum, queue) => sum + queue.overdue, 0),
        overdueByStage: Object.fromEntries(late.map(({ stage, overdue }) => [stage, overdue])),
        oldestDueAt: oldest.length === 0 ? null : new Date(Math.min(...oldest)).toISOString(),
        version,
      }
      return { hub, clientIds: places.clientIds }
    }),
    unassignedMark,
    asOf: at.toISOString(),
  }
}

/** The hubs that somebody may see. */
export function boardFor(actor: Pick<Actor, 'hubIds' | 'clientIds'>, view: BoardView): BoardHub[] {
  return view.hubs.flatMap(({ hub, clientIds }) => {
    const isOwn = actor.hubIds === null || actor.hubIds.includes(hub.id)
    const serves =
      clientIds === null || actor.clientIds === null || clientIds.some((id) => actor.clientIds!.includes(id))
    return isOwn && serves ? [hub] : []
  })
}

/** What somebody is to be told who saw `before`; null where nothing is otherwise. All is told where nothing was seen. */
export function changesBetween(
  actor: Pick<Actor, 'hubIds' | 'clientIds'>,
  before: BoardView | null,
  after: BoardView,
): HubsLive | null {
  const now = boardFor(actor, after)
  const whole = { hubs: now, isWhole: true, isUnassignedChanged: true, asOf: after.asOf }
  if (before === null) return whole
  const isUnassignedChanged = before.unassignedMark !== after.unassignedMark
  const seen = new Map(boardFor(actor, before).map((hub) => [hub.id, JSON.stringify(hub)]))
  if ([...seen.keys()].some((id) => now.every((hub) => hub.id !== id))) return { ...whole, isUnassignedChanged }
  const hubs = now.filter((hub) => seen.get(hub.id) !== JSON.stringify(hub))
  return hubs.length === 0 && !isUnassignedChanged
    ? null
    : { hubs, isWhole: false, isUnassignedChanged, asOf: after.asOf }
}

const unassignedShown = 20

/** Units without a hub, within the caller's own bounds. */
export async function readUnassigned(ctx: Pick<Context, 'db'>, actor: Pick<Actor, 'clientIds'>): Promise<Unassigned> {
  const rows = await readUnassignedUnits(ctx.db, actor.clientIds, unassignedShown)
  return {
    count: rows[0]?.total ?? 0,
    units: rows.map(({ id, lpn, title, pickupPincode, reviewReasons, since, version }) => ({
      id,
      lpn,
      title,
      pickupPincode,
      reviewReasons,
      since: since.toISOString(),
      version,
    })),
  }
}
