'use client'
import { useQuery } from '@tanstack/react-query'
import type { Role } from '../../src/contracts/codes.ts'
import type { Me as SignedIn } from '../../src/contracts/session.ts'
import { read } from './api.ts'

/** Who is signed in. A page is only ever opened by a person. */
export type Me = SignedIn & { readonly role: Role }

export const meKey = ['me'] as const

export function useMe() {
  return useQuery({
    queryKey: meKey,
    queryFn: ({ signal }) => read<Me>('/api/auth/me', signal),
    staleTime: 5 * 60_000,
  })
}

const homes: Readonly<Record<Role, string>> = {
  worker: '/station',
  manager: '/hubs',
  analyst: '/analytics',
  admin: '/admin',
  claims: '/returns',
  client_viewer: '/returns',
}

/** Where the work of a role begins. */
export function homeOf(role: Role): string {
  return homes[role]
}
