import type { Rubric } from '../../../src/contracts/reference.ts'
import type { Return } from '../../../src/contracts/returns.ts'
import type { ScanAnswer } from '../../../src/contracts/scan.ts'
import { ApiError, call, read } from '../../lib/api.ts'
import { keepCards, readAll } from './store.ts'

/** What the bench asks the server, and what it keeps to do without. */

const pageMax = 200
const expected = 'in:hub_assigned,received,quality_check'
/** A line that is so slow is as good as none: the worker goes on with what is kept. */
const patienceMs = 4000

export async function askScan(code: string, hubId: string): Promise<ScanAnswer | null> {
  try {
    const body = { code, context: { hubId } }
    const { data } = await call<ScanAnswer>('POST', '/api/scan', { body, signal: AbortSignal.timeout(patienceMs) })
    return data
  } catch (error) {
    if (error instanceof ApiError && error.status !== 0 && error.status < 500) throw error
    return null
  }
}

/** The units that this hub expects or has open, for when there is no line. */
export async function refreshCards(hubId: string): Promise<readonly Return[]> {
  const query = new URLSearchParams({
    'filter[hubId]': hubId,
    'filter[stage]': expected,
    sort: 'createdAt',
    limit: String(pageMax),
    include: 'recommendation',
  })
  const page = await read<{ data: readonly Return[] }>(`/api/returns?${query.toString()}`)
  await keepCards(page.data)
  return page.data
}

export function keptCards(): Promise<readonly Return[]> {
  return readAll('cards')
}

const rubrics = new Map<string, Promise<Rubric>>()

/** Asked once for each category; the service worker keeps the answers. */
export function rubricOf(categoryId: string): Promise<Rubric> {
  const known = rubrics.get(categoryId)
  if (known !== undefined) return known
  const asked = read<Rubric>(`/api/quality/rubrics/${encodeURIComponent(categoryId)}`)
  rubrics.set(categoryId, asked)
  asked.catch(() => rubrics.delete(categoryId))
  return asked
}
