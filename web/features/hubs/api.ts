import type { HubBoard, HubEventEntry, HubOccupancy } from '../../../src/contracts/hub-board.ts'
import type { Hub, HubCapacity, HubPerformance } from '../../../src/contracts/hubs.ts'
import { read } from '../../lib/api.ts'

/** All begin as the list of `lib/places.ts` does, so that a changed hub is read anew everywhere. */
export const hubKeys = {
  all: ['hubs'] as const,
  board: ['hubs', 'board'] as const,
  occupancy: (hubId: string | null, days: number) => ['hubs', 'occupancy', hubId, days] as const,
  hub: (id: string) => ['hubs', 'one', id] as const,
  capacity: (id: string) => ['hubs', 'one', id, 'capacity'] as const,
  performance: (id: string) => ['hubs', 'one', id, 'performance'] as const,
  events: (id: string) => ['hubs', 'one', id, 'events'] as const,
}

export const readBoard = (signal: AbortSignal) => read<HubBoard>('/api/hubs/board', signal)

export function readOccupancy(hubId: string | null, days: number, signal: AbortSignal): Promise<HubOccupancy> {
  const one = hubId === null ? '' : `&hubId=${hubId}`
  return read<HubOccupancy>(`/api/hubs/occupancy?days=${days}${one}`, signal)
}

export const readHub = (id: string, signal: AbortSignal) => read<Hub>(`/api/hubs/${id}`, signal)
export const readCapacity = (id: string, signal: AbortSignal) => read<HubCapacity>(`/api/hubs/${id}/capacity`, signal)
export const readPerformance = (id: string, signal: AbortSignal) =>
  read<HubPerformance>(`/api/hubs/${id}/performance`, signal)

export async function readEvents(id: string, signal: AbortSignal): Promise<readonly HubEventEntry[]> {
  return (await read<{ data: HubEventEntry[] }>(`/api/hubs/${id}/events`, signal)).data
}

/** The list of returns behind a figure of a hub. */
export function listHref(hubId: string, stage?: string): string {
  return `/returns?hub=${hubId}${stage === undefined ? '' : `&stage=${stage}`}`
}
