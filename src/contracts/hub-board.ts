import { z } from 'zod'
import { idSchema, timeSchema } from './common.ts'
import { hubCapabilitySchema } from './hubs.ts'

/** The share of places from which a hub is told as nearly full. */
export const fullShare = 0.9

export const boardHubSchema = z
  .strictObject({
    id: idSchema,
    code: z.string(),
    name: z.string(),
    status: z.enum(['active', 'paused', 'closed']),
    lat: z.number(),
    lng: z.number(),
    timezone: z.string(),
    capabilities: z.array(hubCapabilitySchema),
    capacity: z.int(),
    used: z.int(),
    byStage: z.record(z.string(), z.int()).meta({ description: 'Open units by stage' }),
    overdue: z.int().meta({ description: 'Open units past the due time of their stage' }),
    overdueByStage: z.record(z.string(), z.int()),
    oldestDueAt: timeSchema.nullable().meta({ description: 'Since when the longest overdue unit is due' }),
    version: z.int(),
  })
  .meta({ id: 'BoardHub' })
export type BoardHub = z.infer<typeof boardHubSchema>

const unassignedSchema = z.strictObject({
  count: z.int(),
  units: z
    .array(
      z.strictObject({
        id: idSchema,
        lpn: z.string(),
        title: z.string(),
        pickupPincode: z.string().nullable(),
        reviewReasons: z.array(z.string()),
        since: timeSchema,
        version: z.int(),
      }),
    )
    .meta({ description: 'The longest waiting ones' }),
})
export type Unassigned = z.infer<typeof unassignedSchema>

export const hubBoardSchema = z
  .strictObject({
    hubs: z.array(boardHubSchema),
    unassigned: unassignedSchema,
    asOf: timeSchema,
  })
  .meta({ id: 'HubBoard' })
export type HubBoard = z.infer<typeof hubBoardSchema>

/** What the live stream says: hubs that are otherwise than before; all of them in the first message after a gap. */
export const hubsLiveSchema = z
  .strictObject({
    hubs: z.array(boardHubSchema),
    isWhole: z.boolean().meta({ description: 'These are all hubs: any other one is gone' }),
    isUnassignedChanged: z.boolean().meta({ description: 'The list of units without a hub is to be read again' }),
    asOf: timeSchema,
  })
  .meta({ id: 'HubsLive' })
export type HubsLive = z.infer<typeof hubsLiveSchema>

export const occupancySchema = z
  .strictObject({
    hubs: z.array(
      z.strictObject({
        hubId: idSchema,
        code: z.string(),
        capacity: z.int().meta({ description: 'The limit of today' }),
        days: z.array(
          z.strictObject({
            date: z.string().meta({ description: 'In the time zone of the hub' }),
            used: z.int().meta({ description: 'Places taken at the end of the day; today, now' }),
            entered: z.int().meta({ description: 'Units that were sent here' }),
            received: z.int(),
            left: z.int().meta({ description: 'Units that were completed or fell away' }),
          }),
        ),
      }),
    ),
    asOf: timeSchema,
  })
  .meta({
    id: 'HubOccupancy',
    description: 'Places by day, counted back from now; a unit counts for the hub that has it now',
  })
export type HubOccupancy = z.infer<typeof occupancySchema>

export const hubEventsSchema = z
  .strictObject({
    data: z.array(
      z.strictObject({
        version: z.int(),
        type: z.enum(['HubCreated', 'HubUpdated']),
        at: timeSchema,
        by: z.string().nullable(),
        byName: z.string().nullable(),
        changes: z.array(z.strictObject({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
      }),
    ),
  })
  .meta({ id: 'HubEvents' })
export type HubEventEntry = z.infer<typeof hubEventsSchema>['data'][number]
