import type { z } from 'zod'
import type { userSchema } from '../../../src/contracts/users.ts'
import { read } from '../../lib/api.ts'

export type User = z.infer<typeof userSchema>

export const userKeys = { all: ['users'] as const }

type Page = { readonly data: readonly User[]; readonly page: { readonly nextCursor: string | null } }

/** All of them: an installation has hundreds of people, not millions. */
export async function readUsers(signal: AbortSignal): Promise<readonly User[]> {
  const users: User[] = []
  for (let cursor: string | null = null; ;) {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`
    const { data, page } = await read<Page>(`/api/users?limit=200${more}`, signal)
    users.push(...data)
    if (page.nextCursor === null) return users
    cursor = page.nextCursor
  }
}
