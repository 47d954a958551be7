import { z } from 'zod'
import { dispositionSchema, gradeSchema, overrideReasonSchema, reasonCodeSchema, returnTypeSchema } from './codes.ts'
import { idSchema, limits, minorSchema, moneySchema, note, pincodeSchema, text } from './common.ts'
import { appraisalsSchema, outcomeSchema } from './outcomes.ts'
import { recommendationBodySchema } from './recommendations.ts'

/** Ask for a recommendation without recording anything: by a known return, or by describing the unit. */
export const recommendRequestSchema = z
  .strictObject({
    returnId: idSchema
      .optional()
      .meta({ description: 'A known return; the other fields then override what is known of it' }),
    clientId: idSchema.optional(),
    sku: text(128).optional(),
    categoryId: text(80).optional(),
    price: moneySchema.optional(),
    mrp: moneySchema.optional(),
    grade: gradeSchema.optional(),
    reasonCode: reasonCodeSchema.optional(),
    returnType: returnTypeSchema.optional(),
    isOpened: z.boolean().optional(),
    pickupPincode: pincodeSchema.optional(),
    repairEstimateMinor: minorSchema.optional(),
  })
  .meta({
    id: 'RecommendRequest',
    examples: [
      {
        categoryId: 'electronics.audio.headphone',
        price: { amount: 129900, currency: 'INR' },
        grade: 'B',
        reasonCode: 'defective',
      },
    ],
  })
export type RecommendRequest = z.infer<typeof recommendRequestSchema>
export const recommendAnswerSchema = recommendationBodySchema

export const feedbackRequestSchema = z
  .strictObject({
    returnId: idSchema,
    recommendationId: idSchema.optional().meta({ description: 'The current one when absent' }),
    kind: z.enum(['helpful', 'not_helpful', 'outcome', 'appraisal']),
    disposition: dispositionSchema.optional().meta({ description: 'What should have been recommended' }),
    reasonCode: overrideReasonSchema.optional(),
    realisedValueMinor: z.int().optional(),
    outcome: outcomeSchema.optional(),
    appraisals: appraisalsSchema
      .optional()
      .meta({ description: 'What each of at least two routes would bring: an audit item' }),
    note: note(limits.noteLength).optional(),
  })
  .refine((feedback) => (feedback.kind === 'appraisal') === (feedback.appraisals !== undefined), {
    error: 'an appraisal, and nothing else, has appraisals',
    path: ['appraisals'],
  })
  .refine((feedback) => feedback.outcome === undefined || feedback.kind === 'outcome', {
    error: 'only an outcome has an outcome',
    path: ['outcome'],
  })
  .meta({
    id: 'FeedbackRequest',
    examples: [
      {
        returnId: '01920000-0000-7000-8000-000000000001',
        kind: 'not_helpful',
        disposition: 'liquidate',
        reasonCode: 'price_changed',
      },
    ],
  })
export type FeedbackRequest = z.infer<typeof feedbackRequestSchema>
