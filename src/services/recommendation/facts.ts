import type { Category } from '#contracts/reference.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { minorDigitsOf } from '#kernel/money.ts'
import type { Compiled } from './compile.ts'

/** What the arithmetic needs of one unit, every gap filled by a stated rule. Amounts are paise. */
export type UnitFacts = {
  readonly item: DecisionItem
  readonly category: Category
  readonly categoryIndex: number
  readonly isCategoryKnown: boolean
  readonly isInr: boolean
  /** Paise for one minor unit of the item's currency; null when we know no rate. */
  readonly paisePerMinor: number | null
  /** Reference price now; null when neither price nor list price is known: it is never invented. */
  readonly reference: number | null
  readonly book: number
  readonly weightKg: number
  readonly volumeLitres: number
  readonly chargeableKg: number
  /** 0..4 for A..E; -1 when no grade was observed. A sealed unit counts as A. */
  readonly gradeIndex: number
  readonly isSealed: boolean
  readonly isOpened: boolean
  readonly hasBattery: boolean
  readonly isDataBearing: boolean
  /** An inspector says so: nobody gives a credit for it. */
  readonly isCounterfeit: boolean
  readonly waitDays: number
  readonly inboundKm: number
}

const gradeIndexes: Readonly<Record<string, number>> = { S: 0, A: 0, B: 1, C: 2, D: 3, E: 4 }
const dayMs = 86_400_000

/**
 * Price paid, else list price times the usual discount of the category; less the value lost since the sale.
 * A price paid already holds the discount, so it wins over the list price.
 */
export function referencePrice(compiled: Compiled, item: DecisionItem, categoryIndex: number): number | null {
  const listed = item.mrpMinor === null ? null : item.mrpMinor * compiled.mrpShare[categoryIndex]!
  const paid = item.priceMinor !== null && item.priceMinor > 0 ? item.priceMinor : listed
  if (paid === null || paid <= 0) return null
  if (item.soldAtMs === null) return paid
  const days = Math.min(compiled.parameters.decayDaysMax, Math.max(0, (item.atMs - item.soldAtMs) / dayMs))
  return paid * Math.exp(-compiled.categories[categoryIndex]!.decayPerDay * days)
}

function isSealedUnit(item: DecisionItem): boolean {
  if (item.grade !== null) return item.grade === 'S'
  // A parcel that nobody took at the door was not opened, unless somebody saw that it was.
  return item.isOpened === false || (item.isOpened === null && item.returnType === 'rto')
}

/** Paise for one minor unit of a currency; null when the policy names no rate. */
export function paisePerMinorUnit(compiled: Compiled, currency: string): number | null {
  if (currency === 'INR') return 1
  const rate = compiled.data.policy.inrPerUnit[currency]
  return rate === undefined ? null : (rate * 100) / 10 ** minorDigitsOf(currency)
}

export function unitFacts(compiled: Compiled, item: DecisionItem): UnitFacts {
  const known = compiled.categoryIndex.get(item.categoryId)
  const categoryIndex = known ?? compiled.otherIndex
  const category = compiled.categories[categoryIndex]!
  const rate = paisePerMinorUnit(compiled, item.currency)
  const price = rate === null ? null : referencePrice(compiled, item, categoryIndex)
  const reference = price === null ? null : price * rate!
  const weightKg = item.weightKg ?? category.weightKg
  const volumeLitres = item.volumeLitres ?? category.volumeLitres
  const p = compiled.parameters
  const isSealed = isSealedUnit(item)
  const backlog = item.hubBacklogMinutes
  const perDay = item.hubMinutesPerDay
  return {
    item,
    category,
    categoryIndex,
    isCategoryKnown: known !== undefined,
    isInr: item.currency === 'INR',
    paisePerMinor: rate,
    reference,
    book: item.costMinor !== null && rate !== null ? item.costMinor * rate : (reference ?? 0) * p.bookShare,
    weightKg,
    volumeLitres,
    chargeableKg: Math.max(weightKg, volumeLitres / compiled.data.fees.litresPerVolumetricKg),
    gradeIndex: item.grade === null ? -1 : (gradeIndexes[item.grade] ?? -1),
    isSealed,
    isOpened: item.isOpened ?? !isSealed,
    hasBattery: item.hasBattery ?? category.hasBattery,
    isDataBearing: item.isDataBearing ?? category.isDataBearing,
    isCounterfeit:
      item.quarantine === 'counterfeit' ||
      item.findings.some((finding) => compiled.rules.counterfeit.findings.includes(finding)),
    waitDays: backlog !== null && perDay !== null && perDay > 0 ? backlog / perDay : p.defaultBacklogDays,
    inboundKm: item.distanceKm ?? p.defaultInboundKm,
  }
}
