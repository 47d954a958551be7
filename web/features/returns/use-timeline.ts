'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { keys, readTimeline } from './api.ts'

/** What happened to the return. A new version has new events: the key changes with it, the old stay until they are read. */
export function useTimeline(unit: ReturnDetail) {
  return useQuery({
    queryKey: [...keys.timeline(unit.id), unit.version],
    queryFn: ({ signal }) => readTimeline(unit.id, signal),
    placeholderData: (before) => before,
  })
}
