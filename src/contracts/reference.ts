import { z } from 'zod'
import { gradeSchema } from './codes.ts'
import type { DecisionData } from './decision.ts'
import type { FeatureContract } from './features.ts'
import { currencySchema } from './common.ts'
import { type EsgMethod, wasteStreamSchema } from './esg.ts'

/** Shapes of the reference data that ships in `data/` (each file names its source, licence and version). */

const stamped = { version: z.string(), source: z.string(), licence: z.string() }

/** `data/categories.json`. Ids are dotted paths of three levels: `electronics.mobile.smartphone`. */
export const categorySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** Typical mass of one packed unit, and its packed volume. */
  weightKg: z.number().positive(),
  volumeLitres: z.number().positive(),
  /** Share of price lost a day (decision-model M8). */
  decayPerDay: z.number().nonnegative(),
  hygiene: z.enum(['none', 'opened_unsellable', 'cleanable']),
  hazard: z.enum(['none', 'battery', 'flammable', 'pressurised', 'chemical']),
  hasBattery: z.boolean(),
  isDataBearing: z.boolean(),
  /** Electrical or electronic equipment under the E-Waste (Management) Rules 2022. */
  isElectronic: z.boolean(),
  isPerishable: z.boolean(),
  returnWindowDays: z.number().int().positive(),
  isReturnable: z.boolean(),
  processingMinutes: z.number().positive(),
  inspectionCostMinor: z.number().int().nonnegative(),
  repackCostMinor: z.number().int().nonnegative(),
  cleaningCostMinor: z.number().int().nonnegative(),
  /** Rubric that grades it: an id in `data/rubrics/`. */
  rubricId: z.string(),
  /** Share of gross price kept in sale by brand-new market depth: units of one SKU that the market takes in 28 days. */
  demand28d: z.number().positive(),
  /** ESG: footprint of making one unit (an item factor) or else mass times a material factor. Null = no factor known. */
  productFactorId: z.string().nullable(),
  materialFactorId: z.string().nullable(),
  /** ESG: material stream for waste reporting. */
  wasteStream: wasteStreamSchema,
})
export type Category = z.infer<typeof categorySchema>
export const categoriesFileSchema = z.strictObject({ ...stamped, categories: z.array(categorySchema).min(1) })

/** `data/rubrics/<id>.v<n>.json`: questions that a worker answers; the grade is computed from the answers. */
export const rubricAnswerSchema = z.strictObject({
  value: z.string(),
  label: z.string(),
  /** The grade can't be better than this when the answer is given. */
  gradeCap: gradeSchema.optional(),
  /** Points taken from 100. */
  penalty: z.number().min(0).max(100).optional(),
  /** A finding code that the answer records. */
  finding: z.string().optional(),
  /** Ask these questions only after this answer. */
  opens: z.array(z.string()).optional(),
  repairMinor: z.number().int().nonnegative().optional(),
  repairMinutes: z.number().nonnegative().optional(),
  /** The unit goes to quarantine (grade Q), e.g. a swollen battery or a suspected counterfeit. */
  quarantine: z.enum(['hazard', 'counterfeit', 'wrong_item']).optional(),
})
export const rubricQuestionSchema = z.strictObject({
  id: z.string(),
  text: z.string(),
  required: z.boolean(),
  /** True when it is asked only if an answer of another question opens it. */
  isConditional: z.boolean(),
  answers: z.array(rubricAnswerSchema).min(2),
})
export const rubricSchema = z.strictObject({
  ...stamped,
  id: z.string(),
  name: z.string(),
  revision: z.number().int().positive(),
  /** Of the repair costs below. */
  currency: currencySchema,
  /** True when an unbroken seal proves the unit unused: it is graded S without questions. */
  acceptsSealed: z.boolean(),
  /** Points taken when every accessory is missing; a part of them takes its share. */
  incompletePenalty: z.number().min(0).max(100),
  /** Lowest score of each grade, best first, on the scale 0..100. */
  scale: z.array(z.strictObject({ grade: gradeSchema, minScore: z.number().min(0).max(100) })),
  /** Photo shots that a complete check needs. */
  shots: z.array(z.strictObject({ id: z.string(), label: z.string(), required: z.boolean() })),
  /** Parts and papers that belong to a complete unit. */
  accessories: z.array(z.strictObject({ id: z.string(), label: z.string(), weight: z.number().positive() })),
  questions: z.array(rubricQuestionSchema).min(1),
  /** Findings that a worker may add by hand beside those that answers record. */
  findings: z.array(
    z.strictObject({
      code: z.string(),
      label: z.string(),
      penalty: z.number().min(0).max(100),
      gradeCap: gradeSchema.optional(),
      repairMinor: z.number().int().nonnegative(),
      repairMinutes: z.number().nonnegative(),
      /** False when no repair makes a unit with this finding saleable again. */
      isRepairable: z.boolean(),
      requiresShot: z.boolean(),
      quarantine: z.enum(['hazard', 'counterfeit', 'wrong_item']).optional(),
    }),
  ),
})
export type Rubric = z.infer<typeof rubricSchema>

/** `data/esg/factors.csv`, one row each. `low`/`high` null where the source gives no spread. */
export const esgFactorSchema = z.strictObject({
  id: z.string(),
  category: z.enum([
    'transport',
    'waste',
    'avoided_lifecycle',
    'material_use',
    'product_footprint',
    'electricity',
    'fuel',
  ]),
  activity: z.string(),
  unit: z.string(),
  kgco2ePerUnit: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  source: z.string(),
  year: z.number().int(),
  region: z.string(),
  note: z.string(),
})
export type EsgFactor = z.infer<typeof esgFactorSchema>

/** All reference data as it is read at the start. */
export type Reference = {
  readonly categories: ReadonlyMap<string, Category>
  /** Newest revision of each, by id. */
  readonly rubrics: ReadonlyMap<string, Rubric>
  /** Every revision, by `rubricKey`: an old check is shown with the rubric that graded it. */
  readonly rubricsByRevision: ReadonlyMap<string, Rubric>
  readonly esg: { readonly factors: ReadonlyMap<string, EsgFactor>; readonly method: EsgMethod }
  /** Channels, fees, tariffs, policy and priors of the decision engine. */
  readonly decision: DecisionData
  /** What models may look at. */
  readonly features: FeatureContract
  /** Version of each data file, stored with what was computed from it. */
  readonly versions: Readonly<Record<string, string>>
}

export function rubricKey(id: string, revision: number): string {
  return `${id}@${revision}`
}
