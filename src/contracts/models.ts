import { z } from 'zod'

/** What stands in the folder of a trained model beside its trees. */

const share = z.number().min(0).max(1)

const intervalsSchema = z.array(
  z.strictObject({ group: z.string(), n: z.int().positive(), quantiles: z.array(z.number()).length(101) }),
)

/** Fitted after training, by the decision engine itself, on units that no tree has seen. */
export const modelCalibrationSchema = z.strictObject({
  /** Evidence for the chosen option -> chance that it is the best: isotonic, knots rising in both. */
  confidence: z.strictObject({
    basis: z.enum(['simulated', 'audited']),
    knots: z.array(z.tuple([share, share])).min(2),
    /** The same for decisions before the check, where another uncertainty prevails; `knots` where absent. */
    knotsAtIntake: z
      .array(z.tuple([share, share]))
      .min(2)
      .optional(),
    /**
     * Evidence is the mean of the share of draws that the option wins and of its lead over the runner-up, which counts
     * fully from this share of the reference price on; absent: the share of draws alone.
     */
    leadShare: z.number().positive().optional(),
  }),
  /**
   * Conformal scores of the net recovery value, in shares of the reference price, by group `category_l1|route` and by its parents
   * `|route` and `|`: `n` scores and their quantiles at 0, 0.01 .. 1.
   */
  intervals: intervalsSchema,
  /** The same for decisions before the check; `intervals` where absent. */
  intervalsAtIntake: intervalsSchema.optional(),
})
export type ModelCalibration = z.infer<typeof modelCalibrationSchema>
