import { z } from 'zod'
import { idSchema, timeSchema } from './common.ts'

/**
 * How long each class of data is kept. `days` is the program's own figure, `min` what nobody may go below: answers of
 * idempotency keys are promised for a day, accounts and logs for what the law asks.
 */
export const dataClasses = {
  customer_data: {
    days: 1095,
    min: 30,
    says: 'Name, phone, e-mail, address and words of a customer, from the last step of the last unit on; the person is erased',
  },
  staff_notes: {
    days: 730,
    min: 30,
    says: 'What staff wrote about a unit, from the first note on; its key is destroyed',
  },
  photos: { days: 730, min: 30, says: 'Photos of units' },
  loose_uploads: { days: 7, min: 1, says: 'Uploaded photos that no check refers to' },
  import_files: { days: 7, min: 1, says: 'Uploaded files that were not taken in to their end' },
  import_errors: { days: 30, min: 1, says: 'Refused rows of imports' },
  reports: { days: 90, min: 1, says: 'Reports and exports' },
  idempotency_keys: { days: 7, min: 1, says: 'Stored answers of idempotency keys' },
  sessions: { days: 365, min: 30, says: 'Ended sessions with address and browser' },
  refresh_tokens: { days: 1, min: 1, says: 'Hashes of tokens past their use' },
  jobs: { days: 90, min: 7, says: 'Finished jobs' },
  webhook_deliveries: { days: 30, min: 7, says: 'Deliveries of webhooks, with what was sent' },
  inbox: { days: 30, min: 7, says: 'Ids of messages that were taken from outside' },
  retention_runs: { days: 1095, min: 365, says: 'What earlier runs of this have removed' },
} as const satisfies Readonly<Record<string, { readonly days: number; readonly min: number; readonly says: string }>>

export type DataClass = keyof typeof dataClasses
export const dataClassNames = Object.keys(dataClasses) as DataClass[]
export const dataClassSchema = z.enum(dataClassNames as [DataClass, ...DataClass[]])
const daysMax = 3650

export const retentionResultSchema = z
  .strictObject({
    dataClass: dataClassSchema,
    days: z.int(),
    before: timeSchema.meta({ description: 'What is older is found' }),
    found: z.int(),
    removed: z.int(),
    isComplete: z.boolean().meta({ description: 'False where a run ended at its limit; the next one goes on' }),
  })
  .meta({ id: 'RetentionResult' })
export type RetentionResult = z.infer<typeof retentionResultSchema>

export const retentionPolicySchema = z
  .strictObject({
    dataClass: dataClassSchema,
    says: z.string(),
    days: z.int(),
    minDays: z.int(),
    defaultDays: z.int(),
    isActive: z.boolean(),
    version: z.int(),
    updatedAt: timeSchema.nullable(),
    lastRun: z.strictObject({ at: timeSchema, removed: z.int() }).nullable(),
  })
  .meta({ id: 'RetentionPolicy' })
export type RetentionPolicy = z.infer<typeof retentionPolicySchema>

export const retentionPolicyListSchema = z
  .strictObject({
    data: z.array(retentionPolicySchema),
    kept: z.array(z.strictObject({ what: z.string(), why: z.string() })).meta({
      description: 'What no run removes',
    }),
  })
  .meta({ id: 'RetentionPolicies' })

/** What is evidence stays; personal data in it are ciphertext or ids. */
export const keptForever = [
  {
    what: 'The log: steps of units, logins, refusals, changes of rights',
    why: 'Evidence: it can only be added to. It names people by ids, and holds their data only as ciphertext',
  },
  { what: 'Ledger entries, ESG credits, certificates', why: 'Accounts: kept as long as commercial law asks' },
  { what: 'The register of erasures', why: 'Proof that a person was erased; it holds no personal data' },
] as const

export const retentionChangeSchema = z
  .strictObject({ days: z.int().min(1).max(daysMax), isActive: z.boolean() })
  .meta({ id: 'RetentionChange', examples: [{ days: 365, isActive: true }] })
export type RetentionChange = z.infer<typeof retentionChangeSchema>

export const retentionRunRequestSchema = z
  .strictObject({
    isDryRun: z.boolean().default(true),
    dataClass: dataClassSchema.optional().meta({ description: 'All that are active when absent' }),
  })
  .meta({ id: 'RetentionRunRequest', examples: [{ isDryRun: true }] })
export type RetentionRunRequest = z.infer<typeof retentionRunRequestSchema>

export const retentionRunSchema = z
  .strictObject({
    id: idSchema,
    isDryRun: z.boolean(),
    by: z.string(),
    startedAt: timeSchema,
    finishedAt: timeSchema.nullable(),
    results: z.array(retentionResultSchema),
  })
  .meta({ id: 'RetentionRun' })
export type RetentionRun = z.infer<typeof retentionRunSchema>

export const retentionRunListSchema = z
  .strictObject({ data: z.array(retentionRunSchema) })
  .meta({ id: 'RetentionRuns' })
