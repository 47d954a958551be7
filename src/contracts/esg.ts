import { z } from 'zod'
import { dispositionSchema, gradeSchema } from './codes.ts'

/** Carbon and landfill of one closed unit, and the choices that its computation rests on. */

export const wasteStreams = [
  'e_waste',
  'battery',
  'plastic',
  'textile',
  'paper',
  'metal',
  'glass',
  'wood',
  'organic',
  'other',
] as const
export const wasteStreamSchema = z.enum(wasteStreams).meta({ id: 'WasteStream' })
export type WasteStream = z.infer<typeof wasteStreamSchema>

/** Where the mass of a closed unit goes; `returned` leaves our hands as goods, not as waste. */
export const fates = ['reuse', 'returned', 'recycling', 'incineration', 'landfill'] as const
export const fateSchema = z.enum(fates).meta({ id: 'Fate' })
export type Fate = z.infer<typeof fateSchema>

export const legModes = ['van', 'hgv', 'rail', 'air', 'two_wheeler'] as const
export const legModeSchema = z.enum(legModes)
export type LegMode = z.infer<typeof legModeSchema>

export const esgParts = ['transport', 'hub', 'treatment', 'avoided'] as const
export type EsgPart = (typeof esgParts)[number]

export const qualityScoreSchema = z
  .int()
  .min(1)
  .max(5)
  .meta({ description: 'Data quality: 1 measured … 5 default or assumption' })

export const esgAmountSchema = z
  .strictObject({ grams: z.int(), p05: z.int(), p95: z.int(), quality: qualityScoreSchema })
  .meta({
    id: 'EsgAmount',
    description: 'Grams CO2e with a 90 % interval; quality is that of its weakest input',
  })
export type EsgAmount = z.infer<typeof esgAmountSchema>

export const esgGapSchema = z.strictObject({ part: z.enum(esgParts), code: z.string(), detail: z.string() }).meta({
  id: 'EsgGap',
  description: 'What is not known or not inside the boundary; a figure without its factor is null, never zero',
})
export type EsgGap = z.infer<typeof esgGapSchema>

export const esgFactorUseSchema = z
  .strictObject({
    part: z.enum(esgParts),
    /** A row of `factors.csv`, or `method.…` for an assumption of `method.json`. */
    factorId: z.string(),
    version: z.string(),
    value: z.number(),
    low: z.number(),
    high: z.number(),
    quality: qualityScoreSchema,
    /** Activity that the factor was multiplied by, in the factor's unit; null for an assumption, which is an activity itself. */
    amount: z.number().nullable(),
  })
  .meta({ id: 'EsgFactorUse' })
export type EsgFactorUse = z.infer<typeof esgFactorUseSchema>

export const esgScopeSchema = z
  .strictObject({ scope: z.int().min(1).max(3), category: z.int().min(1).max(15).nullable(), grams: z.int() })
  .meta({ id: 'EsgScope', description: 'Inventory emissions by GHG Protocol scope and scope 3 category' })
export type EsgScope = z.infer<typeof esgScopeSchema>

/** One credit a closed unit. Inventory and avoided emissions stand apart and are never netted. */
export const esgCreditSchema = z
  .strictObject({
    methodVersion: z.string(),
    factorsVersion: z.string(),
    disposition: dispositionSchema,
    wasteStream: wasteStreamSchema,
    fate: fateSchema,
    massGrams: z.int().positive(),
    massSource: z.enum(['measured', 'catalogue', 'category']),
    /** Mass kept from landfill and incineration, and the rest; they add up to `massGrams`. */
    divertedGrams: z.int().nonnegative(),
    disposedGrams: z.int().nonnegative(),
    /** Sum of the three parts below; null when one of them is not known. */
    inventory: esgAmountSchema.nullable(),
    transport: esgAmountSchema.nullable(),
    hub: esgAmountSchema.nullable(),
    treatment: esgAmountSchema.nullable(),
    avoided: esgAmountSchema.nullable(),
    /** Share of new production that the route is taken to displace: an assumption. */
    displacement: z.strictObject({ share: z.number(), low: z.number(), high: z.number() }),
    scopes: z.array(esgScopeSchema),
    /** Global warming potentials behind the factors; they differ between sources. */
    gwpBases: z.array(z.string()),
    factors: z.array(esgFactorUseSchema),
    gaps: z.array(esgGapSchema),
  })
  .meta({ id: 'EsgCredit' })
export type EsgCredit = z.infer<typeof esgCreditSchema>

const assumedSchema = z.strictObject({
  value: z.number().nonnegative(),
  low: z.number().nonnegative(),
  high: z.number().nonnegative(),
})
export type Assumed = z.infer<typeof assumedSchema>

/** A factor, or the reason why there is none. */
const choiceSchema = z.union([
  z.strictObject({ factorId: z.string(), note: z.string().optional() }),
  z.strictObject({ factorId: z.null(), gap: z.string() }),
])
export type FactorChoice = z.infer<typeof choiceSchema>

