import type { DecisionItem } from '#contracts/recommendations.ts'
import { channelGroups } from '#contracts/recommendations.ts'
import type { CategoryModel } from './category-model.ts'
import { dayMs, dayOf, festivalDays } from './hubs.ts'
import { habits, tiers, type SplitName } from './names.ts'
import type { Chance } from './random.ts'
import type { WorldModel } from './world-model.ts'

/** What shapes the hidden state and the market, and is known at intake. */
export type Circumstances = {
  readonly model: CategoryModel
  readonly split: SplitName
  readonly tier: number
  readonly isRto: boolean
  readonly isOpened: boolean
  readonly daysSinceSale: number
  readonly transitDays: number
  readonly ageYears: number | null
  /** Returns and mismatches of the customer; null when nothing is known. */
  readonly history: { readonly orders: number; readonly returns: number; readonly mismatches: number } | null
  /** Strength of the festival season on the day, 0..1 and above. */
  readonly festival: number
}

/** The parts of a unit that are drawn before its hidden state. */
export type Goods = Circumstances & {
  readonly habit: number
  /** What the item says of them; reasons and what the customer declares are added later. */
  readonly known: Omit<DecisionItem, 'reasonCode' | 'reasonCluster' | 'claimGrade' | 'hasAllAccessories'>
}

/** India has no summer time. */
const indiaMs = 5.5 * 3_600_000

function categoryOf(world: WorldModel, split: SplitName, chance: Chance): string {
  const { p } = world
  const isUnseen = chance.uniform() < p.unseenShare
  const ids = Object.keys(p.categories)
  const seen = ids[chance.pick(ids.map((id) => p.categories[id]!))]!
  return split === 'shift_category' && isUnseen ? p.unseenCategory : seen
}

const lognormal = (chance: Chance, [mean, sd]: readonly [number, number]) => Math.exp(mean + sd * chance.normal())

export function drawGoods(world: WorldModel, split: SplitName, index: number, chance: Chance): Goods {
  const { p } = world
  const categoryId = categoryOf(world, split, chance)
  const model = world.models.get(categoryId)!
  const [first, last] = (split === 'shift_festival' ? p.festivalPeriod : p.period).map(dayOf) as [number, number]
  const day = first + Math.floor(chance.uniform() * (last - first + 1))
  const atMs = day * dayMs - indiaMs + Math.floor((9 + 9 * chance.uniform()) * 3_600_000)
  const isPeak = split === 'shift_festival'
  const festival = Math.exp(-festivalDays(day, world.festivals) / 12) * (isPeak ? p.festivalStrength : 1)
  const volume = isPeak ? p.festivalVolume : 1
  const tier = chance.pick(p.tierShares)
  const isRto = chance.uniform() < model.rto
  const isOpened = !isRto && chance.uniform() < model.opened
  const daysSinceSale = Math.max(1, Math.round(lognormal(chance, p.daysSinceSale)))
  const ageDays =
    model.modelAge && daysSinceSale + Math.round(model.modelAge[0] * Math.exp(model.modelAge[1] * chance.normal()))
  const distanceKm = Math.round(Math.min(2500, lognormal(chance, p.distanceLog)))
  const [least, perDay, delay] = p.transit
  const transitDays = Math.round(least + distanceKm / perDay - delay * Math.log(1 - chance.uniform()))
  const habit = chance.pick(p.habitShares)
  const history = drawHistory(world, habit, chance)
  return {
    model,
    split,
    tier,
    isRto,
    isOpened,
    daysSinceSale,
    transitDays,
    ageYears: ageDays === null ? null : ageDays / 365,
    history,
    festival,
    habit,
    known: {
      id: `sim-${world.seed}-${split}-${index}`,
      point: 't0',
      atMs,
      currency: 'INR',
      categoryId,
      sku: `${categoryId}-${1 + Math.floor(400 * chance.uniform())}`,
      brandTier: tiers[tier]!,
      ...drawPrices(world, model, tier, chance),
      launchedAtMs: ageDays === null ? null : atMs - ageDays * dayMs,
      soldAtMs: atMs - daysSinceSale * dayMs,
      returnType: isRto ? 'rto' : 'customer_return',
      isOpened: isOpened || isRto ? (chance.uniform() < p.openedKnown ? isOpened : null) : false,
      saleChannel: Object.keys(p.saleChannels)[chance.pick(Object.values(p.saleChannels))]!,
      pickupPincode: null,
      isRecalled: chance.uniform() < p.recalled,
      isHazmat: false,
      hasBattery: null,
      isDataBearing: null,
      hasBrandRestriction: chance.uniform() < p.brandRestricted[tier]!,
      isVendorReturnable: chance.uniform() < model.vendorReturnable,
      daysToExpiry: null,
      isOwned: true,
      grade: null,
      quarantine: null,
      findings: [],
      repairEstimateMinor: null,
      isRepairable: null,
      completeness: null,
      distanceKm,
      ...drawHub(world, day, volume, chance),
      ...drawMarket(world, model, volume, chance),
      transitDays,
      warrantyDaysLeft: model.warrantyDays > 0 ? model.warrantyDays - daysSinceSale : null,
      customer: history && {
        orders365d: history.orders,
        returnRate365d: (history.returns + 0.75) / (history.orders + 5),
        mismatches: history.mismatches,
      },
    },
  }
}

