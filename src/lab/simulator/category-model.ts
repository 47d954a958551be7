import type { Category, Rubric } from '#contracts/reference.ts'
import { normalCdf } from '#services/recommendation/draws.ts'
import { abuses, customerReasons, faults } from './names.ts'
import { rowOf, type Values } from './params.ts'
import { normalDensity, sigmoid } from './random.ts'
import { cells, emptyState, faultOf, kindOf, stateCount, wearLevels, wearOf } from './states.ts'

/** Everything about one category that does not depend on the unit: rows of the parameters and tables of chances. */
export type CategoryModel = ReturnType<typeof categoryModel>

export const clusters = ['fit', 'look', 'fault', 'damage', 'incomplete', 'wrong', 'late', 'price', 'other'] as const
/** What words go with a reason code, in the order of `customerReasons`. */
export const reasonClusters = [8, 0, 1, 2, 3, 5, 4, 6, 1, 7, 8] as const
/** Boundaries of claimed grades on the scale of points lost / 17. */
const claimScale = [0.6, 1.5, 2.6, 3.8] as const

export function categoryModel(p: Values, category: Category, rubric: Rubric) {
  const row = <T>(table: Readonly<Record<string, T>>) => rowOf(table, category.id)
  const score = Float64Array.from(
    { length: cells },
    (_, cell) => 100 - p.scoreWear * wearOf(cell) ** p.scoreWearPower - p.scoreFault[faultOf(cell)]!,
  )
  const codes = findingCodes(p, category.rubricId)
  return {
    category,
    rubric,
    isSealable: rubric.acceptsSealed,
    isTested: category.isElectronic,
    priceLog: row(p.priceLog),
    modelAge: row(p.modelAge),
    rto: row(p.rto),
    opened: row(p.opened),
    incomplete: row(p.incomplete),
    vendorReturnable: row(p.vendorReturnable),
    warrantyDays: row(p.warrantyDays),
    newLogit: row(p.newLogit),
    wearLogit: row(p.wearLogit),
    transitDamage: row(p.transitDamage),
    faultLogit: row(p.faultLogit),
    abuseLogit: row(p.abuseLogit),
    priceLevel: row(p.priceLevel),
    priceWear: row(p.priceWear),
    priceFault: row(p.priceFault),
    priceAge: row(p.priceAge),
    priceIncomplete: row(p.priceIncomplete),
    priceSpread: row(p.priceSpread),
    saleLog: row(p.saleLog),
    saleClass: row(p.saleClass),
    rereturnLogit: row(p.rereturnLogit),
    repairCost: row(p.repairCost),
    repairSuccess: row(p.repairSuccess),
    /** Wear by damage on the way. */
    transitWear: levels(p.transitWear),
    /** Apparent wear and fault of what is not genuine: swap, counterfeit. */
    abuseCells: [0, 1].map((k) => abuseCells(p, k)),
    /** Chance of each reason, by reason x state. */
    reasons: reasonTable(p, row(p.reasonBase)),
    /** Words that fit the truth, by state. */
    truthCluster: Uint8Array.from({ length: stateCount }, (_, state) => truthCluster(state, category.id)),
    /** Chance of each claimed grade A..E, by grade x cell. */
    claims: gradeTable(
      score.map((s) => 100 - s),
      (lost, bound) => normalCdf((claimScale[bound]! - lost / 17 - p.claimFlattery) / p.claimSpread),
    ),
    /** Chance of each grade A..E at the check, by grade x cell: with all parts, and with parts missing. */
    grades: [0, row(p.scoreIncomplete)].map((lost) =>
      gradeTable(
        score.map((s) => s - lost),
        (s, bound) => normalCdf((s - p.gradeScale[bound]!) / p.scoreSpread),
      ),
    ),
    codes,
    /** Chance of each code, by code x cell. */
    findings: codes.map((code) => findingTable(code)),
    unrepairable: new Set(rubric.findings.filter((f) => !f.isRepairable).map((f) => f.code)),
  }
}

function levels([mean, sd]: readonly [number, number]): Float64Array {
  const weights = Float64Array.from({ length: wearLevels }, (_, w) => normalDensity(w / (wearLevels - 1), mean, sd))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((x) => x / sum)
}

/** Chances of wear levels about a mean, summing to 1. */
export const wearAbout = (mean: number, sd: number) => levels([mean, sd])

function abuseCells(p: Values, kind: number): Float64Array {
  const wear = levels(p.abuseWear[kind]!)
  return Float64Array.from(
    { length: cells },
    (_, cell) => p.abuseFault[kind]![faultOf(cell)]! * wear[cell % wearLevels]!,
  )
}

function reasonTable(p: Values, base: readonly number[]): Float64Array[] {
  const table = customerReasons.map(() => new Float64Array(stateCount))
  for (let state = 0; state < stateCount; state++) {
    const kind = kindOf(state)
    const cell = state % cells
    const weights = customerReasons.map((reason, r) => {
      const abuse = kind === 0 ? 0 : p.reasonAbuse[reason][kind - 1]!
      // Nothing in the pack, nothing to see: only the kind speaks.
      const seen = state === emptyState ? 0 : p.reasonFault[reason][faultOf(cell)]! + p.reasonWear[r]! * wearOf(cell)
      return Math.exp(base[r]! + abuse + seen)
    })
    const sum = weights.reduce((a, b) => a + b, 0)
    weights.forEach((weight, r) => (table[r]![state] = weight / sum))
  }
  return table
}

function truthCluster(state: number, categoryId: string): number {
  const kind = abuses[kindOf(state) - 1]
  if (kind !== undefined) return clusters.indexOf(kind === 'empty' ? 'incomplete' : 'wrong')
  const cell = state % cells
  const fault = faults[faultOf(cell)]!
  if (fault === 'ruined' || (fault === 'none' && wearOf(cell) >= 0.5)) return clusters.indexOf('damage')
  if (fault !== 'none') return clusters.indexOf('fault')
  return clusters.indexOf(categoryId.startsWith('fashion.') ? 'fit' : 'other')
}

/** Chances of five grades by grade x cell, from the chance to reach each of four bounds. */
function gradeTable(by: Float64Array, reaches: (value: number, bound: number) => number): Float64Array[] {
  const table = Array.from({ length: 5 }, () => new Float64Array(cells))
  for (let cell = 0; cell < cells; cell++) {
    let before = 0
    for (let g = 0; g < 5; g++) {
      const upTo = g === 4 ? 1 : Math.max(before, reaches(by[cell]!, g))
      table[g]![cell] = upTo - before
      before = upTo
    }
  }
  return table
}

type FindingCode = { readonly code: string; readonly chance: (cell: number) => number }

function findingCodes(p: Values, rubricId: string): FindingCode[] {
  const rows = p.findings[rubricId]
  if (!rows) throw new Error(`simulator: no findings for rubric ${rubricId}`)
  const step = (x: number) => sigmoid(x / 0.04)
  return [
    ...rows.wear.map(({ code, from, to, chance }) => ({
      code,
      chance: (cell: number) => 0.005 + (chance - 0.005) * step(wearOf(cell) - from) * step(to - wearOf(cell)),
    })),
    ...rows.fault.map(({ code, chance }) => ({ code, chance: (cell: number) => chance[faultOf(cell)]! })),
  ]
}

function findingTable({ chance }: FindingCode): Float64Array {
  return Float64Array.from({ length: cells }, (_, cell) => chance(cell))
}
