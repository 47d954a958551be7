import { z } from 'zod'
import { importKinds, importLimits, textEncodingSchema } from './imports.ts'

/** What the beginning of a file tells before it is taken in. */

export const surveyLimits = { sampleRows: 5, cellChars: 80, bytes: importLimits.workbookBytes } as const

const targetSchema = z.strictObject({
  name: z.string(),
  form: z.string().meta({ description: 'text, money, time, day, pincode, code …' }),
  isRequired: z.boolean(),
  column: z.string().nullable().meta({ description: 'Column of the file that is called alike' }),
})
export type SurveyTarget = z.infer<typeof targetSchema>

export const importSurveySchema = z
  .strictObject({
    format: z.enum(['csv', 'jsonl']),
    delimiter: z.string().nullable(),
    encoding: textEncodingSchema,
    header: z.array(z.string()),
    rows: z.array(z.array(z.string())).meta({ description: `The first ${surveyLimits.sampleRows} rows, shortened` }),
    mapping: z.string().nullable().meta({ description: 'The saved mapping that fits best; null when none or two do' }),
    fits: z.array(z.string()).meta({ description: 'Saved mappings that find all the columns they need' }),
    targets: z.record(z.enum(importKinds), z.array(targetSchema)).meta({ description: 'Fields that can be filled' }),
  })
  .meta({ id: 'ImportSurvey' })
export type ImportSurvey = z.infer<typeof importSurveySchema>
