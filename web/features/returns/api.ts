import type { AuditExport, AuditRecord, AuditReport } from '../../../src/contracts/audit.ts'
import type { Explanation } from '../../../src/contracts/explanations.ts'
import type { ScanAnswer } from '../../../src/contracts/scan.ts'
import type { Recommendation, Return, ReturnDetail, TimelineEntry } from '../../../src/contracts/returns.ts'
import { call, read } from '../../lib/api.ts'

export type ReturnPage = {
  readonly data: readonly Return[]
  readonly page: { readonly nextCursor: string | null; readonly limit: number }
}

export const keys = {
  lists: ['returns'] as const,
  list: (query: string) => ['returns', query] as const,
  detail: (id: string) => ['return', id] as const,
  audit: (id: string) => ['return', id, 'audit'] as const,
  explanation: (recommendationId: string, against: string) => ['explanation', recommendationId, against] as const,
  timeline: (id: string) => ['return', id, 'timeline'] as const,
}

export function readReturns(query: string, signal: AbortSignal): Promise<ReturnPage> {
  return read<ReturnPage>(`/api/returns?${query}`, signal)
}

export function readReturn(id: string, signal?: AbortSignal): Promise<ReturnDetail> {
  return read<ReturnDetail>(`/api/returns/${id}`, signal)
}

export async function readTimeline(id: string, signal: AbortSignal): Promise<readonly TimelineEntry[]> {
  const { data } = await read<{ data: readonly TimelineEntry[] }>(`/api/returns/${id}/timeline`, signal)
  return data
}

/** The log's own records of one return, oldest first. */
export async function readAudit(id: string, signal: AbortSignal): Promise<readonly AuditRecord[]> {
  const query = new URLSearchParams({ 'filter[stream]': `return-${id}`, limit: '200' })
  const { data } = await read<{ data: readonly AuditRecord[] }>(`/api/audit?${query.toString()}`, signal)
  return data.toSorted((a, b) => a.seq - b.seq)
}

export function verifyAudit(): Promise<AuditReport> {
  return read<AuditReport>('/api/audit/verify')
}

/** All records of a return with the proofs that they are what was signed. */
export function exportAudit(id: string): Promise<AuditExport> {
  return read<AuditExport>(`/api/audit/returns/${id}/export`)
}

/** Why the recommended option and not another one; without one, the best of the others. */
export function readExplanation(
  returnId: string,
  against: Recommendation['options'][number] | null,
  signal: AbortSignal,
): Promise<Explanation> {
  const { disposition, channel } = against ?? {}
  const query = disposition === undefined || channel === undefined ? {} : { disposition, channel }
  return read<Explanation>(`/api/returns/${returnId}/explanation?${new URLSearchParams(query).toString()}`, signal)
}

/** Whatever a person types or scans: LPN, RMA, AWB, order, serial number. */
export async function resolveCode(code: string): Promise<ScanAnswer> {
  const { data } = await call<ScanAnswer>('POST', '/api/scan', { body: { code } })
  return data
}
