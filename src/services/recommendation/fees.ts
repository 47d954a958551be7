import type { FeeRow } from '#contracts/decision.ts'

/** All fees of one channel for one category on one day, joined into slabs of the price. Amounts before GST. */
export type FeeSchedule = {
  readonly upTo: Float64Array
  readonly share: Float64Array
  readonly flat: Float64Array
  /** The best price at the edge of a lower slab, and what it leaves after fees with GST. */
  readonly edgePrice: Float64Array
  readonly edgeNet: Float64Array
  readonly weights: readonly NonNullable<FeeRow['weight']>[]
}

/** Instants at which some fee begins or ends, in order: between two of them every schedule is the same. */
export function feeEpochs(rows: readonly FeeRow[]): number[] {
  const instants = new Set<number>()
  for (const row of rows) {
    instants.add(Date.parse(row.validFrom))
    // `validTo` is the last valid day.
    if (row.validTo !== null) instants.add(Date.parse(row.validTo) + dayMs)
  }
  return [...instants].toSorted((a, b) => a - b)
}

const dayMs = 86_400_000

/** For each component the row valid at `atMs` with the longest category prefix; the latest of equals. */
export function feeRowsAt(
  rows: readonly FeeRow[],
  at: { readonly table: string; readonly categoryId: string; readonly atMs: number },
): FeeRow[] {
  const best = new Map<string, FeeRow>()
  for (const row of rows) {
    if (row.table !== at.table || !at.categoryId.startsWith(row.category)) continue
    if (Date.parse(row.validFrom) > at.atMs) continue
    if (row.validTo !== null && Date.parse(row.validTo) + dayMs <= at.atMs) continue
    const other = best.get(row.component)
    const isBetter =
      !other ||
      row.category.length > other.category.length ||
      (row.category.length === other.category.length && row.validFrom > other.validFrom)
    if (isBetter) best.set(row.component, row)
  }
  return [...best.values()]
}

function slabOf(row: FeeRow, price: number) {
  return row.slabs.find((slab) => slab.upToMinor === null || price <= slab.upToMinor) ?? row.slabs.at(-1)!
}

export function compileFees(rows: readonly FeeRow[], gstFactor: number): FeeSchedule {
  const limits = rows.flatMap((row) => row.slabs.flatMap((slab) => (slab.upToMinor === null ? [] : [slab.upToMinor])))
  const upTo = [...new Set(limits)].toSorted((a, b) => a - b)
  upTo.push(Number.POSITIVE_INFINITY)
  const at = (index: number) => (index < upTo.length - 1 ? upTo[index]! : (upTo.at(-2) ?? 0) + 1)
  const share = upTo.map((_, i) => rows.reduce((sum, row) => sum + slabOf(row, at(i)).share, 0))
  const flat = upTo.map((_, i) => rows.reduce((sum, row) => sum + slabOf(row, at(i)).flatMinor, 0))
  const edgePrice = [0]
  const edgeNet = [Number.NEGATIVE_INFINITY]
  for (let i = 1; i < upTo.length; i++) {
    const price = upTo[i - 1]!
    const net = price - gstFactor * (share[i - 1]! * price + flat[i - 1]!)
    const isBetter = net > edgeNet[i - 1]!
    edgePrice.push(isBetter ? price : edgePrice[i - 1]!)
    edgeNet.push(isBetter ? net : edgeNet[i - 1]!)
  }
  return {
    upTo: Float64Array.from(upTo),
    share: Float64Array.from(share),
    flat: Float64Array.from(flat),
    edgePrice: Float64Array.from(edgePrice),
    edgeNet: Float64Array.from(edgeNet),
    weights: rows.flatMap((row) => (row.weight ? [row.weight] : [])),
  }
}

/** One share of the price and nothing else: for currencies in which no fee table is known. */
export function flatSchedule(share: number): FeeSchedule {
  const row = { slabs: [{ upToMinor: null, share, flatMinor: 0 }], weight: null } as unknown as FeeRow
  return compileFees([row], 1)
}

/** What the channel charges by mass alone. */
export function weightFee(schedule: FeeSchedule, chargeableKg: number): number {
  let fee = 0
  for (const weight of schedule.weights) {
    const steps = Math.ceil((chargeableKg - weight.firstKg) / weight.stepKg - 1e-9)
    fee += weight.firstMinor + Math.max(0, steps) * weight.stepMinor
  }
  return fee
}

export function slabAt(schedule: FeeSchedule, price: number): number {
  const { upTo } = schedule
  let slab = 0
  while (price > upTo[slab]!) slab++
  return slab
}

/**
 * The price to ask when buyers would pay `price`: a seller stays at the edge of a cheaper slab where that leaves more
 * (1,000 INR at 11 % beats 1,001 INR at 19 %), so a higher price never leaves less.
 */
export function askingPrice(schedule: FeeSchedule, price: number, gstFactor: number): number {
  const slab = slabAt(schedule, price)
  const net = price - gstFactor * (schedule.share[slab]! * price + schedule.flat[slab]!)
  return net < schedule.edgeNet[slab]! ? schedule.edgePrice[slab]! : price
}

/** Fee on the price itself, without the part by mass and before GST. */
export function priceFee(schedule: FeeSchedule, price: number): number {
  const slab = slabAt(schedule, price)
  return schedule.share[slab]! * price + schedule.flat[slab]!
}
