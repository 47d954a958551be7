import type { KpiUnitOfMeasure, Measure } from '#contracts/analytics.ts'
import { cycleBuckets, type KpiColumn } from './kpi-columns.ts'

/** Sums of the columns of `kpi_daily` over some days and units. `cycles` counts completed units by bucket of cycle time. */
export type KpiSums = Readonly<Record<KpiColumn, number>> & { readonly cycles: readonly number[] }

/** What a figure can be made of. */
export type KpiPart = keyof KpiSums

export type KpiDefinition = {
  readonly id: Measure
  readonly name: string
  readonly formula: string
  readonly unit: KpiUnitOfMeasure
  /** True where sums of several currencies must not be put together. */
  readonly isMonetary: boolean
  readonly parts: readonly KpiPart[]
  readonly of: (sums: KpiSums) => number | null
  /** The condition of the list of returns behind it: the time that falls into the period, and more. */
  readonly list: { readonly time: string; readonly more?: Readonly<Record<string, string>> } | null
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

/** The formula reads no part that is not named, so that a question may ask for the named ones only. */
function define<P extends KpiPart>(
  definition: Omit<KpiDefinition, 'parts' | 'of'> & {
    readonly parts: readonly P[]
    readonly of: (sums: Pick<KpiSums, P>) => number | null
  },
): KpiDefinition {
  return definition
}

const count = { unit: 'count', isMonetary: false } as const
const shareOf = { unit: 'share', isMonetary: false } as const

export const kpiDefinitions: readonly KpiDefinition[] = [
  define({
    id: 'returns',
    name: 'Returns',
    formula: 'units submitted in the period',
    ...count,
    parts: ['submitted'],
    of: (s) => s.submitted,
    list: { time: 'createdAt' },
  }),
  define({
    id: 'received',
    name: 'Received',
    formula: 'units taken into custody in the period',
    ...count,
    parts: ['received'],
    of: (s) => s.received,
    list: { time: 'receivedAt' },
  }),
  define({
    id: 'checked',
    name: 'Checked',
    formula: 'units whose last quality check falls into the period',
    ...count,
    parts: ['checked'],
    of: (s) => s.checked,
    list: { time: 'checkedAt' },
  }),
  define({
    id: 'decided',
    name: 'Decided',
    formula: 'units whose present disposition was decided in the period',
    ...count,
    parts: ['decided'],
    of: (s) => s.decided,
    list: { time: 'decidedAt' },
  }),
  define({
    id: 'completed',
    name: 'Completed',
    formula: 'units whose disposition was carried out in the period and not reversed',
    ...count,
    parts: ['completed'],
    of: (s) => s.completed,
    list: { time: 'completedAt' },
  }),
  define({
    id: 'cancelled',
    name: 'Cancelled',
    formula: 'units cancelled in the period, before custody',
    ...count,
    parts: ['cancelled'],
    of: (s) => s.cancelled,
    list: { time: 'updatedAt', more: { stage: 'cancelled' } },
  }),
  define({
    id: 'rejected',
    name: 'Rejected',
    formula: 'units refused by policy or by a reviewer in the period',
    ...count,
    parts: ['rejected'],
    of: (s) => s.rejected,
    list: { time: 'updatedAt', more: { stage: 'rejected' } },
  }),
  define({
    id: 'refunds',
    name: 'Refunds',
    formula: 'units whose refund fell due in the period',
    ...count,
    parts: ['refunds'],
    of: (s) => s.refunds,
    list: null,
  }),
  define({
    id: 'recovery_rate',
    name: 'Recovery',
    unit: 'share',
    isMonetary: true,
    formula: 'realised value / price paid, summed over units completed in the period for which both are known',
    parts: ['rated_minor', 'price_minor'],
    of: (s) => share(s.rated_minor, s.price_minor),
    list: { time: 'completedAt' },
  }),
  define({
    id: 'net_value',
    name: 'Net value',
    unit: 'money',
    isMonetary: true,
    formula: 'sum of the realised value of units completed in the period; a cost is negative',
    parts: ['recovered_minor'],
    of: (s) => s.recovered_minor,
    list: { time: 'completedAt' },
  }),
  define({
    id: 'refunded_value',
    name: 'Refunds due',
    unit: 'money',
    isMonetary: true,
    formula: 'sum of the refunds that fell due in the period',
    parts: ['refund_minor'],
    of: (s) => s.refund_minor,
    list: null,
  }),
  define({
    id: 'cycle_hours_median',
    name: 'Cycle time',
    unit: 'hours',
    isMonetary: false,
    formula:
      'median hours from submission to completion of units completed in the period, read from classes that each reach 1.3 times as far as the one before',
    parts: ['cycles'],
    of: (s) => medianHours(s.cycles),
    list: { time: 'completedAt' },
  }),
  define({
    id: 'accepted_share',
    name: 'Recommendation accepted',
    ...shareOf,
    formula: 'decisions that took the recommendation / decisions of people, both of the period',
    parts: ['accepted', 'overridden'],
    of: (s) => share(s.accepted, s.accepted + s.overridden),
    list: { time: 'decidedAt' },
  }),
  define({
    id: 'override_share',
    name: 'Recommendation overridden',
    ...shareOf,
    formula: 'decisions against the recommendation / decisions of people, both of the period',
    parts: ['overridden', 'accepted'],
    of: (s) => share(s.overridden, s.accepted + s.overridden),
    list: { time: 'decidedAt' },
  }),
  define({
    id: 'review_share',
    name: 'Needed a person',
    ...shareOf,
    formula: 'units submitted in the period that ever needed a review / units submitted in the period',
    // The list knows who needs a person now, not who ever did.
    parts: ['reviewed', 'submitted'],
    of: (s) => share(s.reviewed, s.submitted),
    list: null,
  }),
  define({
    id: 'landfill_diversion_share',
    name: 'Kept from landfill',
    ...shareOf,
    formula: 'mass kept from landfill and incineration / mass of units completed in the period',
    parts: ['diverted_grams', 'mass_grams'],
    of: (s) => share(s.diverted_grams, s.mass_grams),
    list: { time: 'completedAt' },
  }),
]

export const definitionOf: ReadonlyMap<string, KpiDefinition> = new Map(
  kpiDefinitions.map((definition) => [definition.id, definition]),
)

/** The value below which half of the units lie; within its class they are taken to lie evenly on the scale of logarithms. */
export function medianHours(cycles: readonly number[]): number | null {
  const total = cycles.reduce((sum, n) => sum + n, 0)
  if (total === 0) return null
  let below = 0
  for (let bucket = 0; bucket < cycleBuckets; bucket++) {
    const inside = cycles[bucket] ?? 0
    if (below + inside >= total / 2 && inside > 0) {
      const part = (total / 2 - below) / inside
      return bucket === 0 ? 0.25 * part : 0.25 * 1.3 ** (bucket - 1 + part)
    }
    below += inside
  }
  return null
}
