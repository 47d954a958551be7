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
import { decide, decideValues } from '#services/recommendation/decide.ts'

/** Microseconds per recommendation, for one unit at a time and for batches, with and without confidence. */

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8'))
const names = ['channels', 'fees', 'transport', 'policy', 'priors', 'constraints', 'emissions'] as const
const files = Object.fromEntries(names.map((name) => [name, read(`decision/${name}`)])) as Record<
  keyof DecisionData,
  unknown
>
const data = parseDecisionData(files)
const categories = new Map(categoriesFileSchema.parse(read('categories')).categories.map((row) => [row.id, row]))

const itemCount = 4_000
const rounds = 3
const random = randomFrom(7)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const ids = [...categories.keys()]
const atMs = Date.parse('2026-11-01T00:00:00Z')

function item(i: number): DecisionItem {
  const isChecked = i % 2 === 0
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

const items = Array.from({ length: itemCount }, (_, i) => item(i))
const features = { ...featureContractSchema.parse(read('features/returns.v1')), hash: 'bench' }
const predict = tablePredictor({ decision: data, categories, features })
const compiled = compiledFor(data, categories)

/** Microseconds of each batch, divided by its size. The prediction by table is part of the work. */
function measure(engine: typeof decide, batchSize: number): number[] {
  const took: number[] = []
  for (let at = 0; at + batchSize <= items.length; at += batchSize) {
    const slice = items.slice(at, at + batchSize)
    const from = performance.now()
    engine(slice, predict({ items: slice, rows: featureRows(compiled, features, slice) }), data, categories)
    took.push(((performance.now() - from) * 1000) / batchSize)
  }
  return took
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(1)

for (const [label, engine] of [
  ['with confidence', decide],
  ['without confidence', decideValues],
] as const) {
  for (const batchSize of [1, 100]) {
    measure(engine, batchSize)
    const took: number[] = []
    for (let round = 0; round < rounds; round++) took.push(...measure(engine, batchSize))
    const sorted = took.toSorted((a, b) => a - b)
    console.log(`${label}, batch ${batchSize}: p50 ${at(sorted, 0.5)} µs, p99 ${at(sorted, 0.99)} µs an item`)
  }
}
