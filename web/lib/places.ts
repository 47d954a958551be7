'use client'
import { useQuery } from '@tanstack/react-query'
import type { CategoryChoice } from '../../src/contracts/categories.ts'
import type { Client } from '../../src/contracts/clients.ts'
import type { Hub } from '../../src/contracts/hubs.ts'
import { read } from './api.ts'
import { defaultTimeZone } from './format.ts'

type Page<T> = { readonly data: readonly T[] }

/** Hubs change rarely: one read serves the filters, the forms and the time zones of all pages. */
export function useHubs() {
  return useQuery({
    queryKey: ['hubs'],
    queryFn: ({ signal }) => read<Page<Hub>>('/api/hubs?limit=200', signal),
    select: (page) => page.data,
    staleTime: 10 * 60_000,
  })
}

/** Times are shown as the hub's clock shows them. */
export function useTimeZone(hubId: string | null): string {
  const hubs = useHubs()
  return hubs.data?.find((hub) => hub.id === hubId)?.timezone ?? defaultTimeZone
}

export function useClients() {
  return useQuery({
    queryKey: ['clients'],
    queryFn: ({ signal }) => read<Page<Client>>('/api/clients?limit=200', signal),
    select: (page) => page.data,
    staleTime: 10 * 60_000,
  })
}

export function useCategories() {
  return useQuery({
    queryKey: ['categories'],
    queryFn: ({ signal }) => read<Page<CategoryChoice>>('/api/categories', signal),
    select: (page) => page.data,
    staleTime: Infinity,
  })
}
