/** Columns of `kpi_daily` that add up, and what they are called in SQL. */
export const countColumns = [
  'submitted',
  'reviewed',
  'received',
  'checked',
  'decided',
  'accepted',
  'overridden',
  'completed',
  'valued',
  'cancelled',
  'rejected',
  'refunds',
] as const
export const sumColumns = [
  'recovered_minor',
  'rated_minor',
  'price_minor',
  'cycle_seconds',
  'mass_grams',
  'diverted_grams',
  'refund_minor',
] as const
/** Bucket n of the cycle time ends at 15 minutes × 1.3ⁿ: 0.25 hours up to 290 days. */
export const cycleBuckets = 40
export const cycleColumns = Array.from({ length: cycleBuckets }, (_, i) => `cycle_${String(i).padStart(2, '0')}`)

export type KpiColumn = (typeof countColumns)[number] | (typeof sumColumns)[number]
export const kpiColumns: readonly KpiColumn[] = [...countColumns, ...sumColumns]

/** Ways in which the units of a day are cut; each unit is in every one of them once. */
export const splits = {
  all: `''`,
  category: 'category_id',
  sale_channel: `coalesce(sale_channel, '')`,
  category_sale_channel: `category_id || '|' || coalesce(sale_channel, '')`,
  return_type: 'return_type',
  reason: 'reason_code',
  disposition: `coalesce(disposition, '')`,
} as const
export type Split = keyof typeof splits

/** The calendar that days are days of. */
export const timezone = 'Asia/Kolkata'
