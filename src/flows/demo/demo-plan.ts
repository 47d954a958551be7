import { z } from 'zod'
import { reasonCodeSchema, type ReasonCode } from '#contracts/codes.ts'

/** `data/demo/world.json`: names, places and prices of the demo. */
export const demoWorldSchema = z.strictObject({
  version: z.string(),
  source: z.string(),
  licence: z.string(),
  client: z.strictObject({ code: z.string(), name: z.string(), currency: z.string() }),
  hubs: z.array(
    z.strictObject({ code: z.string(), name: z.string(), pincode: z.string(), share: z.number(), places: z.int() }),
  ),
  /** Its limit is lowered to what it holds when all is loaded. */
  nearlyFullHub: z.string(),
  /** What a customer typed: no such place. */
  mistypedPincode: z.string(),
  /** How goods of a category come back; the longest prefix that fits. */
  kinds: z.array(
    z.strictObject({
      prefix: z.string(),
      rto: z.number(),
      opened: z.number(),
      wear: z.number(),
      /** How much higher the wave after the festival sales is than an ordinary week. */
      festival: z.number(),
      reasons: z.partialRecord(reasonCodeSchema, z.number()),
    }),
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

const oddities = ['mistyped_pincode', 'unknown_sku', 'price_above_mrp'] as const
export type Oddity = (typeof oddities)[number]

/** One demo return: what is asked, when each step would happen, and how it turns out. */
export type PlannedReturn = {
  readonly ref: string
  readonly productIndex: number
  readonly city: string
  readonly reason: ReasonCode
  readonly isRto: boolean
  readonly isOpened: boolean
  /** What makes a person look at the request. */
  readonly oddity: Oddity | null
  readonly submitMs: number
  /** When a manager answers, if a person must look; `Infinity`: nobody has yet. So with every step below. */
  readonly reviewMs: number
  readonly receiveMs: number
  readonly checkMs: number
  readonly decideMs: number
  readonly doneMs: number
  /** 0 = perfect … 1 = ruined: drives the answers at the check. */
  readonly wear: number
  readonly isOverridden: boolean
  readonly isCancelled: boolean
  readonly isBlocked: boolean
  readonly isRefusedAtReview: boolean
  /** Realised value as a multiple of the expected one. */
  readonly luck: number
}

const dayMs = 86_400_000
const hourMs = 3_600_000
/** Returns swell in the fortnight after the festival sales; day of the 90 on which the wave is highest. */
const festivalDay = 62
/** Of the newest requests every eighth waits in the manager's queue. */
const queueStretch = 64
const queueEvery = 8
const stuckSteps = ['receive', 'check', 'decide', 'done', 'done'] as const
/** Somebody finds most stuck units within three weeks. */
const forgottenMs = 21 * dayMs

function pick<T>(chance: number, weighted: readonly (readonly [T, number])[]): T {
  let left = chance * weighted.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of weighted) {
    left -= weight
    if (left <= 0) return value
  }
  return weighted.at(-1)![0]
}

function kindOf(world: DemoWorld, categoryId: string): DemoWorld['kinds'][number] {
  const fits = world.kinds.filter((kind) => categoryId.startsWith(kind.prefix))
  return fits.toSorted((a, b) => b.prefix.length - a.prefix.length)[0]!
}

/** Days of the 90 with their weights: fewer returns at the end of a week, a wave after the festival sales. */
function daysOf(festival: number): (readonly [number, number])[] {
  return Array.from({ length: 90 }, (_, day) => {
    const weekly = [1.15, 1.1, 1, 0.95, 0.95, 0.85, 0.8][day % 7]!
    return [day, weekly * (1 + festival * Math.exp(-(((day - festivalDay) / 8) ** 2)))] as const
  })
}

/** A plan of `count` returns over the 90 days before `endMs`, oldest first; the same chance gives the same plan. */
export function planReturns(world: DemoWorld, count: number, endMs: number, random: () => number): PlannedReturn[] {
  const goods = world.products.map((product) => {
    const kind = kindOf(world, product.categoryId)
    const days = daysOf(kind.festival)
    const reasons = Object.entries(kind.reasons) as [ReasonCode, number][]
    return { ...kind, days, reasons, total: product.weight * days.reduce((sum, [, weight]) => sum + weight, 0) }
  })
  const products = goods.map((good, i) => [i, good.total] as const)
  const plan = Array.from({ length: count }, (_, i): PlannedReturn => {
    const productIndex = pick(random(), products)
    const good = goods[productIndex]!
    const submitMs = endMs - (90 - pick(random(), good.days)) * dayMs + Math.floor(random() * dayMs)
    const isRto = random() < good.rto
    const drawn = pick(random(), good.reasons)
    const stuckAt = stuckStep(random(), endMs - submitMs)
    const reviewMs = submitMs + (1 + 20 * random()) * hourMs
    const receiveMs = submitMs + (1 + 4 * random()) * dayMs
    const checkMs = receiveMs + (0.5 + 20 * random() ** 2) * hourMs
    const decideMs = checkMs + (0.1 + 5 * random() ** 3) * hourMs
    const doneMs = decideMs + (2 + 60 * random()) * hourMs
    return {
      ref: `DEMO-${String(i + 1).padStart(6, '0')}`,
      productIndex,
      city: world.cities[Math.floor(random() * world.cities.length)]!,
      reason: isRto ? 'refused_on_delivery' : drawn,
      isRto,
      isOpened: !isRto && random() < good.opened,
      oddity: random() < 0.01 ? oddities[i % oddities.length]! : null,
      submitMs,
      reviewMs,
      receiveMs: stuckAt === 'receive' ? Infinity : receiveMs,
      checkMs: stuckAt === 'check' ? Infinity : checkMs,
      decideMs: stuckAt === 'decide' ? Infinity : decideMs,
      doneMs: stuckAt === 'done' ? Infinity : doneMs,
      wear: isRto ? random() * 0.2 : Math.min(1, good.wear * random() ** 1.6),
      isOverridden: random() < 0.12,
      isCancelled: random() < 0.02,
      isBlocked: random() < 0.03,
      isRefusedAtReview: random() < 0.12,
      luck: Math.exp((random() + random() + random() - 1.5) * 0.35),
    }
  })
  return plan
    .toSorted((a, b) => a.submitMs - b.submitMs)
    .map((planned, i) => {
      const left = count - i
      const isQueued = left <= queueStretch && left % queueEvery === 0
      return isQueued
        ? { ...planned, oddity: oddities[(left / queueEvery) % oddities.length]!, reviewMs: Infinity }
        : planned
    })
}

/** The step at which a unit gets stuck, if it does: more of the younger ones, older ones were found. */
function stuckStep(chance: number, ageMs: number): (typeof stuckSteps)[number] | null {
  const share = ageMs < forgottenMs ? 0.05 : 0.004
  return chance < share ? stuckSteps[Math.floor((chance / share) * stuckSteps.length)]! : null
}
