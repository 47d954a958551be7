'use client'
import { useQuery } from '@tanstack/react-query'
import type { Role } from '../../src/contracts/codes.ts'
import { read } from './api.ts'

/** Who is signed in. `null` lists mean "all". */
export type Me = {
  readonly id: string
  readonly name: string
  readonly email?: string
  readonly role: Role
  readonly permissions: readonly string[]
  readonly hubIds: readonly string[] | null
  readonly clientIds: readonly string[] | null
}

export const meKey = ['me'] as const

export function useMe() {
  return useQuery({ queryKey: meKey, queryFn: ({ signal }) => read<Me>('/api/auth/me', signal), staleTime: 5 * 60_000 })
}

export function homeOf(_role: Role): string {
  return '/returns'
}
