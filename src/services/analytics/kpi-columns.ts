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

/** The step of a unit's life on whose day a column counts. */
export const stepOf = {
  submitted: 'submitted',
  reviewed: 'submitted',
  received: 'received',
  checked: 'checked',
  decided: 'decided',
  accepted: 'decided',
  overridden: 'decided',
  completed: 'completed',
  valued: 'completed',
  cancelled: 'cancelled',
  rejected: 'rejected',
  refunds: 'refunded',
  recovered_minor: 'completed',
  rated_minor: 'completed',
  price_minor: 'completed',
  cycle_seconds: 'completed',
  mass_grams: 'completed',
  diverted_grams: 'completed',
  refund_minor: 'refunded',
  cycles: 'completed',
} as const satisfies Record<KpiColumn | 'cycles', string>

export type KpiColumn = (typeof countColumns)[number] | (typeof sumColumns)[number]
export const kpiColumns: readonly KpiColumn[] = [...countColumns, ...sumColumns]

/** Columns of a unit by which its day's figures are cut; each unit is in every cut once. */
export const dimensions = {
  category: 'category_id',
  sale_channel: 'sale_channel',
  return_type: 'return_type',
  reason: 'reason_code',
  disposition: 'disposition',
} as const
export type Dimension = keyof typeof dimensions
/** `all` is cut by client and hub, the others by their dimension alone. */
export type Split = 'all' | Dimension

/** The calendar that days are days of. */
export const timezone = 'Asia/Kolkata'
