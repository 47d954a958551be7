import { z } from 'zod'
import { timeSchema } from './common.ts'

/** A model beside the one that serves: where they differ, and what logged decisions say of it. Amounts are paise. */

const estimate = z.strictObject({ value: z.number(), low: z.number(), high: z.number() })

/** Mean per return, with 90 % intervals over returns (decision-model 6). */
export const modelValueSchema = z
  .strictObject({
    modelVersion: z.string(),
    againstVersion: z.string(),
    at: timeSchema,
    /** Logged decisions with a known outcome, and those that a person made otherwise, which have no chance to weigh by. */
    units: z.int(),
    overridden: z.int(),
    ips: estimate,
    snips: estimate.nullable(),
    dr: estimate,
    /** DR of the model that serves, and the difference on the same returns. */
    served: estimate,
    gain: estimate,
    effectiveCount: z.number(),
    cappedCount: z.int(),
    /** Rows in which nothing else could have been taken; they cannot support another route. */
    certainCount: z.int(),
    unsupportedCount: z.int(),
    unsupportedShare: z.number(),
  })
  .meta({ id: 'ModelValue' })
export type ModelValue = z.infer<typeof modelValueSchema>

export const shadowReportSchema = z
  .strictObject({
    modelVersion: z.string(),
    since: timeSchema,
    units: z.int(),
    /** Share of units in which both put the same disposition and channel first, and the same disposition. */
    agreement: z.number(),
    dispositionAgreement: z.number(),
    /** Units of which the challenger excludes what served. */
    servedExcluded: z.int(),
    /** Utility of its choice over that of the served one, by its own reckoning; the mean per unit. */
    utilityGainMinor: z.number(),
    moves: z.array(z.strictObject({ from: z.string(), to: z.string(), units: z.int(), utilityGainMinor: z.number() })),
    value: modelValueSchema.nullable(),
  })
  .meta({ id: 'ShadowReport' })
export type ShadowReport = z.infer<typeof shadowReportSchema>
