import { z } from 'zod'
import { reasonCodes, returnTypes, routes } from './codes.ts'
import {
  channelsFileSchema,
  feesFileSchema,
  minor,
  routeSchema,
  share,
  stamped,
  status,
  transportFileSchema,
} from './decision-markets.ts'

export type { Channel, FeeRow } from './decision-markets.ts'

/** Shapes of `data/decision/*.json`: the numbers that the decision engine runs on, all of them data and dated. */

/** Grades that are predicted, best first; S and Q are set by the rubric only. */
export const valuedGrades = ['A', 'B', 'C', 'D', 'E'] as const
const byGrade = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])
const sharesByGrade = z.tuple([share, share, share, share, share])

/** Ways in which a unit fetches a price; each has its own ratio to the reference price for each grade. */
export const priceClasses = ['new', 'open_box', 'refurbished', 'secondary', 'lot', 'parts'] as const
export type PriceClass = (typeof priceClasses)[number]

const parameter = z.strictObject({ value: z.number(), unit: z.string(), status, source: z.string() })
export const policyParameters = [
  'kappaPerDay',
  'holdPerLitreDayMinor',
  'gst',
  'itc',
  'depthElasticity',
  'rereturnLoss',
  'lambdaE',
  'lambdaA',
  'eta',
  'esgCapShare',
  'hubMinuteMinor',
  'receiveMinor',
  'wipeMinor',
  'bookShare',
  'repairSunkShare',
  'repairCostSd',
  'rerouteMinor',
  'minAcceptedShare',
  'defaultBacklogDays',
  'defaultInboundKm',
  'decayDaysMax',
  'copulaCorrelation',
  'draws',
  'confidenceCapL2',
  'reviewRecoverShare',
  'reviewCostMinor',
  'reviewConfidence',
  'reviewGapShare',
  'reviewAbuse',
  'counterfeitAbuse',
  'exploreMarginShare',
  'exploreMarginMaxMinor',
  'exploreFloor',
  'exploreLeaveMax',
  'probeShare',
  'probeShareStart',
  'probeStartOutcomes',
  'exploreBudgetShare',
  'probeBelowMinor',
  'exploreMaxMinor',
  'recycleMinorPerKg',
  'destroyMinorPerKg',
  'destroyCertificateMinor',
  'donateMinorPerKg',
  'eprMinorPerKg',
  'ewasteStorageDaysMax',
] as const
export type PolicyParameter = (typeof policyParameters)[number]
const parametersSchema = z.strictObject(
  Object.fromEntries(policyParameters.map((id) => [id, parameter])) as Record<PolicyParameter, typeof parameter>,
)

export const routePolicySchema = z.strictObject({
  route: routeSchema,
  priceClass: z.enum(priceClasses).nullable(),
  processingDays: z.number().nonnegative(),
  /** Unsold after so many days on sale: liquidated. */
  horizonDays: z.number().positive(),
  repackShare: share,
  cleanShare: share,
  minutesShare: z.number().nonnegative(),
  needsWipe: z.boolean(),
  rereturnFactor: z.number().nonnegative(),
  displacement: share,
  /** Tax relief as a share of book value. */
  taxReliefShare: share,
})
export const policyFileSchema = z.strictObject({
  ...stamped,
  parameters: parametersSchema,
  exploration: z.strictObject({ enabled: z.boolean() }),
  /** A person can look at the unit at these points only: value of looking and low confidence ask for review there. */
  lookingPoints: z.array(z.enum(['t0', 't1', 't2'])),
  routes: z.array(routePolicySchema).length(routes.length),
  /** Usual selling price as a share of list price, longest category prefix wins. */
  priceShareOfMrp: z.array(z.strictObject({ category: z.string(), share })).min(1),
  /** Price of one kg to a recycler, by material stream. */
  scrapMinorPerKg: z.record(z.string(), z.number().nonnegative()),
  /** Units of INR for one unit of a currency: converts our INR costs and limits, never a channel's fee table. */
  inrPerUnit: z.record(z.string(), z.number().positive()),
  /** Raw share of wins to calibrated confidence, linear between knots. `basis` says where the map was fitted. */
  confidenceMap: z.strictObject({
    basis: z.enum(['simulated', 'audited', 'none']),
    knots: z.array(z.tuple([share, share])).min(2),
  }),
  /** Level L3: routes to try in order for each grade; `unknown` where none was observed. */
  gradeTable: z.record(z.enum(['S', 'A', 'B', 'C', 'D', 'E', 'unknown']), z.array(routeSchema).min(1)),
})
export type Policy = z.infer<typeof policyFileSchema>

