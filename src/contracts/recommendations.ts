import { z } from 'zod'
import { dispositionSchema, gradeSchema, levelSchema } from './codes.ts'

/** What the decision engine answers for one unit, as it is stored, sent and shown. Amounts are minor units. */

export const valueSpreadSchema = z
  .strictObject({ mean: z.int(), p05: z.int(), p50: z.int(), p95: z.int() })
  .meta({ id: 'ValueSpread', description: 'Net recovery value in minor units: mean and quantiles' })
export type ValueSpread = z.infer<typeof valueSpreadSchema>

/** One line of money that makes up a value or a difference of values. */
export const reasonSchema = z
  .strictObject({
    code: z.string(),
    /** Signed effect in minor units: chosen option against the runner-up. */
    amount: z.int(),
    text: z.string(),
  })
  .meta({ id: 'RecommendationReason' })
export type Reason = z.infer<typeof reasonSchema>

/** The parts of an option's expected net recovery value; they add up to `value.mean` to the rounding of each part. */
export const breakdownSchema = z
  .strictObject({
    gross: z.int(),
    fees: z.int(),
    transport: z.int(),
    handling: z.int(),
    repair: z.int(),
    holding: z.int(),
    disposal: z.int(),
    credits: z.int(),
  })
  .meta({ id: 'ValueBreakdown' })

export const optionSchema = z
  .strictObject({
    disposition: dispositionSchema,
    channel: z.string(),
    value: valueSpreadSchema,
    /** What the ranking compares: value with the policy's prices of emissions, hub minutes and risk. */
    utility: z.int(),
    breakdown: breakdownSchema,
    /** Days until cash, and expected emissions of this route (inventory), grams CO2e. */
    daysToCash: z.number(),
    emissionsGrams: z.int().nullable(),
    /** Chance that exploration would have chosen it. */
    propensity: z.number(),
    /** Steps that must be done before it may close, e.g. `wipe_certificate`. */
    requires: z.array(z.string()),
  })
  .meta({ id: 'RecommendationOption' })
export type RecommendationOption = z.infer<typeof optionSchema>

export const exclusionSchema = z
  .strictObject({
    disposition: dispositionSchema,
    /** Null when the whole route is excluded. */
    channel: z.string().nullable(),
    rule: z.string(),
    ruleVersion: z.string(),
    message: z.string(),
  })
  .meta({ id: 'RecommendationExclusion' })
export type Exclusion = z.infer<typeof exclusionSchema>

export const recommendationBodySchema = z
  .strictObject({
    point: z.enum(['t0', 't1', 't2']),
    disposition: dispositionSchema,
    channel: z.string(),
    currency: z.string(),
    value: valueSpreadSchema,
    confidence: z.number().min(0).max(1).nullable(),
    confidenceBasis: z.enum(['simulated', 'audited', 'none']),
    /** Best option by money alone, and what the greener choice costs against it. */
    moneyBest: z.strictObject({ disposition: dispositionSchema, channel: z.string() }),
    greenerCostMinor: z.int(),
    /** Value of looking: what perfect knowledge of grade, repair and abuse would be worth. */
    evppiMinor: z.int(),
    needsReview: z.boolean(),
    reviewReasons: z.array(z.string()),
    /** Ranked, best first. */
    options: z.array(optionSchema),
    excluded: z.array(exclusionSchema),
    reasons: z.array(reasonSchema),
    /** Expected grade distribution, or the grade that was observed (probability 1). */
    grades: z.partialRecord(gradeSchema, z.number()),
    level: levelSchema,
    degraded: z.boolean(),
    modelVersion: z.string(),
    dataVersions: z.record(z.string(), z.string()),
    seed: z.int(),
    explored: z.boolean(),
  })
  .meta({ id: 'RecommendationBody' })
export type RecommendationBody = z.infer<typeof recommendationBodySchema>

/** Everything the decision engine may know of a unit. Amounts in minor units of `currency`. */
export type DecisionItem = {
  readonly id: string
  readonly point: 't0' | 't1' | 't2'
  /** Instant of the decision, epoch ms. */
  readonly atMs: number
  readonly currency: string
  readonly categoryId: string
  readonly sku: string | null
  readonly brandTier: 'premium' | 'mid' | 'budget' | 'unbranded'
  /** List price; `priceMinor` is what the buyer paid for the unit. */
  readonly mrpMinor: number | null
  readonly priceMinor: number | null
  readonly costMinor: number | null
  readonly weightKg: number | null
  readonly volumeLitres: number | null
  readonly launchedAtMs: number | null
  readonly soldAtMs: number | null
  readonly reasonCode: string
  readonly returnType: 'customer_return' | 'rto'
  readonly isOpened: boolean | null
  readonly hasAllAccessories: boolean | null
  readonly saleChannel: string | null
  readonly pickupPincode: string | null
  readonly isRecalled: boolean
  readonly isHazmat: boolean
  readonly hasBattery: boolean | null
  readonly isDataBearing: boolean | null
  readonly hasBrandRestriction: boolean
  readonly isVendorReturnable: boolean
  readonly daysToExpiry: number | null
  readonly isOwned: boolean
  readonly grade: 'S' | 'A' | 'B' | 'C' | 'D' | 'E' | 'Q' | null
  readonly quarantine: 'hazard' | 'counterfeit' | 'wrong_item' | null
  readonly findings: readonly string[]
  readonly repairEstimateMinor: number | null
  readonly isRepairable: boolean | null
  readonly completeness: number | null
  /** Distance to the hub at hand (t1) or to the nearest capable hub (t0); null when not known. */
  readonly distanceKm: number | null
  readonly hubBacklogMinutes: number | null
  readonly hubMinutesPerDay: number | null
  readonly hubCapabilities: readonly string[] | null
  /** Units of this SKU family already routed to each channel in the last 28 days. */
  readonly routedByChannel: Readonly<Record<string, number>>
  /** Since when we hold it; absent or null when it has not arrived. */
  readonly storedSinceMs?: number | null
  /** Whether the photos of the quality check passed their gate; absent or null when there were none. */
  readonly photoGate?: 'passed' | 'failed' | null
  readonly photoCount?: number | null
  readonly photoAnomaly?: number | null
  readonly isPhotoDuplicate?: boolean | null
  readonly functionalTest?: 'pass' | 'fail' | 'not_applicable' | null
  /** Cluster of what the customer wrote, by the text model. */
  readonly reasonCluster?: string | null
  readonly claimGrade?: 'A' | 'B' | 'C' | 'D' | 'E' | null
  readonly transitDays?: number | null
  readonly warrantyDaysLeft?: number | null
  /** The customer by pseudonym, of the 365 days before: orders, shrunk return rate, earlier mismatches. */
  readonly customer?: {
    readonly orders365d: number
    readonly returnRate365d: number
    readonly mismatches: number
  } | null
  /** The market of the SKU family: trend of its price (1/d), units sold in 28 days and on hand, by group of channels. */
  readonly market?: {
    readonly trend28d: number | null
    readonly sold28d: Readonly<Record<ChannelGroup, number>> | null
    readonly stock: Readonly<Record<ChannelGroup, number>> | null
  } | null
  /** Price of a minute of the hub's work, in minor units of INR; the policy's own where absent. */
  readonly hubMinuteMinor?: number | null
}

export const channelGroups = ['own', 'marketplace', 'b2b'] as const
export type ChannelGroup = (typeof channelGroups)[number]
