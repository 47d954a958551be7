import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { priceClasses, parseDecisionData } from '#contracts/decision.ts'
import type { DecisionData, PolicyParameter, PriceClass } from '#contracts/decision.ts'
import { categoriesFileSchema } from '#contracts/reference.ts'
import type { DecisionItem, RecommendationBody, RecommendationOption } from '#contracts/recommendations.ts'
import { featureContractSchema, type FeatureContract } from '#contracts/features.ts'
import {
  predictionAt,
  predictionWidth,
  pricePlace,
  quantileNormals,
  repairCostPlace,
  salePlace,
} from '#contracts/prediction.ts'
import type { PredictedBatch } from '#integrations/inference/port.ts'
import { tablePredictor } from '#integrations/inference/tables.ts'
import { compiledFor } from '#services/recommendation/compile.ts'
import { decide } from '#services/recommendation/decide.ts'
import { featureRows } from '#services/recommendation/features.ts'

/** The shipped decision data, and units to decide about. */

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../data/${name}.json`, import.meta.url), 'utf8'))
const names = ['channels', 'fees', 'transport', 'policy', 'priors', 'constraints', 'emissions'] as const

export const data: DecisionData = parseDecisionData(
  Object.fromEntries(names.map((name) => [name, read(`decision/${name}`)])) as Record<keyof DecisionData, unknown>,
)
export const categories = new Map(categoriesFileSchema.parse(read('categories')).categories.map((row) => [row.id, row]))
const featureText = readFileSync(new URL('../../data/features/returns.v1.json', import.meta.url), 'utf8')
export const features: FeatureContract = {
  ...featureContractSchema.parse(JSON.parse(featureText)),
  hash: createHash('sha256').update(featureText).digest('hex'),
}

export function rowsOf(items: readonly DecisionItem[], using: DecisionData = data): Float32Array {
  return featureRows(compiledFor(using, categories), features, items)
}

/** What the tables say of these units, by `using` or the shipped data. */
export function predictAll(items: readonly DecisionItem[], using: DecisionData = data): PredictedBatch {
  return tablePredictor({ decision: using, categories, features })({ items, rows: rowsOf(items, using) })
}

/** One row of the tables. */
export function predict(item: DecisionItem, using: DecisionData = data): Float64Array {
  return predictAll([item], using).values
}

export const atMs = Date.parse('2026-11-01T00:00:00Z')

/** A checked, opened smartphone of 18,000 INR in grade B, without anything special. */
export function unit(over: Partial<DecisionItem> = {}): DecisionItem {
  return {
    id: 'unit-1',
    point: 't1',
    atMs,
    currency: 'INR',
    categoryId: 'electronics.mobile.smartphone',
    sku: 'SKU-1',
    brandTier: 'mid',
    mrpMinor: null,
    priceMinor: 1_800_000,
    costMinor: null,
    weightKg: null,
    volumeLitres: null,
    launchedAtMs: null,
    soldAtMs: null,
    reasonCode: 'changed_mind',
    returnType: 'customer_return',
    isOpened: true,
    hasAllAccessories: true,
    saleChannel: null,
    pickupPincode: null,
    isRecalled: false,
    isHazmat: false,
    hasBattery: null,
    isDataBearing: null,
    hasBrandRestriction: false,
    isVendorReturnable: false,
    daysToExpiry: null,
    isOwned: true,
    grade: 'B',
    quarantine: null,
    findings: [],
    repairEstimateMinor: null,
    isRepairable: null,
    completeness: null,
    distanceKm: 300,
    hubBacklogMinutes: null,
    hubMinutesPerDay: null,
    hubCapabilities: null,
    routedByChannel: {},
    ...over,
  }
}

export type LogPrice = { readonly mean: readonly number[]; readonly sd: readonly number[] }

/** A prediction as a person would write it down; `rowOf` lays it out. Arrays hold one number for each grade A..E. */
export type Guess = {
  readonly grades: readonly number[]
  readonly logPrice: Readonly<Record<PriceClass, LogPrice>>
  readonly repairNeed: readonly number[]
  readonly repairCostRatio: readonly number[]
  readonly repairSuccess: readonly number[]
  /** Of what is sold to persons; lots and parts stay sold. */
  readonly rereturn: number
  readonly abuse: number
  /** Mean days to sale at channel speed 1, at a constant hazard. */
  readonly daysToSale: readonly number[]
  readonly decayPerDay: number | null
}

/** A model that is sure of everything: the same ratio for every grade, no spread, no abuse. */
export function sureOf(ratios: Partial<Record<PriceClass, number>>, over: Partial<Guess> = {}): Guess {
  const price = (ratio: number): LogPrice => ({ mean: Array(5).fill(Math.log(ratio)), sd: Array(5).fill(0) })
  return {
    grades: [0.2, 0.2, 0.2, 0.2, 0.2],
    logPrice: Object.fromEntries(priceClasses.map((id) => [id, price(ratios[id] ?? 0.01)])) as Guess['logPrice'],
    repairNeed: Array(5).fill(0),
    repairCostRatio: Array(5).fill(1e-4),
    repairSuccess: Array(5).fill(1),
    rereturn: 0,
    abuse: 0,
    daysToSale: Array(5).fill(25),
    decayPerDay: null,
    ...over,
  }
}

export function rowOf(guess: Guess, item: DecisionItem): Float64Array {
  const row = new Float64Array(predictionWidth)
  row.set(guess.grades, predictionAt.grade)
  row.set(guess.repairNeed, predictionAt.repairNeed)
  row.set(guess.repairSuccess, predictionAt.repairSuccess)
  for (let g = 0; g < 5; g++) {
    priceClasses.forEach((id, c) => {
      const { mean, sd } = guess.logPrice[id]
      quantileNormals.forEach((z, q) => (row[pricePlace(c, g) + q] = mean[g]! + sd[g]! * z))
      row[salePlace(c, g)] = Math.min(40, Math.log(Math.expm1(7 / guess.daysToSale[g]!)))
      row[predictionAt.rereturn + c] = id === 'lot' || id === 'parts' ? 0 : guess.rereturn
    })
    row.fill(Math.log(guess.repairCostRatio[g]!), repairCostPlace(g), repairCostPlace(g) + 5)
  }
  row[predictionAt.abuse] = guess.abuse
  row[predictionAt.decay] = guess.decayPerDay ?? categories.get(item.categoryId)!.decayPerDay
  row[predictionAt.depth] = data.policy.parameters.depthElasticity.value
  return row
}

/** Rows of a model at level L1. */
export function guessed(items: readonly DecisionItem[], guess: Guess): PredictedBatch {
  const values = new Float64Array(items.length * predictionWidth)
  items.forEach((item, i) => values.set(rowOf(guess, item), i * predictionWidth))
  const about = { engine: 'guess', level: 'L1', modelVersion: 'test' } as const
  return { ...about, count: items.length, values, calibration: null, fellBack: [] }
}

export function withParameters(over: Partial<Record<PolicyParameter, number>>): DecisionData {
  const changed = structuredClone(data)
  for (const [id, value] of Object.entries(over)) changed.policy.parameters[id as PolicyParameter].value = value
  return changed
}

/** Decides by the tables, or by `guess` at level L1. */
export function recommend(item: DecisionItem, guess?: Guess, using: DecisionData = data): RecommendationBody {
  const batch = guess ? guessed([item], guess) : predictAll([item], using)
  return decide([item], batch, using, categories)[0]!
}

export function optionOf(body: RecommendationBody, disposition: string, channel?: string): RecommendationOption {
  const found = body.options.find(
    (o) => o.disposition === disposition && (channel === undefined || o.channel === channel),
  )
  if (!found) throw new Error(`${disposition} ${channel ?? ''} is not among the options`)
  return found
}
