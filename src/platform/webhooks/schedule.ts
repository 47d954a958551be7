const secondMs = 1000
const hourMs = 3_600_000

/** For so long a delivery is tried, and an address may fail in a row before it is turned off. */
export const triedForMs = 72 * hourMs
const firstLimitMs = 10 * secondMs
const growth = 4
const limitMaxMs = 12 * hourMs
const waitMinMs = secondMs
const retryAfterMaxMs = 24 * hourMs

/** Full jitter: anything up to a limit that grows fourfold with each failure, so that no two receivers are hit together. */
export function waitAfter(failures: number, retryAfterSeconds: number | null, random: () => number): number {
  const limit = Math.min(limitMaxMs, firstLimitMs * growth ** Math.min(failures - 1, 20))
  const asked = Math.min(retryAfterMaxMs, (retryAfterSeconds ?? 0) * secondMs)
  return Math.round(Math.max(waitMinMs, asked, random() * limit))
}

/** When a delivery is tried again; null when its time is over. The last try is at the very end. */
export function nextAttempt(facts: {
  readonly attempts: number
  readonly firstAttemptMs: number
  readonly nowMs: number
  readonly retryAfterSeconds: number | null
  readonly random: () => number
}): number | null {
  const end = facts.firstAttemptMs + triedForMs
  if (facts.nowMs >= end) return null
  return Math.min(end, facts.nowMs + waitAfter(facts.attempts, facts.retryAfterSeconds, facts.random))
}

/** Seconds that `Retry-After` asks for, as a number or a date; null when it says nothing of use. */
export function readRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - nowMs) / secondMs))
}
