import { z } from 'zod'
import { limits, note, text } from './common.ts'

export const customerSchema = z
  .strictObject({
    ref: text(128).optional().meta({ description: "The client's own pseudonymous id of the customer" }),
    name: text(200).optional(),
    phone: text(32).optional(),
    email: z.email().max(254).optional(),
    address: note(limits.textLength).optional(),
    note: note(limits.noteLength).optional().meta({ description: 'What the customer wrote' }),
  })
  .meta({ id: 'Customer', description: 'Personal data: kept encrypted under a key of its own' })
export type Customer = z.infer<typeof customerSchema>
