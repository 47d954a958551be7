import type { Dashboard, EsgReport, Trends } from '../../../src/contracts/analytics.ts'
import type { Job } from '../../../src/contracts/jobs.ts'
import { read } from '../../lib/api.ts'

export const analyticsKeys = {
  dashboard: (query: string) => ['analytics', 'dashboard', query] as const,
  trends: (query: string) => ['analytics', 'trends', query] as const,
  esg: (query: string) => ['analytics', 'esg', query] as const,
  job: (id: string) => ['jobs', id] as const,
}

export const readDashboard = (query: string, signal: AbortSignal) =>
  read<Dashboard>(`/api/analytics/dashboard?${query}`, signal)
export const readTrends = (query: string, signal: AbortSignal) => read<Trends>(`/api/analytics/trends?${query}`, signal)
export const readEsg = (query: string, signal: AbortSignal) => read<EsgReport>(`/api/analytics/esg?${query}`, signal)
export const readJob = (id: string, signal: AbortSignal) => read<Job>(`/api/jobs/${id}`, signal)
