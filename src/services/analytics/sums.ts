import { cycleBuckets, kpiColumns, type KpiColumn } from './kpi-columns.ts'
import type { KpiSums } from './kpis.ts'

export const noSums: KpiSums = {
  ...(Object.fromEntries(kpiColumns.map((column) => [column, 0])) as Record<KpiColumn, number>),
  cycles: Array.from({ length: cycleBuckets }, () => 0),
}

export function addSums(a: KpiSums, b: KpiSums): KpiSums {
  const sums = Object.fromEntries(kpiColumns.map((column) => [column, a[column] + b[column]])) as Record<
    KpiColumn,
    number
  >
  return { ...sums, cycles: a.cycles.map((n, i) => n + (b.cycles[i] ?? 0)) }
}
