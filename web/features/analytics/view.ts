import { parseAsString, parseAsStringLiteral, type inferParserType } from 'nuqs'
import { defaultTimeZone } from '../../lib/format.ts'

export const spans = ['7', '28', '91', '364'] as const
export type Span = (typeof spans)[number]

export const shownMeasures = [
  'returns',
  'received',
  'completed',
  'recovery_rate',
  'net_value',
  'cycle_hours_median',
  'accepted_share',
  'review_share',
] as const
export const shownDimensions = ['none', 'disposition', 'reason', 'category', 'sale_channel', 'hub'] as const
export const shownIntervals = ['day', 'week', 'month'] as const

/** The whole view stands in the address, so that a link shows it again. */
export const viewParsers = {
  days: parseAsStringLiteral(spans).withDefault('28'),
  hub: parseAsString,
  measure: parseAsStringLiteral(shownMeasures).withDefault('returns'),
  by: parseAsStringLiteral(shownDimensions).withDefault('none'),
  per: parseAsStringLiteral(shownIntervals).withDefault('day'),
}
export type View = inferParserType<typeof viewParsers>

const dayMs = 86_400_000

/** Days of the period in Asia/Kolkata, today included: whole weeks, so that the period before has the same weekdays. */
export function periodOf(days: Span, nowMs: number): { readonly from: string; readonly to: string } {
  const dayOf = (ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone: defaultTimeZone }).format(ms)
  return { from: dayOf(nowMs - (Number(days) - 1) * dayMs), to: dayOf(nowMs) }
}

export function queryOf(
  view: Pick<View, 'days' | 'hub'>,
  nowMs: number,
  more: Readonly<Record<string, string>> = {},
): string {
  return new URLSearchParams({
    ...periodOf(view.days, nowMs),
    ...(view.hub === null ? {} : { hubId: view.hub }),
    ...more,
  }).toString()
}
