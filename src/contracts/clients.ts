import { z } from 'zod'
import { currencySchema, idSchema, minorSchema, pageOf, text, timeSchema } from './common.ts'

export const clientSchema = z
  .strictObject({
    id: idSchema,
    code: z.string(),
    name: z.string(),
    kind: z.enum(['live', 'sandbox', 'demo']),
    currency: currencySchema,
    returnWindowDays: z.int().nullable(),
    reviewAboveMinor: z.int().nullable(),
    isActive: z.boolean(),
    version: z.int(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'Client' })
export type Client = z.infer<typeof clientSchema>
export const clientPageSchema = pageOf(clientSchema, 'ClientPage')

const editable = {
  name: text(200),
  returnWindowDays: z.int().min(1).max(3650).nullable().meta({ description: "Overrides the category's window" }),
  reviewAboveMinor: minorSchema.min(1).nullable().meta({ description: 'Units dearer than this wait for a person' }),
}
export const clientCreateSchema = z
  .strictObject({
    code: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/, 'small letters, digits and hyphens'),
    name: editable.name,
    kind: z.enum(['live', 'sandbox']).default('live'),
    currency: currencySchema.default('INR'),
    returnWindowDays: editable.returnWindowDays.default(null),
    reviewAboveMinor: editable.reviewAboveMinor.default(null),
  })
  .meta({ id: 'ClientCreate', examples: [{ code: 'acme', name: 'Acme Retail' }] })
export type ClientCreate = z.infer<typeof clientCreateSchema>
export const clientUpdateSchema = z
  .strictObject({
    name: editable.name.optional(),
    returnWindowDays: editable.returnWindowDays.optional(),
    reviewAboveMinor: editable.reviewAboveMinor.optional(),
    isActive: z.boolean().optional(),
  })
  .meta({ id: 'ClientUpdate', examples: [{ returnWindowDays: 15 }] })
export type ClientUpdate = z.infer<typeof clientUpdateSchema>
