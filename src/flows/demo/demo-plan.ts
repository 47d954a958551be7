import { z } from 'zod'
import type { ReasonCode } from '#contracts/codes.ts'

/** `data/demo/world.json`: names, places and prices of the demo. */
export const demoWorldSchema = z.strictObject({
  version: z.string(),
  source: z.string(),
  licence: z.string(),
  client: z.strictObject({ code: z.string(), name: z.string(), currency: z.string() }),
  hubs: z.array(
    z.strictObject({ code: z.string(), name: z.string(), pincode: z.string(), share: z.number(), places: z.int() }),
  ),
  cities: z.array(z.string()),
  products: z.array(
    z.strictObject({
      sku: z.string(),
      title: z.string(),
      categoryId: z.string(),
      brand: z.string(),
      tier: z.enum(['premium', 'mid', 'budget', 'unbranded']),
      mrp: z.int(),
      price: z.int(),
      weight: z.number(),
    }),
  ),
})
export type DemoWorld = z.infer<typeof demoWorldSchema>

/** One demo return: what is asked, when each step would happen, and how it turns out. */
export type PlannedReturn = {
  readonly ref: string
  readonly productIndex: number
  readonly city: string
  readonly reason: ReasonCode
  readonly isRto: boolean
  readonly isOpened: boolean
  readonly submitMs: number
  readonly receiveMs: number
  readonly checkMs: number
  readonly decideMs: number
  readonly doneMs: number
  /** 0 = perfect … 1 = ruined: drives the answers at the check. */
  readonly wear: number
  readonly isOverridden: boolean
  readonly isCancelled: boolean
  readonly isBlocked: boolean
  /** Realised value as a multiple of the expected one. */
  readonly luck: number
}

const reasons: readonly (readonly [ReasonCode, number])[] = [
  ['size_or_fit', 30],
  ['changed_mind', 14],
  ['not_as_described', 12],
  ['defective', 14],
  ['damaged_in_transit', 8],
  ['wrong_item', 5],
  ['quality', 9],
  ['late_delivery', 4],
  ['missing_parts', 4],
]
const dayMs = 86_400_000
const hourMs = 3_600_000
/** Returns swell in the fortnight after the festival sales; day of the 90 on which the wave is highest. */
const festivalDay = 62

function pick<T>(chance: number, weighted: readonly (readonly [T, number])[]): T {
  let left = chance * weighted.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of weighted) {
    left -= weight
    if (left <= 0) return value
  }
  return weighted.at(-1)![0]
}

/** A plan of `count` returns over the 90 days before `endMs`, oldest first; the same chance gives the same plan. */
export function planReturns(world: DemoWorld, count: number, endMs: number, random: () => number): PlannedReturn[] {
  const products = world.products.map((product, i) => [i, product.weight] as const)
  const days = Array.from({ length: 90 }, (_, day) => {
    const weekly = [1.15, 1.1, 1, 0.95, 0.95, 0.85, 0.8][day % 7]!
    const wave = 1 + 0.9 * Math.exp(-(((day - festivalDay) / 8) ** 2))
    return [day, weekly * wave] as const
  })
  const plan = Array.from({ length: count }, (_, i): PlannedReturn => {
    const day = pick(random(), days)
    const submitMs = endMs - (90 - day) * dayMs + Math.floor(random() * dayMs)
    const productIndex = pick(random(), products)
    const isRto = random() < 0.14
    const isFashion = world.products[productIndex]!.categoryId.startsWith('fashion')
    const drawn = pick(random(), reasons)
    const receiveMs = submitMs + (1 + 4 * random()) * dayMs
    const checkMs = receiveMs + (0.5 + 20 * random() ** 2) * hourMs
    const decideMs = checkMs + (0.1 + 5 * random() ** 3) * hourMs
    return {
      ref: `DEMO-${String(i + 1).padStart(6, '0')}`,
      productIndex,
      city: world.cities[Math.floor(random() * world.cities.length)]!,
      reason: isRto ? 'refused_on_delivery' : drawn === 'size_or_fit' && !isFashion ? 'changed_mind' : drawn,
      isRto,
      isOpened: !isRto && random() < 0.8,
      submitMs,
      receiveMs,
      checkMs,
      decideMs,
      // One in fifty gets stuck and stays over its service level.
      doneMs: random() < 0.02 ? Infinity : decideMs + (2 + 60 * random()) * hourMs,
      wear: isRto ? random() * 0.2 : random() ** 1.6,
      isOverridden: random() < 0.12,
      isCancelled: random() < 0.02,
      isBlocked: random() < 0.03,
      luck: Math.exp((random() + random() + random() - 1.5) * 0.35),
    }
  })
  return plan.toSorted((a, b) => a.submitMs - b.submitMs)
}
