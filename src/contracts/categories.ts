import { z } from 'zod'

/** A category as forms offer it. */
export const categoryChoiceSchema = z
  .strictObject({ id: z.string(), name: z.string(), rubricId: z.string(), isReturnable: z.boolean() })
  .meta({ id: 'CategoryChoice' })
export type CategoryChoice = z.infer<typeof categoryChoiceSchema>
export const categoryListSchema = z.strictObject({ data: z.array(categoryChoiceSchema) }).meta({ id: 'CategoryList' })
