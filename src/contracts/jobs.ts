import { z } from 'zod'
import { idSchema, pageOf, timeSchema } from './common.ts'

export const jobSchema = z
  .strictObject({
    id: idSchema,
    kind: z.string(),
    state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
    done: z.int(),
    total: z.int().nullable().meta({ description: 'Null while it is not known' }),
    result: z.record(z.string(), z.unknown()).nullable().meta({ description: 'For a report: fileId, rows' }),
    error: z.string().nullable(),
    cancelRequested: z.boolean(),
    createdAt: timeSchema,
    startedAt: timeSchema.nullable(),
    finishedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof jobSchema>

export const jobPageSchema = pageOf(jobSchema, 'JobPage')

/** What the job was asked stays inside: it holds the rights of who asked. */
export const deadLetterSchema = z
  .strictObject({
    id: z.string(),
    kind: z.string(),
    reason: z.string().meta({ description: 'What the last try said' }),
    attempts: z.int(),
    at: timeSchema,
  })
  .meta({ id: 'DeadLetter' })
export type DeadLetterBody = z.infer<typeof deadLetterSchema>

export const deadLetterListSchema = z.strictObject({ data: z.array(deadLetterSchema) }).meta({ id: 'DeadLetterList' })

export const deadLetterReplaySchema = z
  .strictObject({ id: z.string(), kind: z.string() })
  .meta({ id: 'DeadLetterReplay' })
