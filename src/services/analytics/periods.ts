import { AppError } from '#kernel/errors.ts'

/** Days are text (`2026-11-01`), both ends included. */
export type Period = { readonly from: string; readonly to: string; readonly days: number }

const dayMs = 86_400_000
const defaultDays = 28
const daysMax = 3660
/** India has one offset and no summer time. */
const offsetMs = 5.5 * 3_600_000

export function dayOf(ms: number): string {
  return new Date(ms + offsetMs).toISOString().slice(0, 10)
}

/** The instant at which a day of Asia/Kolkata begins. */
export function startOf(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) - offsetMs)
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

export function periodOf(from: string | undefined, to: string | undefined, nowMs: number): Period {
  const last = to ?? (from === undefined ? dayOf(nowMs) : maxDay(from, dayOf(nowMs)))
  const first = from ?? addDays(last, 1 - defaultDays)
  const days = (Date.parse(last) - Date.parse(first)) / dayMs + 1
  if (days < 1) throw wrong('/query/from', `from ${first} is after to ${last}`)
  if (days > daysMax) throw wrong('/query/from', `a period has at most ${daysMax} days, not ${days}`)
  return { from: first, to: last, days }
}

/** As long and on the same days of the week, so that a Monday is compared with a Monday. */
export function previousOf({ from, to, days }: Period): Period {
  const shift = -Math.ceil(days / 7) * 7
  return { from: addDays(from, shift), to: addDays(to, shift), days }
}

/** First days of the buckets that a period touches. Weeks begin on Monday. */
export function bucketsOf(period: Period, interval: 'day' | 'week' | 'month'): string[] {
  const buckets: string[] = []
  for (let day = bucketOf(period.from, interval); day <= period.to; day = nextBucket(day, interval)) buckets.push(day)
  return buckets
}

export function bucketOf(day: string, interval: 'day' | 'week' | 'month'): string {
  if (interval === 'day') return day
  if (interval === 'month') return `${day.slice(0, 7)}-01`
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7))
}

function nextBucket(day: string, interval: 'day' | 'week' | 'month'): string {
  if (interval === 'month') return bucketOf(addDays(day, 31), 'month')
  return addDays(day, interval === 'day' ? 1 : 7)
}

function maxDay(a: string, b: string): string {
  return a > b ? a : b
}

function wrong(pointer: string, detail: string): AppError {
  return new AppError('invalid', detail, {
    problem: 'period_invalid',
    errors: [{ pointer, code: 'period_invalid', detail }],
  })
}
