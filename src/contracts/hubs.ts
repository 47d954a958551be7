import { z } from 'zod'
import { idSchema, pageOf, pincodeSchema, signedMoneySchema, text, timeSchema } from './common.ts'

export const hubCapabilities = [
  'battery',
  'hazmat',
  'data_wipe',
  'refurbish',
  'large_items',
  'food',
  'e_waste',
  'textile',
] as const
export const hubCapabilitySchema = z.enum(hubCapabilities).meta({ id: 'HubCapability' })
export type HubCapability = z.infer<typeof hubCapabilitySchema>

export const hubSchema = z
  .strictObject({
    id: idSchema,
    code: z.string(),
    name: z.string(),
    status: z.enum(['active', 'paused', 'closed']),
    pincode: z.string(),
    lat: z.number(),
    lng: z.number(),
    timezone: z.string(),
    capabilities: z.array(hubCapabilitySchema),
    minutesPerDay: z.int(),
    clientIds: z.array(idSchema).nullable().meta({ description: 'Null: serves every client' }),
    capacity: z.int(),
    usedCapacity: z.int(),
    version: z.int(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'Hub' })
export type Hub = z.infer<typeof hubSchema>
export const hubPageSchema = pageOf(hubSchema, 'HubPage')

export const hubCreateSchema = z
  .strictObject({
    code: z.string().regex(/^[A-Z]{2,4}-[0-9A-Z]{1,4}$/, 'letters, a hyphen, a number, such as BLR-2'),
    name: text(120),
    pincode: pincodeSchema,
    lat: z.number().min(-90).max(90).optional().meta({ description: 'From the PIN code when absent' }),
    lng: z.number().min(-180).max(180).optional(),
    timezone: text(64).default('Asia/Kolkata'),
    capabilities: z.array(hubCapabilitySchema).max(hubCapabilities.length).default([]),
    capacity: z.int().min(0).max(10_000_000),
    minutesPerDay: z.int().min(1).max(1_000_000),
    clientIds: z.array(idSchema).max(1000).nullable().default(null),
  })
  .meta({
    id: 'HubCreate',
    examples: [
      {
        code: 'BLR-2',
        name: 'Bengaluru Whitefield',
        pincode: '560066',
        capabilities: ['battery', 'data_wipe', 'refurbish'],
        capacity: 4000,
        minutesPerDay: 7200,
      },
    ],
  })
export type HubCreate = z.infer<typeof hubCreateSchema>

export const hubUpdateSchema = z
  .strictObject({
    name: text(120).optional(),
    status: z.enum(['active', 'paused', 'closed']).optional(),
    capabilities: z.array(hubCapabilitySchema).max(hubCapabilities.length).optional(),
    capacity: z.int().min(0).max(10_000_000).optional(),
    minutesPerDay: z.int().min(1).max(1_000_000).optional(),
    clientIds: z.array(idSchema).max(1000).nullable().optional(),
  })
  .meta({ id: 'HubUpdate', examples: [{ capacity: 4500 }] })
export type HubUpdate = z.infer<typeof hubUpdateSchema>

export const capacitySchema = z
  .strictObject({
    hubId: idSchema,
    code: z.string(),
    capacity: z.int(),
    used: z.int(),
    free: z.int(),
    load: z.number().meta({ description: 'used / capacity, 0..1' }),
    /** Open units by stage: what fills the places. */
    byStage: z.record(z.string(), z.int()),
    backlogMinutes: z
      .number()
      .meta({ description: 'Processing minutes of the units in custody that wait for check or decision' }),
    minutesPerDay: z.int(),
    waitDays: z.number().meta({ description: 'backlogMinutes / minutesPerDay' }),
    asOf: timeSchema,
  })
  .meta({ id: 'HubCapacity' })
export type HubCapacity = z.infer<typeof capacitySchema>

export const assignRequestSchema = z
  .strictObject({
    returnId: idSchema,
    hubId: idSchema.optional().meta({ description: 'The cheapest capable hub with a free place when absent' }),
  })
  .meta({ id: 'AssignRequest', examples: [{ returnId: '01920000-0000-7000-8000-000000000001' }] })
export type AssignRequest = z.infer<typeof assignRequestSchema>

export const performanceSchema = z
  .strictObject({
    hubId: idSchema,
    from: timeSchema,
    to: timeSchema,
    received: z.int(),
    checked: z.int(),
    completed: z.int(),
    overdue: z.int().meta({ description: 'Open units past the due time of their stage, now' }),
    medianHoursToCompletion: z.number().nullable(),
    recoveredValue: z.array(signedMoneySchema),
    overrideShare: z.number().nullable().meta({ description: 'overridden / decided' }),
  })
  .meta({ id: 'HubPerformance' })
export type HubPerformance = z.infer<typeof performanceSchema>
