import { z } from 'zod'
import { idSchema } from './common.ts'

export const photoReceiptSchema = z
  .strictObject({
    fileId: idSchema,
    mediaType: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    widthPixels: z.int(),
    heightPixels: z.int(),
  })
  .meta({ id: 'PhotoReceipt', description: 'The photo as it is kept: re-encoded, without metadata' })
