import { z } from 'zod'
import type { Disposition } from './codes.ts'
import { dispositionSchema } from './codes.ts'
import { minorSchema, moneySchema, text, timeSchema } from './common.ts'

/** What became of a unit: labels for training. Every field may come alone and later than the others. */

export const abuseFindings = ['none', 'swap', 'empty_box', 'counterfeit'] as const
export type AbuseFinding = (typeof abuseFindings)[number]
const daysMax = 3650

export const outcomeSchema = z
  .strictObject({
    soldPrice: moneySchema.optional().meta({ description: 'What the buyer paid, before fees' }),
    soldAt: timeSchema.optional(),
    daysToCash: z.number().min(0).max(daysMax).optional().meta({ description: 'From the decision to the money' }),
    repairNeeded: z.boolean().optional(),
    repairCost: moneySchema.optional(),
    repairSucceeded: z.boolean().optional(),
    rereturned: z.boolean().optional().meta({ description: 'The buyer sent it back' }),
    liquidationValue: moneySchema.optional().meta({ description: 'What it brought in a lot, net' }),
    abuse: z.enum(abuseFindings).optional().meta({ description: 'What an audit of the unit found' }),
  })
  .refine((outcome) => Object.values(outcome).some((value) => value !== undefined), {
    error: 'give at least one field',
  })
  .meta({
    id: 'RealisedOutcome',
    examples: [
      { soldPrice: { amount: 89900, currency: 'INR' }, soldAt: '2026-11-18T10:00:00Z', repairSucceeded: true },
    ],
  })
export type RealisedOutcome = z.infer<typeof outcomeSchema>

/** The same in an event: whole minor units of the return's currency, instants in UTC. */
export type OutcomeFacts = {
  readonly soldPriceMinor?: number
  readonly soldAt?: string
  readonly daysToCash?: number
  readonly repairNeeded?: boolean
  readonly repairCostMinor?: number
  readonly repairSucceeded?: boolean
  readonly rereturned?: boolean
  readonly liquidationMinor?: number
  readonly abuse?: AbuseFinding
}

export const appraisalSchema = z
  .strictObject({
    disposition: dispositionSchema,
    channel: text(64).optional(),
    valueMinor: z.int().min(-minorSchema.maxValue!).max(minorSchema.maxValue!),
  })
  .meta({ id: 'Appraisal', description: 'Net value that a person says this route would bring, in minor units' })
/** An audit item: at least two routes of one unit, each valued. */
export const appraisalsSchema = z
  .array(appraisalSchema)
  .min(2)
  .max(20)
  .refine((rows) => new Set(rows.map((row) => `${row.disposition}|${row.channel ?? ''}`)).size === rows.length, {
    error: 'each route and channel once',
  })
export type Appraisal = {
  readonly disposition: Disposition
  readonly channel: string | null
  readonly valueMinor: number
}
