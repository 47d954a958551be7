import { z } from 'zod'
import { idSchema, timeSchema } from './common.ts'
import { personIdSchema } from './privacy.ts'

/** What a notice to authority and persons needs to say (GDPR 33, 34; DPDP Act 8(6), Rule 7). */

export const breachRequestSchema = z
  .strictObject({
    since: timeSchema,
    until: timeSchema.optional().meta({ description: 'Now when absent' }),
    clientIds: z.array(idSchema).min(1).max(500).optional().meta({ description: 'All clients when absent' }),
    actorId: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'User or API key whose login was misused: only what it could see counts' }),
  })
  .meta({ id: 'BreachRequest', examples: [{ since: '2026-11-01T00:00:00Z' }] })
export type BreachRequest = z.infer<typeof breachRequestSchema>

export const breachReportSchema = z
  .strictObject({
    format: z.literal('smartreturns-breach/1'),
    madeAt: timeSchema,
    scope: z.strictObject({
      since: timeSchema,
      until: timeSchema,
      clientIds: z.array(idSchema).nullable(),
      hubIds: z.array(idSchema).nullable(),
      actorId: z.string().nullable(),
    }),
    persons: z.int().meta({ description: 'Whose data were there and could be read in this time' }),
    returns: z.int(),
    photos: z.int(),
    dataClasses: z.array(z.strictObject({ name: z.string(), persons: z.int() })),
    protection: z.string(),
    clients: z.array(z.strictObject({ id: idSchema, name: z.string(), persons: z.int(), firstAt: timeSchema })),
    actions: z
      .array(z.strictObject({ type: z.string(), times: z.int(), firstAt: timeSchema, lastAt: timeSchema }))
      .meta({ description: 'What the login did in this time, by the log' }),
    reads: z.string(),
    deadlines: z.array(z.strictObject({ duty: z.string(), until: z.string() })),
    people: z
      .array(
        z.strictObject({ id: personIdSchema, clientId: idSchema, since: timeSchema, dataClasses: z.array(z.string()) }),
      )
      .meta({ description: 'Pseudonymous: the export of each tells how to reach the person' }),
    isCut: z.boolean().meta({ description: 'True where there are more people than the list holds' }),
  })
  .meta({ id: 'BreachReport' })
export type BreachReport = z.infer<typeof breachReportSchema>
