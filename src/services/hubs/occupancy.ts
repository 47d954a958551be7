import type { HubOccupancy } from '#contracts/hub-board.ts'
import type { Actor, Context } from '#context.ts'
import { readBoard, boardFor } from './board.ts'
import { readDayMoves, type DayMove } from './board-store.ts'

const dayMs = 86_400_000

/** The last `count` days of a clock, oldest first, as YYYY-MM-DD. */
export function lastDays(nowMs: number, timeZone: string, count: number): string[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const today = Date.parse(`${format.format(nowMs)}T00:00:00Z`)
  return Array.from({ length: count }, (_, i) => new Date(today - (count - 1 - i) * dayMs).toISOString().slice(0, 10))
}

/** Places taken at the end of each day, counted back from what is taken now. Pure. */
export function countBack(
  usedNow: number,
  dates: readonly string[],
  moves: readonly Omit<DayMove, 'hubId'>[],
): HubOccupancy['hubs'][number]['days'] {
  const byDate = new Map(moves.map((move) => [move.date, move]))
  let used = usedNow
  return dates
    .toReversed()
    .map((date) => {
      const { entered, received, left } = byDate.get(date) ?? { entered: 0, received: 0, left: 0 }
      const day = { date, used: Math.max(0, used), entered, received, left }
      used = used - entered + left
      return day
    })
    .toReversed()
}

/** How full hubs were, by day: one, or all that the actor may see. To be called in the scope of all. */
export async function readOccupancy(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  wanted: { readonly hubId: string | null; readonly days: number },
): Promise<HubOccupancy> {
  const nowMs = ctx.now()
  const hubs = boardFor(actor, await readBoard(ctx)).filter((hub) => wanted.hubId === null || hub.id === wanted.hubId)
  // One day more than is shown: the clocks of hubs differ.
  const from = new Date(nowMs - (wanted.days + 1) * dayMs)
  const ids = hubs.map(({ id }) => id)
  const moves = Map.groupBy(await readDayMoves(ctx.db, ids, from), (move) => move.hubId)
  return {
    hubs: hubs.map(({ id, code, timezone, capacity, used }) => ({
      hubId: id,
      code,
      capacity,
      days: countBack(used, lastDays(nowMs, timezone, wanted.days), moves.get(id) ?? []),
    })),
    asOf: new Date(nowMs).toISOString(),
  }
}
