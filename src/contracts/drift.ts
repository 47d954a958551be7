import { z } from 'zod'

/** Whether the units of today are those that the model was trained on, feature by feature. */

export const driftLevelSchema = z.enum(['ok', 'warn', 'alert']).meta({ id: 'DriftLevel' })
export type DriftLevel = z.infer<typeof driftLevelSchema>

export const featureDriftSchema = z
  .strictObject({
    name: z.string(),
    level: driftLevelSchema,
    /** Population stability index over tenths of the reference, or over codes; missing values are a bin of their own. */
    psi: z.number(),
    /** Largest distance of the two distributions (Kolmogorov-Smirnov), of numbers. */
    ks: z.number().nullable(),
    /** Cramér's V of the chi-square test, of categories. */
    cramersV: z.number().nullable(),
    /** Chance of such a distance when nothing has changed. */
    pValue: z.number().nullable(),
    missing: z.strictObject({ reference: z.number(), window: z.number() }),
  })
  .meta({ id: 'FeatureDrift' })
export type FeatureDrift = z.infer<typeof featureDriftSchema>

export const driftReportSchema = z
  .strictObject({
    engine: z.string(),
    at: z.string(),
    from: z.string(),
    to: z.string(),
    /** What the reference is: the summary that the training wrote, golden vectors, or the first decisions of the log. */
    reference: z.strictObject({ source: z.enum(['training', 'golden', 'log']), count: z.int(), model: z.string() }),
    count: z.int(),
    /** `null` when the window holds too few units to say anything. */
    level: driftLevelSchema.nullable(),
    features: z.array(featureDriftSchema),
    /** Class-wise calibration error of the grade, of units that were checked since; null when too few were. */
    calibration: z
      .strictObject({
        count: z.int(),
        gradeEce: z.number(),
        expectedEce: z.number().nullable(),
        level: driftLevelSchema,
      })
      .nullable(),
  })
  .meta({ id: 'DriftReport' })
export type DriftReport = z.infer<typeof driftReportSchema>
export const driftListSchema = z.strictObject({ data: z.array(driftReportSchema) }).meta({ id: 'DriftReports' })

/** `reference.json` of a model folder: each feature as its training rows had it. */
export const trainingReferenceSchema = z.object({
  contractHash: z.string(),
  count: z.int().positive(),
  features: z.array(
    z.object({
      name: z.string(),
      missing: z.number().min(0).max(1),
      /** Numbers: quantiles 0, 0.01 .. 1 of what is not missing. */
      quantiles: z.array(z.number()).length(101).nullable(),
      /** Categories and booleans: share of each code among what is not missing. */
      shares: z.array(z.number()).nullable(),
    }),
  ),
})
export type TrainingReference = z.infer<typeof trainingReferenceSchema>