const forCategory = { category: z.string() }
export const priorsFileSchema = z.strictObject({
  ...stamped,
  status,
  /** Prior of the grade = base x reason x return type x opened x accessories, made to sum to 1. */
  grades: z.strictObject({
    base: z.array(z.strictObject({ ...forCategory, weights: byGrade })).min(1),
    reason: z.record(z.enum(reasonCodes), byGrade),
    returnType: z.record(z.enum(returnTypes), byGrade),
    isOpened: z.strictObject({ yes: byGrade, no: byGrade }),
    isIncomplete: byGrade,
  }),
  /** Median of price / reference price and its spread (standard deviation of the logarithm). */
  prices: z
    .array(z.strictObject({ ...forCategory, priceClass: z.enum(priceClasses), ratio: byGrade, sd: byGrade }))
    .min(1),
  daysToSale: z.array(z.strictObject({ ...forCategory, days: z.number().positive() })).min(1),
  saleDaysByGrade: byGrade,
  repair: z
    .array(
      z.strictObject({
        ...forCategory,
        probability: sharesByGrade,
        costRatio: byGrade,
        success: sharesByGrade,
      }),
    )
    .min(1),
  rereturn: z.array(z.strictObject({ ...forCategory, share })).min(1),
  abuse: z.array(z.strictObject({ ...forCategory, share })).min(1),
  abuseByReason: z.partialRecord(z.enum(reasonCodes), z.number().nonnegative()),
  /** Abuse that is left to find once a quality check has graded the unit. */
  abuseAfterCheck: share,
  /** Outcomes of our own, shrunk to the rows above by n / (n + shrinkN). Empty until there are some. */
  shrinkN: z.number().positive(),
  observedGrades: z.array(
    z.strictObject({
      ...forCategory,
      reasonCode: z.enum(reasonCodes),
      returnType: z.enum(returnTypes),
      n: minor,
      shares: sharesByGrade,
    }),
  ),
  observedPrices: z.array(
    z.strictObject({
      ...forCategory,
      priceClass: z.enum(priceClasses),
      n: z.tuple([minor, minor, minor, minor, minor]),
      ratio: byGrade,
      sd: byGrade,
    }),
  ),
})
export type Priors = z.infer<typeof priorsFileSchema>

export const constraintIds = [
  'recall',
  'hygiene.opened',
  'expiry',
  'hazmat.battery',
  'hazard.unsafe',
  'data.wipe',
  'ewaste.registered',
  'brand.no_secondary',
  'counterfeit',
  'ownership',
  'quarantine.unresolved',
  'channel.accepts',
  'hub.capability',
] as const
export type ConstraintId = (typeof constraintIds)[number]
export const constraintSchema = z.strictObject({
  id: z.enum(constraintIds),
  version: z.string(),
  source: z.string(),
  /** For a person; `{name}` is filled in by the rule. */
  message: z.string(),
  /** Routes that it takes away, or the routes on which it asks for something. */
  routes: z.array(routeSchema),
  /** Steps to be done before the disposition may close. */
  requires: z.array(z.string()),
  needsReview: z.boolean(),
  /** Findings of an inspector that set it off. */
  findings: z.array(z.string()),
  /** Capability a hub needs: by route, and by `wipe`, `hazmat` and `battery`. */
  capabilities: z.record(z.string(), z.string()),
})
export type Constraint = z.infer<typeof constraintSchema>
export const constraintsFileSchema = z
  .strictObject({ ...stamped, constraints: z.array(constraintSchema) })
  .refine((file) => constraintIds.every((id) => file.constraints.filter((c) => c.id === id).length === 1), {
    error: 'every constraint stands in the table exactly once',
  })

/** `null`: no factor was found; the emission is then unknown, never zero. Ids are rows of `data/esg/factors.csv`. */
const factor = z.strictObject({ factorIds: z.array(z.string()).min(1), kgPerUnit: z.number() })
export const emissionsFileSchema = z.strictObject({
  ...stamped,
  /** kg CO2e per tonne and km: a van on the first km, a lorry on the rest. */
  van: factor,
  lorry: factor,
  vanKm: z.number().nonnegative(),
  grid: factor,
  kwhPerMinute: z.number().nonnegative(),
  waste: z.record(z.string(), z.strictObject({ recycle: factor.nullable(), destroy: factor.nullable() })),
  /** Footprint of making: per item or per kg. */
  products: z.record(z.string(), z.number()),
  materials: z.record(z.string(), z.number()),
})

export type DecisionData = {
  readonly channels: z.infer<typeof channelsFileSchema>
  readonly fees: z.infer<typeof feesFileSchema>
  readonly transport: z.infer<typeof transportFileSchema>
  readonly policy: Policy
  readonly priors: Priors
  readonly constraints: z.infer<typeof constraintsFileSchema>
  readonly emissions: z.infer<typeof emissionsFileSchema>
}

/** Checks the parsed JSON of `data/decision/<name>.json`, by name; throws a `ZodError` that names the bad field. */
export function parseDecisionData(files: Readonly<Record<keyof DecisionData, unknown>>): DecisionData {
  return {
    channels: channelsFileSchema.parse(files.channels),
    fees: feesFileSchema.parse(files.fees),
    transport: transportFileSchema.parse(files.transport),
    policy: policyFileSchema.parse(files.policy),
    priors: priorsFileSchema.parse(files.priors),
    constraints: constraintsFileSchema.parse(files.constraints),
    emissions: emissionsFileSchema.parse(files.emissions),
  }
}
