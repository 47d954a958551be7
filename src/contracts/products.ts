import { z } from 'zod'
import { currencySchema, idSchema, limits, minorSchema, pageOf, text, timeSchema } from './common.ts'

const facts = {
  sku: text(128),
  title: text(limits.textLength),
  brand: text(128).nullable(),
  mrpMinor: minorSchema.nullable(),
  priceMinor: minorSchema.nullable().meta({ description: 'What it sells for new, minor units' }),
  costMinor: minorSchema.nullable(),
  weightGrams: z.int().min(1).max(2_000_000).nullable(),
  volumeMl: z.int().min(1).max(20_000_000).nullable(),
  launchedOn: z.iso.date().nullable(),
  ean: z
    .string()
    .regex(/^\d{8,14}$/, '8 to 14 digits')
    .nullable(),
  isRecalled: z.boolean(),
  isHazmat: z.boolean(),
  hasBattery: z.boolean().nullable(),
  isDataBearing: z.boolean().nullable(),
  hasBrandRestriction: z.boolean(),
  isVendorReturnable: z.boolean(),
  isReturnable: z.boolean(),
  returnWindowDays: z.int().min(1).max(3650).nullable(),
}
const brandTier = z.enum(['premium', 'mid', 'budget', 'unbranded'])

export const productSchema = z
  .strictObject({
    id: idSchema,
    clientId: idSchema,
    ...facts,
    categoryId: z.string(),
    isCategoryInferred: z.boolean(),
    brandTier,
    currency: currencySchema,
    version: z.int(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'Product' })
export type Product = z.infer<typeof productSchema>
export const productPageSchema = pageOf(productSchema, 'ProductPage')

export const productInputSchema = z
  .strictObject({
    clientId: idSchema.optional(),
    sku: facts.sku,
    title: facts.title,
    categoryId: z
      .string()
      .max(80)
      .optional()
      .meta({ description: 'Worked out from the title when absent, and marked as inferred' }),
    brand: facts.brand.default(null),
    brandTier: brandTier.optional(),
    currency: currencySchema.default('INR'),
    mrpMinor: facts.mrpMinor.default(null),
    priceMinor: facts.priceMinor.default(null),
    costMinor: facts.costMinor.default(null),
    weightGrams: facts.weightGrams.default(null),
    volumeMl: facts.volumeMl.default(null),
    launchedOn: facts.launchedOn.default(null),
    ean: facts.ean.default(null),
    isRecalled: facts.isRecalled.default(false),
    isHazmat: facts.isHazmat.default(false),
    hasBattery: facts.hasBattery.default(null),
    isDataBearing: facts.isDataBearing.default(null),
    hasBrandRestriction: facts.hasBrandRestriction.default(false),
    isVendorReturnable: facts.isVendorReturnable.default(false),
    isReturnable: facts.isReturnable.default(true),
    returnWindowDays: facts.returnWindowDays.default(null),
  })
  .meta({
    id: 'ProductUpsert',
    examples: [
      {
        sku: 'BT-450-BLK',
        title: 'Wireless headphones, black',
        categoryId: 'electronics.audio.headphone',
        mrpMinor: 399900,
        priceMinor: 129900,
      },
    ],
  })
export type ProductInput = z.infer<typeof productInputSchema>

export const productReceiptSchema = z
  .strictObject({
    id: idSchema,
    sku: z.string(),
    categoryId: z.string(),
    isCategoryInferred: z.boolean(),
    version: z.int(),
    change: z.enum(['created', 'updated', 'none']),
  })
  .meta({ id: 'ProductReceipt' })
export type ProductReceipt = z.infer<typeof productReceiptSchema>
