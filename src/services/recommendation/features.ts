import { hash } from 'node:crypto'
import type { Category } from '#contracts/reference.ts'
import type { Feature, FeatureContract } from '#contracts/features.ts'
import { channelGroups } from '#contracts/recommendations.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import type { Compiled } from './compile.ts'
import { paisePerMinorUnit, referencePrice } from './facts.ts'

/**
 * The one function that turns what is known of a unit into numbers. Models in this process, remote ones, the export of
 * training rows and the explanation of a recommendation all call it, so that none of them sees another unit.
 */

type Seen = { readonly compiled: Compiled; readonly item: DecisionItem; readonly category: Category }
type Reader = (seen: Seen, festivalDays: readonly number[]) => number | string | boolean | null | undefined

const dayMs = 86_400_000
/** Asia/Kolkata has no summer time. */
const indiaMs = 5.5 * 3_600_000
const festivalDaysMax = 60

const localDay = (ms: number) => Math.floor((ms + indiaMs) / dayMs)
const daysSince = (ms: number | null, { item }: Seen) => (ms === null ? null : (item.atMs - ms) / dayMs)

/** INR of an amount in minor units of the unit's currency; null where no rate is known. */
function inr({ compiled, item }: Seen, minor: number | null): number | null {
  const rate = paisePerMinorUnit(compiled, item.currency)
  return minor === null || rate === null ? null : (minor * rate) / 100
}

function logOf(amount: number | null): number | null {
  return amount === null || amount <= 0 ? null : Math.log(amount)
}

function reference(seen: Seen): number | null {
  const { compiled, item } = seen
  const index = compiled.categoryIndex.get(item.categoryId) ?? compiled.otherIndex
  return inr(seen, referencePrice(compiled, item, index))
}

/** That some are missing is known, how many is not: taken as half of them. */
function accessories({ item }: Seen): number | null {
  if (item.completeness !== null) return item.completeness
  return item.hasAllAccessories === null ? null : item.hasAllAccessories ? 1 : 0.5
}

function festivalDistance({ item }: Seen, festivals: readonly number[]): number {
  const today = localDay(item.atMs)
  return festivals.reduce((least, day) => Math.min(least, Math.abs(day - today)), festivalDaysMax)
}

function capability({ compiled, item }: Seen, need: string): boolean | null {
  const word = compiled.rules['hub.capability'].capabilities[need]
  return item.hubCapabilities === null || word === undefined ? null : item.hubCapabilities.includes(word)
}

const firstLevels = (id: string, count: number) => id.split('.').slice(0, count).join('.')

const readers: Readonly<Record<string, Reader>> = {
  category_l1: ({ item }) => firstLevels(item.categoryId, 1),
  category_l2: ({ item }) => firstLevels(item.categoryId, 2),
  category_l3: ({ item }) => item.categoryId,
  brand_tier: ({ item }) => item.brandTier,
  mrp_log: (seen) => logOf(inr(seen, seen.item.mrpMinor)),
  price_log: (seen) => logOf(inr(seen, seen.item.priceMinor)),
  reference_log: (seen) => logOf(reference(seen)),
  weight_kg: ({ item, category }) => item.weightKg ?? category.weightKg,
  volume_l: ({ item, category }) => item.volumeLitres ?? category.volumeLitres,
  model_age_d: (seen) => daysSince(seen.item.launchedAtMs, seen),
  days_since_sale_d: (seen) => daysSince(seen.item.soldAtMs, seen),
  has_battery: ({ item, category }) => item.hasBattery ?? category.hasBattery,
  is_data_bearing: ({ item, category }) => item.isDataBearing ?? category.isDataBearing,
  hygiene_class: ({ category }) => category.hygiene,
  hazard_class: ({ category }) => category.hazard,
  warranty_left_d: ({ item }) => item.warrantyDaysLeft,
  reason_code: ({ item }) => item.reasonCode,
  reason_cluster: ({ item }) => item.reasonCluster,
  sale_channel: ({ item }) => item.saleChannel,
  claim_grade: ({ item }) => item.claimGrade,
  transit_d: ({ item }) => item.transitDays,
  is_opened: ({ item }) => item.isOpened,
  accessories,
  is_rto: ({ item }) => item.returnType === 'rto',
  customer_orders_365d: ({ item }) => item.customer?.orders365d,
  customer_return_rate_365d: ({ item }) => item.customer?.returnRate365d,
  customer_mismatches: ({ item }) => item.customer?.mismatches,
  photo_count: ({ item }) => item.photoCount,
  photo_gate_passed: ({ item }) => (item.photoGate ? item.photoGate === 'passed' : null),
  photo_anomaly: ({ item }) => item.photoAnomaly,
  photo_duplicate: ({ item }) => item.isPhotoDuplicate,
  grade: ({ item }) => (item.grade === 'S' ? 'A' : item.grade),
  functional_test: ({ item }) => item.functionalTest,
  repair_estimate_log: (seen) => {
    const estimate = inr(seen, seen.item.repairEstimateMinor)
    return estimate === null ? null : Math.log1p(Math.max(0, estimate))
  },
  price_trend_28d: ({ item }) => item.market?.trend28d,
  ...Object.fromEntries(
    channelGroups.flatMap((group): [string, Reader][] => [
      [`sold_28d_${group}`, ({ item }) => item.market?.sold28d?.[group]],
      [`stock_${group}`, ({ item }) => item.market?.stock?.[group]],
    ]),
  ),
  hub_backlog_min: ({ item }) => item.hubBacklogMinutes,
  hub_minutes_per_day: ({ item }) => item.hubMinutesPerDay,
  distance_km: ({ item }) => item.distanceKm,
  hub_can_repair: (seen) => capability(seen, 'refurbish'),
  hub_can_wipe: (seen) => capability(seen, 'wipe'),
  hub_can_hazmat: (seen) => capability(seen, 'hazmat'),
  // The first of January 1970 was a Thursday.
  weekday: ({ item }) => (((localDay(item.atMs) + 3) % 7) + 7) % 7,
  month: ({ item }) => new Date(item.atMs + indiaMs).getUTCMonth() + 1,
  festival_d: festivalDistance,
}

