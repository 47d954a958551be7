import { readFileSync } from 'node:fs'
import { priceClasses, parseDecisionData } from '#contracts/decision.ts'
import type { DecisionData, PolicyParameter, PriceClass } from '#contracts/decision.ts'
import { categoriesFileSchema } from '#contracts/reference.ts'
import type { DecisionItem, RecommendationBody, RecommendationOption } from '#contracts/recommendations.ts'
import type { LogPrice, Prediction } from '#integrations/inference/port.ts'
import { tablePredictor } from '#integrations/inference/tables.ts'
import { decide } from '#services/recommendation/decide.ts'

/** The shipped decision data, and units to decide about. */

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../data/${name}.json`, import.meta.url), 'utf8'))
const names = ['channels', 'fees', 'transport', 'policy', 'priors', 'constraints', 'emissions'] as const

export const data: DecisionData = parseDecisionData(
  Object.fromEntries(names.map((name) => [name, read(`decision/${name}`)])) as Record<keyof DecisionData, unknown>,
)
export const categories = new Map(categoriesFileSchema.parse(read('categories')).categories.map((row) => [row.id, row]))
export const predict = tablePredictor(data.priors)

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

/** A model that is sure of everything: the same ratio for every grade, no spread, no abuse. */
export function sureOf(ratios: Partial<Record<PriceClass, number>>, over: Partial<Prediction> = {}): Prediction {
  const price = (ratio: number): LogPrice => ({ mean: Array(5).fill(Math.log(ratio)), sd: Array(5).fill(0) })
  return {
    gradeProbabilities: [0.2, 0.2, 0.2, 0.2, 0.2],
    logPrice: Object.fromEntries(priceClasses.map((id) => [id, price(ratios[id] ?? 0.01)])) as Prediction['logPrice'],
    repairProbability: Array(5).fill(0),
    repairCostRatio: Array(5).fill(0),
    repairSuccess: Array(5).fill(1),
    rereturn: 0,
    abuse: 0,
    daysToSale: Array(5).fill(25),
    ...over,
  }
}

export function withParameters(over: Partial<Record<PolicyParameter, number>>): DecisionData {
  const changed = structuredClone(data)
  for (const [id, value] of Object.entries(over)) changed.policy.parameters[id as PolicyParameter].value = value
  return changed
}

/** Decides by the tables, or by `prediction` at level L1. */
export function recommend(item: DecisionItem, prediction?: Prediction, using: DecisionData = data): RecommendationBody {
  const level = prediction ? 'L1' : 'L2'
  const batch = { level, modelVersion: 'test', predictions: [prediction ?? predict(item)] } as const
  return decide([item], batch, using, categories)[0]!
}

export function optionOf(body: RecommendationBody, disposition: string, channel?: string): RecommendationOption {
  const found = body.options.find(
    (o) => o.disposition === disposition && (channel === undefined || o.channel === channel),
  )
  if (!found) throw new Error(`${disposition} ${channel ?? ''} is not among the options`)
  return found
}
