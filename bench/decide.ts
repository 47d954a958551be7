import { readFileSync } from 'node:fs'
import { grades, reasonCodes } from '#contracts/codes.ts'
import { parseDecisionData } from '#contracts/decision.ts'
import type { DecisionData } from '#contracts/decision.ts'
import { categoriesFileSchema } from '#contracts/reference.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { featureContractSchema } from '#contracts/features.ts'
import { tablePredictor } from '#integrations/inference/tables.ts'
import { compiledFor } from '#services/recommendation/compile.ts'
import { featureRows } from '#services/recommendation/features.ts'
import { randomFrom } from '#kernel/random.ts'
import { decide } from '#services/recommendation/decide.ts'

/** Microseconds a unit for its features, its prediction by the tables, and the decision among all options at t0 and t1. */

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8'))
const names = ['channels', 'fees', 'transport', 'policy', 'priors', 'constraints', 'emissions'] as const
const files = Object.fromEntries(names.map((name) => [name, read(`decision/${name}`)])) as Record<
  keyof DecisionData,
  unknown
>
const data = parseDecisionData(files)
const categories = new Map(categoriesFileSchema.parse(read('categories')).categories.map((row) => [row.id, row]))

const itemCount = 2_000
const rounds = 2
const random = randomFrom(7)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const ids = [...categories.keys()]
const atMs = Date.parse('2026-11-01T00:00:00Z')

function item(i: number, isChecked: boolean): DecisionItem {
  return {
    id: `bench-${i}`,
    point: isChecked ? 't1' : 't0',
    atMs,
    currency: 'INR',
    categoryId: pick(ids),
    sku: null,
    brandTier: 'mid',
    mrpMinor: null,
    priceMinor: Math.round(20_000 * Math.exp(4 * random())),
    costMinor: null,
    weightKg: null,
    volumeLitres: null,
    launchedAtMs: null,
    soldAtMs: atMs - Math.floor(random() * 40) * 86_400_000,
    reasonCode: pick(reasonCodes),
    returnType: random() < 0.2 ? 'rto' : 'customer_return',
    isOpened: pick([true, false, null]),
    hasAllAccessories: null,
    saleChannel: null,
    pickupPincode: null,
    isRecalled: false,
    isHazmat: false,
    hasBattery: null,
    isDataBearing: null,
    hasBrandRestriction: false,
    isVendorReturnable: random() < 0.3,
    daysToExpiry: null,
    isOwned: true,
    grade: isChecked ? pick(grades.slice(0, 6)) : null,
    quarantine: null,
    findings: [],
    repairEstimateMinor: null,
    isRepairable: null,
    completeness: null,
    distanceKm: Math.round(random() * 1500),
    hubBacklogMinutes: null,
    hubMinutesPerDay: null,
    hubCapabilities: null,
    routedByChannel: {},
  }
}

const features = { ...featureContractSchema.parse(read('features/returns.v1')), hash: 'bench' }
const predict = tablePredictor({ decision: data, categories, features })
const compiled = compiledFor(data, categories)
const rows = (items: readonly DecisionItem[]) => featureRows(compiled, features, items)

/** Microseconds an item, by batch. What is prepared is no part of the time. */
function measure<T>(
  items: readonly DecisionItem[],
  batchSize: number,
  prepare: (slice: readonly DecisionItem[]) => T,
  work: (slice: readonly DecisionItem[], prepared: T) => unknown,
): number[] {
  const took: number[] = []
  for (let at = 0; at + batchSize <= items.length; at += batchSize) {
    const slice = items.slice(at, at + batchSize)
    const prepared = prepare(slice)
    const from = performance.now()
    work(slice, prepared)
    took.push(((performance.now() - from) * 1000) / batchSize)
  }
  return took
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(0)

function report(label: string, once: () => number[]): void {
  once()
  const took: number[] = []
  // On a machine that is busy with others the clock tells more of them than of us.
  const from = process.cpuUsage()
  for (let round = 0; round < rounds; round++) took.push(...once())
  const { user, system } = process.cpuUsage(from)
  const sorted = took.toSorted((a, b) => a - b)
  const [p50, p99] = [0.5, 0.99].map((share) => at(sorted, share).padStart(6))
  const processor = ((user + system) / (rounds * itemCount)).toFixed(0).padStart(6)
  console.log(`${label.padEnd(28)} p50 ${p50} µs  p99 ${p99} µs an item; processor ${processor} µs with its input`)
}

for (const point of ['t0', 't1'] as const) {
  const items = Array.from({ length: itemCount }, (_, i) => item(i, point === 't1'))
  const batchOf = (slice: readonly DecisionItem[]) => predict({ items: slice, rows: rows(slice) })
  for (const batchSize of [1, 100]) {
    const name = (what: string) => `${point}, batch ${batchSize}: ${what}`
    report(name('features'), () => measure(items, batchSize, () => null, rows))
    report(name('tables'), () =>
      measure(items, batchSize, rows, (slice, prepared) => predict({ items: slice, rows: prepared })),
    )
    report(name('decision'), () => measure(items, batchSize, batchOf, (s, batch) => decide(s, batch, data, categories)))
  }
}