/** A finding is found or not once a check was made; without one nobody has looked. */
function findingReader(codes: readonly string[]): Reader {
  return ({ item }) => item.findings.some((finding) => codes.includes(finding))
}

type Plan = {
  readonly columns: readonly {
    readonly read: Reader
    readonly places: ReadonlyMap<string, number> | null
    readonly isLater: boolean
  }[]
  readonly festivals: readonly number[]
}

const plans = new WeakMap<FeatureContract, Plan>()

function planOf(contract: FeatureContract): Plan {
  const found = plans.get(contract)
  if (found) return found
  const made: Plan = {
    columns: contract.features.map((feature) => ({
      read: readerOf(feature),
      places: 'values' in feature ? new Map(feature.values.map((value, place) => [value, place])) : null,
      isLater: feature.knownAt === 't1',
    })),
    festivals: contract.festivals.map((day) => Math.floor(Date.parse(day) / dayMs)),
  }
  plans.set(contract, made)
  return made
}

function readerOf(feature: Feature): Reader {
  if (feature.type === 'boolean' && feature.codes) return findingReader(feature.codes)
  const reader = Object.hasOwn(readers, feature.name) ? readers[feature.name] : undefined
  if (!reader) throw new Error(`feature contract: nothing is known to read ${feature.name} from`)
  return reader
}

function numberOf(value: ReturnType<Reader>, places: ReadonlyMap<string, number> | null): number {
  if (value === null || value === undefined) return Number.NaN
  if (places) return places.get(String(value)) ?? Number.NaN
  return Number(value)
}

/** Writes one row of the contract at `at`; grades A to E are ordinals, what is learned at the check is NaN at t0. */
export function featurize(
  compiled: Compiled,
  contract: FeatureContract,
  item: DecisionItem,
  out: Float32Array,
  at: number,
): void {
  const { columns, festivals } = planOf(contract)
  const category = compiled.categories[compiled.categoryIndex.get(item.categoryId) ?? compiled.otherIndex]!
  const seen: Seen = { compiled, item, category }
  for (let f = 0; f < columns.length; f++) {
    const { read, places, isLater } = columns[f]!
    out[at + f] = isLater && item.point === 't0' ? Number.NaN : numberOf(read(seen, festivals), places)
  }
}

/** One row a unit, in order. */
export function featureRows(
  compiled: Compiled,
  contract: FeatureContract,
  items: readonly DecisionItem[],
): Float32Array {
  const width = contract.features.length
  const rows = new Float32Array(items.length * width)
  items.forEach((item, i) => featurize(compiled, contract, item, rows, i * width))
  return rows
}

/** First 16 hex digits of the SHA-256 of each row's bytes, little-endian. */
export function rowHashes(rows: Float32Array, width: number): string[] {
  return Array.from({ length: rows.length / width }, (_, i) => {
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset + i * width * 4, width * 4)
    return hash('sha256', bytes, 'hex').slice(0, 16)
  })
}
