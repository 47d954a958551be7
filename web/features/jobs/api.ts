import type { DeadLetterBody, Job } from '../../../src/contracts/jobs.ts'
import { read } from '../../lib/api.ts'

export const jobKeys = {
  all: ['jobs', 'list'] as const,
  list: (state: string | null) => ['jobs', 'list', state] as const,
  newest: ['jobs', 'list', 'newest'] as const,
  dead: ['jobs', 'dead'] as const,
}

const pageSize = 50

export type JobsPage = { readonly data: readonly Job[]; readonly page: { readonly nextCursor: string | null } }

/** One page, the newest first. */
export function readJobs(state: string | null, cursor: string | null, signal: AbortSignal): Promise<JobsPage> {
  const query = new URLSearchParams({ limit: String(pageSize) })
  if (state !== null) query.append('filter[state]', state)
  if (cursor !== null) query.append('cursor', cursor)
  return read<JobsPage>(`/api/jobs?${query.toString()}`, signal)
}

export async function readDeadLetters(signal: AbortSignal): Promise<readonly DeadLetterBody[]> {
  return (await read<{ data: DeadLetterBody[] }>('/api/dead-letters', signal)).data
}

export const isOpen = ({ state }: Pick<Job, 'state'>): boolean => state === 'queued' || state === 'running'
