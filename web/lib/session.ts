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

/** Where somebody's work begins: by the role; a manager's at the page of the hub, where only one is theirs. */
export function homeOf({ role, hubIds }: Pick<Me, 'role' | 'hubIds'>): string {
  return role === 'manager' && hubIds?.length === 1 ? `/hubs/${hubIds[0]}` : homes[role]
}
