import { z } from 'zod'
import { gradeSchema } from './codes.ts'
import { idSchema, limits, moneySchema, note, timeSchema } from './common.ts'

/** The inspection of one unit: what a worker reports, and what follows from it. */

const codeSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9_.-]+$/, 'a code such as light_scratches')
const codesSchema = z.array(codeSchema).max(50)

export const quarantineSchema = z.enum(['hazard', 'counterfeit', 'wrong_item']).meta({ id: 'Quarantine' })
export type Quarantine = z.infer<typeof quarantineSchema>

export const photoRefSchema = z.strictObject({ fileId: idSchema, shot: codeSchema }).meta({ id: 'PhotoRef' })
export type PhotoRef = z.infer<typeof photoRefSchema>

export const qualityAnswersSchema = z
  .record(codeSchema, codeSchema)
  .refine((answers) => Object.keys(answers).length <= 50, 'at most 50 answers')
  .meta({ description: 'Question id → value of the answer, from the rubric of the category' })

const reportShape = {
  rubricId: codeSchema.optional().meta({ description: "The category's rubric when absent" }),
  answers: qualityAnswersSchema,
  findings: codesSchema.default([]).meta({ description: 'Finding codes beside those that answers record' }),
  accessories: codesSchema.optional().meta({ description: 'Accessories that are there; absent when nobody looked' }),
  isSealed: z.boolean().default(false),
  weightGrams: z.int().min(1).max(2_000_000).optional().meta({ description: 'As weighed' }),
  photos: z.array(photoRefSchema).max(20).default([]),
  note: note(limits.noteLength).optional(),
}

export const qualityCheckRequestSchema = z.strictObject({ returnId: idSchema, ...reportShape }).meta({
  id: 'QualityCheckRequest',
  examples: [
    {
      returnId: '01920000-0000-7000-8000-000000000001',
      answers: { works: 'yes', look: 'light' },
      accessories: ['charger'],
    },
  ],
})
export type QualityCheckRequest = z.infer<typeof qualityCheckRequestSchema>

/** `PUT /api/quality/{id}`: the whole report anew; the return is the check's. */
export const qualityReviseRequestSchema = z
  .strictObject(reportShape)
  .meta({ id: 'QualityReviseRequest', examples: [{ answers: { works: 'yes', look: 'light' } }] })
export type QualityReviseRequest = z.infer<typeof qualityReviseRequestSchema>

export const gradeStepSchema = z
  .strictObject({
    /** `answer:<question>=<value>`, `finding:<code>`, `incomplete` or `sealed`. */
    cause: z.string(),
    label: z.string(),
    penalty: z.number(),
    gradeCap: gradeSchema.nullable(),
    quarantine: quarantineSchema.nullable(),
  })
  .meta({ id: 'GradeStep', description: 'One thing that moved the grade' })
export type GradeStep = z.infer<typeof gradeStepSchema>

export const repairEstimateSchema = z
  .strictObject({ amount: moneySchema, minutes: z.number().nonnegative(), isRepairable: z.boolean() })
  .meta({ id: 'RepairEstimate' })
export type RepairEstimate = z.infer<typeof repairEstimateSchema>

export const qualityCheckSchema = z
  .strictObject({
    id: idSchema,
    returnId: idSchema,
    isCurrent: z.boolean(),
    rubricId: z.string(),
    rubricRevision: z.int(),
    answers: z.record(z.string(), z.string()),
    findings: z.array(z.string()),
    accessories: z.array(z.string()),
    isSealed: z.boolean(),
    grade: gradeSchema,
    score: z.number().min(0).max(100),
    /** Share of the accessories that are there, by weight; null when nobody looked. */
    completeness: z.number().min(0).max(1).nullable(),
    quarantine: quarantineSchema.nullable(),
    repairEstimate: repairEstimateSchema,
    weightGrams: z.int().nullable(),
    photos: z.array(photoRefSchema),
    note: z.string().nullable(),
    checkedBy: z.string(),
    checkedAt: timeSchema,
    version: z.int(),
    updatedAt: timeSchema,
  })
  .meta({ id: 'QualityCheck' })
export type QualityCheck = z.infer<typeof qualityCheckSchema>