const byStreamSchema = z.record(wasteStreamSchema, choiceSchema)

/** `data/esg/method.json`: every choice made on top of the factors. */
export const esgMethodSchema = z.strictObject({
  version: z.string(),
  source: z.string(),
  licence: z.string(),
  factorsVersion: z.string(),
  /** Of each factor by the start of its id, first match: GWP basis, data quality, relative spread where the source prints none. */
  sources: z.array(
    z.strictObject({
      prefix: z.string(),
      gwp: z.string(),
      quality: qualityScoreSchema,
      spread: z.number().min(0).lt(1),
      /** True when printed low and high span releases of one source, which says nothing of its uncertainty. */
      ignoresPrintedSpread: z.boolean(),
      note: z.string(),
    }),
  ),
  massSpread: z.strictObject({
    measured: z.number().min(0).lt(1),
    catalogue: z.number().min(0).lt(1),
    category: z.number().min(0).lt(1),
    note: z.string(),
  }),
  massQuality: z.strictObject({
    measured: qualityScoreSchema,
    catalogue: qualityScoreSchema,
    category: qualityScoreSchema,
  }),
  displacement: z.strictObject({
    note: z.string(),
    lowTimes: z.number(),
    highTimes: z.number(),
    cap: z.number(),
    shares: z.record(dispositionSchema, z.number().min(0).max(1)),
  }),
  /** What becomes of the unit, and which share of its mass is treated as waste. */
  fates: z.record(
    dispositionSchema,
    z.strictObject({ fate: fateSchema, treatedShare: z.number().min(0).max(1), isCredited: z.boolean() }),
  ),
  transport: z.record(
    legModeSchema,
    z.union([
      z.strictObject({ factorIds: z.array(z.string()).min(1), note: z.string() }),
      z.strictObject({ factorIds: z.null(), gap: z.string() }),
    ]),
  ),
  hub: z.strictObject({ kwhPerUnit: assumedSchema, gridFactorId: z.string(), note: z.string() }),
  treatment: z.strictObject({
    note: z.string(),
    recycling: byStreamSchema,
    incineration: byStreamSchema,
    landfill: byStreamSchema,
    /** What the chosen factors leave out, reported with every credit of that fate. */
    boundaries: z.partialRecord(fateSchema, z.strictObject({ code: z.string(), detail: z.string() })),
  }),
  /** Avoided emissions of recycling: by the product's material where one fits, else by its waste stream. */
  recycling: z.strictObject({
    note: z.string(),
    byMaterial: z.record(z.string(), choiceSchema),
    byStream: byStreamSchema,
  }),
  rework: z.strictObject({
    note: z.string(),
    dispositions: z.array(dispositionSchema),
    kwhPerUnit: assumedSchema,
    /** Rework of a better or worse unit, as a multiple of `kwhPerUnit`. */
    timesByGrade: z.partialRecord(gradeSchema, z.number().positive()),
    boundary: z.strictObject({ code: z.string(), detail: z.string() }),
  }),
  scopes: z.strictObject({
    transportOurs: z.int(),
    transportOthers: z.int(),
    wasteOurs: z.int(),
    wasteOfSoldProducts: z.int(),
    hub: z.int(),
    note: z.string(),
  }),
})
export type EsgMethod = z.infer<typeof esgMethodSchema>

const esgTotalSchema = z.strictObject({
  grams: z.int(),
  p05: z.int(),
  p95: z.int(),
  /** Units with a figure, and units without one: these are not in the sum. */
  items: z.int(),
  missingItems: z.int(),
  /** Share of the sum (absolute grams) that rests on data of quality 1, 2 … 5; all 0 when the sum is 0. */
  shareByQuality: z.array(z.number().min(0).max(1)).length(5),
})
export type EsgTotal = z.infer<typeof esgTotalSchema>

export const esgTotalsSchema = z
  .strictObject({
    items: z.int(),
    massGrams: z.int(),
    divertedGrams: z.int(),
    disposedGrams: z.int(),
    /** Mass kept from landfill and incineration over mass closed; null when nothing was closed. */
    diversionShare: z.number().min(0).max(1).nullable(),
    inventory: esgTotalSchema,
    transport: esgTotalSchema,
    hub: esgTotalSchema,
    treatment: esgTotalSchema,
    avoided: esgTotalSchema,
    /** Mass by stream and fate: the split that BRSR Principle 6 asks for. */
    streams: z.array(
      z.strictObject({
        wasteStream: wasteStreamSchema,
        fate: fateSchema,
        items: z.int(),
        massGrams: z.int(),
      }),
    ),
    scopes: z.array(esgScopeSchema),
    gaps: z.array(z.strictObject({ part: z.enum(esgParts), code: z.string(), items: z.int() })),
    methodVersions: z.array(z.string()),
    gwpBases: z.array(z.string()),
  })
  .meta({ id: 'EsgTotals' })
export type EsgTotals = z.infer<typeof esgTotalsSchema>
