/** Figures of `metrics.json` by what they measure, with one column for each set of rows that they were measured on. */
export type MetricRow = { readonly name: string; readonly values: readonly (number | null)[] }
export type MetricTables = {
  readonly groups: readonly string[]
  /** Calibration errors and coverage: whether a stated chance or interval is kept. */
  readonly calibration: readonly MetricRow[]
  readonly accuracy: readonly MetricRow[]
  /** What is not measured by set. */
  readonly single: readonly (readonly [name: string, value: number])[]
}

const prefix = 'splits.'

export function metricTables(metrics: Readonly<Record<string, number>>): MetricTables {
  const single: (readonly [string, number])[] = []
  const groups = new Set<string>()
  const values = new Map<string, Map<string, number>>()
  for (const [path, value] of Object.entries(metrics)) {
    const dot = path.indexOf('.', prefix.length)
    if (!path.startsWith(prefix) || dot < 0) {
      single.push([path, value])
      continue
    }
    const [group, name] = [path.slice(prefix.length, dot), path.slice(dot + 1)]
    groups.add(group)
    values.set(name, (values.get(name) ?? new Map<string, number>()).set(group, value))
  }
  const named = [...groups].toSorted((a, b) => (a === 'test' ? -1 : b === 'test' ? 1 : a.localeCompare(b)))
  const rows = [...values].map(([name, byGroup]) => ({
    name,
    values: named.map((group) => byGroup.get(group) ?? null),
  }))
  const isCalibration = ({ name }: MetricRow) => /ece|coverage/.test(name)
  return {
    groups: named,
    calibration: rows.filter(isCalibration),
    accuracy: rows.filter((row) => !isCalibration(row)),
    single,
  }
}

/** `price_coverage_worst_t0` is three words: of what, which measure, when. */
export function partsOf(name: string): {
  readonly of: string
  readonly measure: string
  readonly at: 't0' | 't1' | null
} {
  const at = name.endsWith('_t0') ? 't0' : name.endsWith('_t1') ? 't1' : null
  const rest = at === null ? name : name.slice(0, -3)
  const measure = measures.find((one) => rest.endsWith(`_${one}`)) ?? null
  if (measure !== null) return takeMoment(rest.slice(0, -measure.length - 1), measure, at)
  return { of: rest, measure: '', at }
}

function takeMoment(rest: string, measure: string, at: 't0' | 't1' | null) {
  if (at !== null || !/_t[01]$/.test(rest)) return { of: rest, measure, at }
  return { of: rest.slice(0, -3), measure, at: rest.endsWith('0') ? ('t0' as const) : ('t1' as const) }
}

/** Longer names first: `coverage_worst` ends another word than `coverage`. */
export const measures = [
  'log_loss_per_week',
  'log_loss_of_shares',
  'log_loss',
  'pinball_of_table',
  'pinball',
  'coverage_worst',
  'coverage',
  'mean_bias_cells',
  'mean_bias',
  'accuracy',
  'sharper',
  'ece',
  'auc',
] as const
export type Measure = (typeof measures)[number]

export const subjects = [
  'grade',
  'price',
  'sale',
  'sale_in_horizon',
  'sale_in_4_weeks',
  'repair_need',
  'repair_success',
  'repair_cost',
  'rereturn',
  'abuse',
] as const
export type Subject = (typeof subjects)[number]
