import type { DeadLetterBody, Job } from '../../../src/contracts/jobs.ts'
import { read } from '../../lib/api.ts'

export const jobKeys = {
  all: ['jobs', 'list'] as const,
  list: (state: string | null) => ['jobs', 'list', state] as const,
  dead: ['jobs', 'dead'] as const,
}

export const shownMax = 100

export async function readJobs(state: string | null, signal: AbortSignal): Promise<readonly Job[]> {
  const filter = state === null ? '' : `&filter[state]=${state}`
  return (await read<{ data: Job[] }>(`/api/jobs?limit=${shownMax}${filter}`, signal)).data
}

export async function readDeadLetters(signal: AbortSignal): Promise<readonly DeadLetterBody[]> {
  return (await read<{ data: DeadLetterBody[] }>('/api/dead-letters', signal)).data
}

export const isOpen = ({ state }: Pick<Job, 'state'>): boolean => state === 'queued' || state === 'running'
