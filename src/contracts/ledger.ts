import { z } from 'zod'
import { idSchema, signedMoneySchema, timeSchema } from './common.ts'

export const ledgerTransactionSchema = z
  .strictObject({
    tx: idSchema,
    cause: z.enum(['refund_due', 'refund_withdrawn', 'recovery', 'reversal']),
    at: timeSchema,
    entries: z.array(z.strictObject({ account: z.string(), amount: signedMoneySchema })),
  })
  .meta({ id: 'LedgerTransaction', description: 'Double entry: the amounts of one transaction sum to zero' })
export type LedgerTransaction = z.infer<typeof ledgerTransactionSchema>
