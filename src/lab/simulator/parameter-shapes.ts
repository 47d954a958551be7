import { z } from 'zod'
import { policyParameters } from '#contracts/decision.ts'
import { routeSchema } from '#contracts/decision-markets.ts'
import { abuses, customerReasons, faults, habits, splitNames, tiers, type SplitName } from './names.ts'

const real = z.number()
const share = z.number().min(0).max(1)
const positive = z.number().positive()
const day = z.iso.date()
const list = (length: number) => z.array(real).length(length)
const shares = (length: number) => z.array(share).length(length)
const byClass = list(6)
const byFault = list(faults.length)
const byTier = list(tiers.length)
/** Of the longest category prefix that fits. */
const byCategory = <T extends z.ZodType>(value: T) => z.record(z.string(), value)
const pair = z.tuple([real, positive])

/** Aggregates of real used goods, to hold the world against; no equation reads them. */
const realPrices = z.strictObject({
  quartiles: shares(3),
  logSd: positive,
  logNewSlope: real,
  yearSlope: real,
  residualSd: positive,
  skewness: real,
  kurtosis: positive,
})
const wearFinding = z.strictObject({ code: z.string(), from: share, to: z.number().positive(), chance: share })
const faultFinding = z.strictObject({ code: z.string(), chance: shares(faults.length) })

/** Shape of the value of every parameter, in the order of the file. */
export const parameterShapes = {
  splits: z.strictObject(
    Object.fromEntries(splitNames.map((name) => [name, z.int().positive()])) as Record<SplitName, z.ZodInt>,
  ),
  period: z.tuple([day, day]),
  categories: z.record(z.string(), positive),
  unseenCategory: z.string(),
  unseenShare: share,
  priceShift: real,
  festivalPeriod: z.tuple([day, day]),
  festivalStrength: positive,
  festivalVolume: positive,
  policy: z.strictObject({
    parameters: z.partialRecord(z.enum(policyParameters), real),
    exploration: z.boolean(),
    routes: z.array(z.strictObject({ route: routeSchema, taxReliefShare: share })),
  }),

  tierShares: shares(tiers.length),
  priceLog: byCategory(pair),
  priceTier: byTier,
  modelAge: byCategory(z.tuple([positive, positive]).nullable()),
  massSpread: positive,
  massKnown: share,
  listSpread: positive,
  listKnown: share,
  priceKnown: share,
  costShare: pair,
  costKnown: share,
  vendorReturnable: byCategory(share),
  brandRestricted: shares(tiers.length),
  recalled: share,
  warrantyDays: byCategory(z.number().nonnegative()),

  rto: byCategory(share),
  opened: byCategory(share),
  openedKnown: share,
  incomplete: byCategory(share),
  incompleteAbuse: shares(abuses.length),
  daysSinceSale: pair,
  saleChannels: z.record(z.string(), positive),
  distanceLog: pair,
  transit: z.tuple([positive, positive, positive]),

  hubMinutes: z.array(positive).min(2),
  hubRepairs: z.array(z.boolean()).min(2),
  hubLoad: share,
  hubLoadSpread: positive,
  hubFestivalLoad: real,
  hubBacklogDaysMax: positive,
  hubMinutePrice: z.number().nonnegative(),

  depthLoad: pair,
  marketKnown: share,
  marketTrend: pair,
  marketSpread: positive,
  marketStock: positive,

  habitShares: shares(habits.length),
  customerKnown: share,
  customerOrders: pair,
  customerReturns: shares(habits.length),
  customerMismatches: list(habits.length),

  newProfile: shares(3),
  newLogit: byCategory(real),
  newHabit: list(habits.length),
  newDays: real,
  newUnopened: share,
  wearLogit: byCategory(real),
  wearHabit: list(habits.length),
  wearDays: real,
  wearSpread: positive,
  transitDamage: byCategory(real),
  transitDamageDay: real,
  transitWear: pair,
  faultLogit: byCategory(list(4)),
  faultTier: byTier,
  faultWear: list(4),
  faultUnopened: real,
  abuseLogit: byCategory(real),
  abuseHabit: list(habits.length),
  abuseUnopened: real,
  abusePrice: real,
  abuseKinds: shares(abuses.length),
  abuseWear: z.array(pair).length(2),
  abuseFault: z.array(shares(faults.length)).length(2),

  reasonBase: byCategory(list(customerReasons.length)),
  reasonFault: z.record(z.enum(customerReasons), byFault),
  reasonWear: list(customerReasons.length),
  reasonAbuse: z.record(z.enum(customerReasons), list(abuses.length)),
  reasonRefused: share,
  clusterKnown: share,
  clusterOfReason: share,
  clusterOfTruth: share,
  claimKnown: share,
  claimFlattery: real,
  claimSpread: positive,

  gradeScale: z.tuple([real, real, real, real]),
  scoreWear: positive,
  scoreWearPower: positive,
  scoreFault: byFault,
  scoreIncomplete: byCategory(z.number().nonnegative()),
  scoreSpread: positive,
  findings: z.record(z.string(), z.strictObject({ wear: z.array(wearFinding), fault: z.array(faultFinding) })),
  functionalFail: shares(faults.length),
  functionalKnown: share,
  abuseFound: shares(abuses.length),
  estimateKnown: share,
  estimateFound: share,
  estimateFalse: share,
  estimateFalseLog: pair,
  estimateSpread: positive,
  photoKnown: share,
  photoGate: share,
  photoAnomaly: z.array(z.tuple([positive, positive])).length(2),
  photoDuplicate: shares(2),

  priceLevel: byCategory(byClass),
  priceWear: byCategory(byClass),
  priceWearPower: byClass,
  priceFault: byCategory(z.array(byFault).length(6)),
  priceTierLevel: z.array(byTier).length(6),
  priceTierWear: byTier,
  priceTierFault: byTier,
  priceAge: byCategory(byClass),
  priceAgeWear: real,
  priceDear: byClass,
  priceIncomplete: byCategory(byClass),
  priceFestival: byClass,
  priceTrend: real,
  priceSpread: byCategory(z.array(positive).length(6)),
  priceSpreadFault: positive,
  priceSkew: real,
  priceTail: z.number().min(0).max(0.2),
  outcomeCorrelation: share,
  decayTier: byTier,
  depthElasticity: z.number().nonnegative(),

  saleLog: byCategory(real),
  saleClass: byCategory(byClass),
  saleTier: byTier,
  saleWear: z.number().nonnegative(),
  saleFault: byFault,
  saleFestival: real,
  saleDear: real,
  saleSold: real,
  saleStock: real,
  saleShape: list(4),

  rereturnLogit: byCategory(real),
  rereturnClass: byClass,
  rereturnWear: real,
  rereturnFault: byFault,

  repairNeed: shares(faults.length),
  repairNeedWear: pair,
  repairCost: byCategory(byFault),
  repairCostWear: real,
  repairCostTier: byTier,
  repairCostDear: real,
  repairCostSpread: positive,
  repairSuccess: byCategory(byFault),
  repairSuccessWear: real,
  repairSuccessTier: byTier,

  realDevices: realPrices,
  realVehicles: realPrices,
  realConditions: z.record(z.string(), positive),
} as const
