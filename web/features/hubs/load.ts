import { fullShare, type BoardHub, type HubsLive, type HubBoard } from '../../../src/contracts/hub-board.ts'

export const loadLevels = ['low', 'mid', 'high', 'full'] as const
export type LoadLevel = (typeof loadLevels)[number]

/** A hub without places is full. */
export function shareOf({ used, capacity }: Pick<BoardHub, 'used' | 'capacity'>): number {
  return capacity === 0 ? 1 : used / capacity
}

export function levelOf(share: number): LoadLevel {
  if (share >= fullShare) return 'full'
  if (share >= 0.75) return 'high'
  return share >= 0.6 ? 'mid' : 'low'
}

/** Stages in which a unit holds a place, in the order of the work. */
export const openStages = ['hub_assigned', 'received', 'quality_check', 'disposition'] as const

export type Alert =
  | { readonly kind: 'over' | 'full'; readonly hub: BoardHub }
  | { readonly kind: 'late'; readonly hub: BoardHub; readonly since: string }
  | { readonly kind: 'paused'; readonly hub: BoardHub }

const ranks: Readonly<Record<Alert['kind'], number>> = { over: 0, full: 1, late: 2, paused: 3 }

/** What a manager should look at: what is full first, then what waits too long, longest first. */
export function alertsOf(hubs: readonly BoardHub[]): Alert[] {
  const alerts = hubs.flatMap((hub): Alert[] => {
    const found: Alert[] = []
    if (hub.status === 'active' && levelOf(shareOf(hub)) === 'full')
      found.push({ kind: hub.used >= hub.capacity ? 'over' : 'full', hub })
    if (hub.oldestDueAt !== null) found.push({ kind: 'late', hub, since: hub.oldestDueAt })
    if (hub.status === 'paused' && hub.used > 0) found.push({ kind: 'paused', hub })
    return found
  })
  const since = (alert: Alert) => (alert.kind === 'late' ? alert.since : '')
  return alerts.toSorted((a, b) => ranks[a.kind] - ranks[b.kind] || since(a).localeCompare(since(b)))
}

/** The board after a message of the stream. Hubs keep their places: nothing moves away under a pointer. */
export function patched(board: HubBoard, { hubs, isWhole, asOf }: HubsLive): HubBoard {
  const told = new Map(hubs.map((hub) => [hub.id, hub]))
  const kept = board.hubs.filter((hub) => !isWhole || told.has(hub.id)).map((hub) => told.get(hub.id) ?? hub)
  const known = new Set(board.hubs.map(({ id }) => id))
  const added = hubs.filter(({ id }) => !known.has(id))
  const all = added.length === 0 ? kept : [...kept, ...added].toSorted((a, b) => a.code.localeCompare(b.code))
  return { ...board, hubs: all, asOf }
}
