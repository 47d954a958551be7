import type { AuditCheckpoint } from '../../../src/contracts/audit.ts'
import type { Job } from '../../../src/contracts/jobs.ts'

/** What one watched thing is like: words under `admin`, what stands in them, and whether somebody should look. */
export type Finding = {
  readonly words: string
  readonly values: Readonly<Record<string, string | number>>
  readonly needsLook: boolean
}

type When = (instant: string) => string

const well = (words: string, values: Finding['values'] = {}): Finding => ({ words, values, needsLook: false })
const look = (words: string, values: Finding['values'] = {}): Finding => ({ words, values, needsLook: true })

export type Health = { readonly status: 'ok' | 'degraded'; readonly engines: Readonly<Record<string, string>> }

export function judgeEngines({ status, engines }: Health): Finding {
  if (status !== 'ok') return look('enginesLook')
  const { database = '', jobs = '', cache = '', blobs = '' } = engines
  return well('enginesWell', { database, jobs, cache, blobs })
}

export function judgeJobs(newest: readonly Pick<Job, 'state' | 'createdAt'>[], when: When): Finding {
  const failed = newest.filter(({ state }) => state === 'failed')
  const [last] = failed
  if (last !== undefined)
    return look('failedJobsLook', { failed: failed.length, count: newest.length, when: when(last.createdAt) })
  return newest.length === 0 ? well('failedJobsNone') : well('failedJobsWell', { count: newest.length })
}

export function judgeDead(letters: readonly unknown[]): Finding {
  return letters.length === 0 ? well('deadWell') : look('deadLook', { count: letters.length })
}

type Address = { readonly isActive: boolean; readonly disabledReason: string | null; readonly failures: number }

/** An address that a person switched off is as that person wants it. */
export function judgeWebhooks(addresses: readonly Address[]): Finding {
  const wanted = addresses.filter(({ disabledReason }) => disabledReason !== 'by_person')
  if (wanted.length === 0) return well('webhooksNone')
  const failing = wanted.filter(({ isActive, failures }) => !isActive || failures > 0).length
  return failing === 0
    ? well('webhooksWell', { count: wanted.length })
    : look('webhooksLook', { failing, count: wanted.length })
}

/** Who renews a key needs some days for it. */
export const endingDays = 14
const dayMs = 86_400_000

type Key = { readonly expiresAt: string; readonly revokedAt: string | null }

export function judgeKeys(keys: readonly Key[], nowMs: number, when: When): Finding {
  const valid = keys.filter(({ revokedAt, expiresAt }) => revokedAt === null && Date.parse(expiresAt) > nowMs)
  if (valid.length === 0) return well('keysNone')
  const ends = valid.map(({ expiresAt }) => expiresAt).toSorted()
  const ending = ends.filter((end) => Date.parse(end) < nowMs + endingDays * dayMs)
  return ending.length === 0
    ? well('keysWell', { count: valid.length, days: endingDays })
    : look('keysLook', { ending: ending.length, days: endingDays, when: when(ending[0]!) })
}

/** A checkpoint is made each minute in which there were records; three are waited for. */
const unsignedMs = 3 * 60_000

type Signed = { readonly records: number; readonly newest: AuditCheckpoint | null }

export function judgeLog({ records, newest }: Signed, nowMs: number, when: When): Finding {
  if (newest === null) return well('logNone')
  const isBehind = newest.size < records && nowMs - Date.parse(newest.at) > unsignedMs
  return isBehind ? look('logLook', { when: when(newest.at) }) : well('logWell', { records, when: when(newest.at) })
}
