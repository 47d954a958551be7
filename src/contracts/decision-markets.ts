import { z } from 'zod'
import { routes } from './codes.ts'

/** Where a unit may go and what that costs: `data/decision/{channels,fees,transport}.json`. */

export const stamped = { version: z.string(), source: z.string(), licence: z.string() }
const day = z.iso.date()
export const share = z.number().min(0).max(1)
export const minor = z.int().nonnegative()
export const routeSchema = z
  .enum(routes as unknown as [string, ...string[]])
  .transform((r) => r as (typeof routes)[number])

/** S seen in a source, M measured by us, P our policy or prior. */
export const status = z.enum(['S', 'M', 'P'])

/** What a channel takes on one route: the longest category prefix that fits decides; `grades` such as `SAB`. */
const acceptanceSchema = z.strictObject({ category: z.string(), grades: z.string().regex(/^[SABCDE]*$/) })

export const channelSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  currency: z.string(),
  status,
  source: z.string(),
  routes: z.array(z.strictObject({ route: routeSchema, accepts: z.array(acceptanceSchema).min(1) })).min(1),
  /** Key of its rows in `fees.json`; null when it charges nothing. */
  feeTable: z.string().nullable(),
  /** All fees as one share of the price, for currencies without a fee table. */
  genericFeeShare: share,
  priceFloorMinor: minor,
  listingDays: z.number().nonnegative(),
  /** Mean days to sale against those of a secondary marketplace. Zero: taken at once, in lots. */
  saleDaysFactor: z.number().nonnegative(),
  /** Share of the category's 28-day demand of one SKU that this channel reaches. */
  demandShare: z.number().positive(),
  handlingMinor: minor,
  /** Leg from the hub to the buyer or partner: its own parcel, a share of a lot by mass, or paid by the channel. */
  outbound: z.enum(['parcel', 'lot', 'none']),
  outboundKm: z.number().nonnegative(),
  minDaysToExpiry: z.number().nonnegative(),
  acceptsOpenedHygiene: z.boolean(),
  /** Last day of the partner's CPCB registration for electrical and electronic waste; null when it has none. */
  ewasteValidTo: day.nullable(),
  /** Vendor only: share of book value that is credited, and the chance that the claim is honoured. */
  creditShare: share,
  creditChance: share,
})
export type Channel = z.infer<typeof channelSchema>
export const channelsFileSchema = z.strictObject({ ...stamped, channels: z.array(channelSchema).min(1) })

/** One fee component of one channel. Among the rows valid on the day, the longest category prefix of a component wins. */
export const feeRowSchema = z.strictObject({
  table: z.string(),
  component: z.enum(['referral', 'closing', 'shipping', 'collection', 'fixed']),
  category: z.string(),
  validFrom: day,
  validTo: day.nullable(),
  status,
  source: z.string(),
  /** By price: the slab that holds the whole price gives its share and flat amount. `upToMinor` null: no limit. */
  slabs: z.array(z.strictObject({ upToMinor: minor.nullable(), share, flatMinor: minor })).min(1),
  /** By chargeable mass, beside the slabs: a first weight and equal steps after it. */
  weight: z
    .strictObject({
      firstKg: z.number().positive(),
      firstMinor: minor,
      stepKg: z.number().positive(),
      stepMinor: minor,
    })
    .nullable(),
})
export type FeeRow = z.infer<typeof feeRowSchema>
export const feesFileSchema = z.strictObject({
  ...stamped,
  /** Parcels are charged by the greater of mass and volume: litres / this many litres to the kg (5000 cm3/kg = 5). */
  litresPerVolumetricKg: z.number().positive(),
  rows: z.array(feeRowSchema).min(1),
})

const zoneSchema = z.strictObject({
  upToKm: z.number().positive().nullable(),
  firstMinor: minor,
  stepMinor: minor,
})
export const transportFileSchema = z.strictObject({
  ...stamped,
  status,
  /** A parcel goes by the cheapest service; each charges a first mass and steps after it, by zone of distance. */
  services: z
    .array(
      z.strictObject({
        id: z.string(),
        firstKg: z.number().positive(),
        stepKg: z.number().positive(),
        zones: z.array(zoneSchema).min(1),
      }),
    )
    .min(1),
  /** Shared lots, by actual mass. */
  lot: z.strictObject({ perKgMinor: z.number(), perKgKmMinor: z.number() }),
})