/** Prices, cost, mass and volume; at least one of list price and price paid is known. */
function drawPrices(world: WorldModel, model: CategoryModel, tier: number, chance: Chance) {
  const { p, compiled } = world
  const [mean, sd] = model.priceLog
  const price = Math.exp(mean + p.priceTier[tier]! + sd * chance.normal())
  const priceMinor = Math.max(5000, 100 * (Math.round(price / 10) * 10 - 1))
  const usual = compiled.mrpShare[compiled.categoryIndex.get(model.category.id)!]!
  const mrp = Math.round((priceMinor / usual / 100) * Math.exp(p.listSpread * chance.normal())) * 100
  const isPriceKnown = chance.uniform() < p.priceKnown
  const isListKnown = chance.uniform() < p.listKnown
  const cost = Math.min(0.9, Math.max(0.3, p.costShare[0] + p.costShare[1] * chance.normal()))
  const mass = Math.exp(p.massSpread * chance.normal())
  const volume = Math.exp(p.massSpread * chance.normal())
  const isMassKnown = chance.uniform() < p.massKnown
  const round = (x: number) => Math.round(x * 1000) / 1000
  return {
    mrpMinor: isListKnown || !isPriceKnown ? mrp : null,
    priceMinor: isPriceKnown ? priceMinor : null,
    costMinor: chance.uniform() < p.costKnown ? Math.round(cost * priceMinor) : null,
    weightKg: isMassKnown ? round(model.category.weightKg * mass) : null,
    volumeLitres: isMassKnown ? round(model.category.volumeLitres * volume) : null,
  }
}

function drawHub(world: WorldModel, day: number, volume: number, chance: Chance) {
  const { p, queues } = world
  const hub = chance.pick(p.hubMinutes)
  const perDay = p.hubMinutes[hub]!
  const waiting = Math.min(p.hubBacklogDaysMax * perDay, volume * queues.backlog[hub]![day - queues.firstDay]!)
  const backlog = Math.round(waiting)
  return {
    hubBacklogMinutes: backlog,
    hubMinutesPerDay: perDay,
    hubCapabilities: ['data_wipe', 'battery', ...(p.hubRepairs[hub] ? ['refurbish'] : [])],
    hubMinuteMinor: Math.round(p.hubMinutePrice * Math.max(0, backlog / perDay - 1)),
  }
}

function drawMarket(world: WorldModel, model: CategoryModel, volume: number, chance: Chance) {
  const { p, data } = world
  const { demand28d } = model.category
  const [mean, dispersion] = p.depthLoad
  const load = volume * mean * chance.gamma(1 / dispersion) * dispersion
  const routed: Record<string, number> = {}
  for (const channel of data.channels.channels) {
    const units = chance.poisson(demand28d * channel.demandShare * load)
    if (units > 0) routed[channel.id] = units
  }
  const trend = p.marketTrend[0] + p.marketTrend[1] * chance.normal()
  const byGroup = (level: number) =>
    Object.fromEntries(
      channelGroups.map((group, g) => [
        group,
        chance.poisson(level * demand28d * groupShares[g]! * Math.exp(p.marketSpread * chance.normal())),
      ]),
    ) as Record<(typeof channelGroups)[number], number>
  const market = {
    trend28d: Math.round(trend * 1e5) / 1e5,
    sold28d: byGroup(1),
    stock: byGroup(p.marketStock * volume),
  }
  return { routedByChannel: routed, market: chance.uniform() < p.marketKnown ? market : null }
}

/** Shares of the demand of a SKU family that own channels, marketplaces and dealers serve. */
export const groupShares = [0.3, 1, 0.4] as const

function drawHistory(world: WorldModel, habit: number, chance: Chance) {
  const { p } = world
  const [mean, dispersion] = p.customerOrders
  const orders = Math.min(80, chance.poisson(mean * chance.gamma(1 / dispersion) * dispersion))
  let returns = 0
  for (let i = 0; i < orders; i++) if (chance.uniform() < p.customerReturns[habit]!) returns++
  const mismatches = chance.poisson(p.customerMismatches[habit]! * returns)
  return chance.uniform() < p.customerKnown ? { orders, returns, mismatches } : null
}

/** Chance of each habit, given what is known of the customer. */
export function habitWeights({ p }: WorldModel, history: Circumstances['history']): number[] {
  const weights = habits.map((_, h) => {
    if (history === null) return p.habitShares[h]!
    const { orders, returns, mismatches } = history
    const rate = p.customerReturns[h]!
    const mean = p.customerMismatches[h]! * returns
    const seen = mean === 0 ? (mismatches === 0 ? 1 : 0) : Math.exp(-mean) * mean ** mismatches
    return p.habitShares[h]! * rate ** returns * (1 - rate) ** (orders - returns) * seen
  })
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((w) => w / sum)
}
