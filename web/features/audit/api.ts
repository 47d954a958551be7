import type {
  AuditCheckpoint,
  AuditDetail,
  AuditExport,
  AuditRecord,
  AuditReport,
} from '../../../src/contracts/audit.ts'
import { read } from '../../lib/api.ts'

export type AuditFilter = {
  readonly by: string
  readonly type: string
  readonly object: string
  /** Days, as the date fields give them. */
  readonly from: string
  readonly to: string
}
export const noFilter: AuditFilter = { by: '', type: '', object: '', from: '', to: '' }

export type AuditPageOf = {
  readonly data: readonly AuditRecord[]
  readonly page: { readonly nextCursor: string | null }
}

export const auditKeys = {
  list: (filter: AuditFilter) => ['audit', 'list', filter] as const,
  record: (seq: number) => ['audit', 'record', seq] as const,
  checkpoints: ['audit', 'checkpoints'] as const,
}

const dayMs = 86_400_000

/** A day as people in India mean it; its end belongs to it. */
function instantOf(day: string, isEnd: boolean): string {
  const start = Date.parse(`${day}T00:00:00+05:30`)
  return new Date(isEnd ? start + dayMs : start).toISOString()
}

export function readAuditPage(filter: AuditFilter, cursor: string | null, signal: AbortSignal): Promise<AuditPageOf> {
  const query = new URLSearchParams({ limit: '50' })
  if (filter.by !== '') query.append('filter[by]', filter.by)
  if (filter.type !== '') query.append('filter[type]', `contains:${filter.type}`)
  if (filter.object !== '') query.append('filter[stream]', `contains:${filter.object}`)
  if (filter.from !== '') query.append('filter[at]', `gte:${instantOf(filter.from, false)}`)
  if (filter.to !== '') query.append('filter[at]', `lt:${instantOf(filter.to, true)}`)
  if (cursor !== null) query.append('cursor', cursor)
  return read<AuditPageOf>(`/api/audit?${query.toString()}`, signal)
}

export function readAuditRecord(seq: number, signal: AbortSignal): Promise<AuditDetail> {
  return read<AuditDetail>(`/api/audit/records/${seq}`, signal)
}

export type Checkpoints = {
  readonly publicKey: string
  readonly records: number
  readonly newest: AuditCheckpoint | null
}

export function readCheckpoints(signal: AbortSignal): Promise<Checkpoints> {
  return read<Checkpoints>('/api/audit/checkpoints', signal)
}

export function verifyLog(): Promise<AuditReport> {
  return read<AuditReport>('/api/audit/verify')
}

export function exportReturn(id: string): Promise<AuditExport> {
  return read<AuditExport>(`/api/audit/returns/${id}/export`)
}
