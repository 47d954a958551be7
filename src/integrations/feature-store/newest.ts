import type { FeatureRow } from './port.ts'

/** One row a unit, the newest: stores differ in which of several they would keep. */
export function newestOf(rows: readonly FeatureRow[]): FeatureRow[] {
  const newest = new Map<string, FeatureRow>()
  for (const row of rows) {
    const known = newest.get(row.returnId)
    if (known === undefined || known.at <= row.at) newest.set(row.returnId, row)
  }
  return [...newest.values()]
}
