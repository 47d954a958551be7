import type { PersonDetail, PersonList, PersonSearch } from '../../../src/contracts/privacy.ts'
import type { DataClass, RetentionPolicy, RetentionRun } from '../../../src/contracts/retention.ts'
import { call, problemOf, read } from '../../lib/api.ts'

export const privacyKeys = {
  person: (id: string) => ['person', id] as const,
  retention: ['retention'] as const,
}

/** What is looked for goes in the body: an address would stand in the history and in logs. */
export async function findPeople(search: PersonSearch): Promise<PersonList> {
  return (await call<PersonList>('POST', '/api/privacy/people/search', { body: search })).data
}

export function readPerson(id: string, signal: AbortSignal): Promise<PersonDetail> {
  return read<PersonDetail>(`/api/privacy/people/${id}`, signal)
}

/** Lets the browser keep the file; a look at the person first renews a session that is about to end. */
export async function downloadPerson(id: string, format: 'json' | 'csv'): Promise<void> {
  await read(`/api/privacy/people/${id}`)
  const path = `/api/privacy/people/${id}/export?format=${format}`
  const response = await fetch(path, { credentials: 'same-origin' })
  if (!response.ok) throw await problemOf(response, path)
  const address = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = `person-${id}.${format}`
  link.click()
  URL.revokeObjectURL(address)
}

export async function readRetention(signal: AbortSignal): Promise<readonly RetentionPolicy[]> {
  return (await read<{ data: RetentionPolicy[] }>('/api/privacy/retention', signal)).data
}

export async function runRetention(isDryRun: boolean): Promise<RetentionRun> {
  return (await call<RetentionRun>('POST', '/api/privacy/retention/runs', { body: { isDryRun } })).data
}

export async function changeRetention(
  dataClass: DataClass,
  change: { readonly days: number; readonly isActive: boolean; readonly version: number },
): Promise<RetentionPolicy> {
  const { version, ...body } = change
  const path = `/api/privacy/retention/${dataClass}`
  return (await call<RetentionPolicy>('PUT', path, { body, ifVersion: version })).data
}
