import { z } from 'zod'

/** Limits with a name; the API documents them. */
export const limits = {
  batchItems: 250,
  pageItems: 200,
  bodyBytes: 1_048_576,
  bulkBytes: 50 * 1_048_576,
  bulkRows: 500_000,
  photoBytes: 10 * 1_048_576,
  textLength: 500,
  noteLength: 2_000,
} as const

/** Beside the patterns, for not every engine that reads them from the document knows surrogates. */
const isWhole = (value: string) => value.isWellFormed()

/** Patterns that name each character: some readers of the document know no properties of characters. */
function written(max: number, allowed: RegExp) {
  return z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(allowed, 'control characters are not allowed')
    .refine(isWhole, 'half a character (a lone surrogate)')
}

/**
 * Any text a person or a partner gives: no control characters (NUL would break the database, CR LF the logs), and none that
 * turn the direction of what follows (a code would be shown as another one).
 */
export const text = (max: number) => written(max, /^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$/)

/** As `text`, but with lines and tabs. */
export const note = (max: number) => written(max, /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$/)

/** As `text`, but with the separator that GS1 codes hold between their elements. */
export const scannedText = (max: number) => written(max, /^[^\x00-\x1c\x1e\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$/)

export const idSchema = z.uuid().meta({ description: 'UUIDv7', examples: ['01920000-0000-7000-8000-000000000001'] })
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as INR')
export const minorSchema = z.int().min(0).max(1_000_000_000_000)
export const moneySchema = z.strictObject({ amount: minorSchema, currency: currencySchema }).meta({
  id: 'Money',
  description: 'Whole minor units (paise for INR)',
  examples: [{ amount: 129900, currency: 'INR' }],
})
export const signedMoneySchema = z
  .strictObject({ amount: z.int(), currency: currencySchema })
  .meta({ id: 'SignedMoney', description: 'Whole minor units; a cost is negative' })
export const timeSchema = z.iso
  .datetime({ offset: true })
  .meta({ description: 'RFC 3339', examples: ['2026-11-01T09:30:00Z'] })
export const pincodeSchema = z.string().regex(/^[1-9][0-9]{5}$/, 'six digits, the first not 0')

export const cursorSchema = z.string().min(1).max(1000)
export const limitSchema = z.coerce.number().int().min(1).max(limits.pageItems).default(50)

export function pageOf<T extends z.ZodType>(item: T, id: string) {
  return z
    .strictObject({
      data: z.array(item),
      page: z.strictObject({
        nextCursor: z.string().nullable(),
        limit: z.int(),
        total: z.int().optional().meta({ description: 'Only with includeTotal' }),
      }),
    })
    .meta({ id })
}
