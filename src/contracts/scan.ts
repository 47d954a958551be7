import { z } from 'zod'
import { idSchema, scannedText, text, timeSchema } from './common.ts'
import { returnSchema } from './returns.ts'

/** `POST /api/scan`: one resolver for whatever a scanner reads. */
export const scanRequestSchema = z
  .strictObject({
    code: scannedText(200),
    context: z
      .strictObject({
        hubId: idSchema.optional(),
        locationCode: text(40).optional(),
        lastReturnId: idSchema.optional(),
      })
      .default({}),
  })
  .meta({ id: 'ScanRequest', examples: [{ code: 'LP-D857N2YNJAF', context: {} }] })
export type ScanRequest = z.infer<typeof scanRequestSchema>

export const scanMessages = [
  'ok',
  'read_error',
  'not_found',
  'belongs_to_other_hub',
  'already_closed',
  'duplicate_scan',
  'choose_one',
  'location_set',
  'blind_parcel',
] as const

export const scanAnswerSchema = z
  .strictObject({
    kind: z.enum(['return', 'awb', 'rma', 'order', 'serial', 'sku', 'location', 'action', 'unknown']),
    code: z.string(),
    message: z.enum(scanMessages),
    /** What to do next, in a sentence. */
    detail: z.string(),
    /** Matches, longest waiting first; one when the code is unequivocal. */
    returns: z.array(returnSchema),
    action: z.strictObject({ name: z.string(), argument: z.string().nullable() }).nullable(),
    locationCode: z.string().nullable(),
    closed: z
      .strictObject({ at: timeSchema, by: z.string().nullable(), byName: z.string().nullable() })
      .nullable()
      .meta({ description: 'Of a unit that is closed: since when, and who did it' }),
    next: z.enum(['receive', 'check', 'decide', 'execute', 'review', 'choose', 'none', 'scan_again', 'reroute']),
  })
  .meta({ id: 'ScanAnswer' })
export type ScanAnswer = z.infer<typeof scanAnswerSchema>
export type ScanMessage = (typeof scanMessages)[number]
