import { normalCdf } from '#services/recommendation/draws.ts'
import { askingPrice, priceFee } from '#services/recommendation/fees.ts'
import { unsoldFactor, type Scene } from './expectation.ts'
import { saleDay, saleWeeks } from './market.ts'
import type { Chance } from './random.ts'
import { cells, faultOf } from './states.ts'

/** How one sale went: nothing of it is known to anyone before. Amounts are paise. */
export type Sale = {
  /** 0: not sold within the horizon. */
  readonly week: number
  readonly days: number
  readonly price: number
  readonly isReturned: boolean
  /** Price, less fees and what a re-return takes; nothing when not sold. */
  readonly net: number
}

/** What chance brings to one unit, whatever is chosen for it. */
export type Fate = {
  readonly cell: number
  readonly isNeeded: boolean
  readonly repairCost: number
  readonly isRepaired: boolean
  /** By option; null where nothing is sold. */
  readonly sales: readonly (Sale | null)[]
  /** By option: the vendor honours the claim. */
  readonly isHonoured: readonly boolean[]
}

/** Draws the fate of a genuine unit in a cell; noise of price and of time is shared in part by all options. */
export function drawFate(
  scene: Scene,
  cell: number,
  repair: { isNeeded: boolean; logCost: number },
  chance: Chance,
): Fate {
  const { world, ledger, market } = scene
  const shared = Math.sqrt(world.p.outcomeCorrelation)
  const own = Math.sqrt(1 - world.p.outcomeCorrelation)
  const price = chance.normal()
  const time = chance.normal()
  const isRepaired = chance.uniform() < market.success[cell]!
  const sales = ledger.entries.map((entry) => {
    const z = shared * price + own * chance.normal()
    const u = normalCdf(shared * time + own * chance.normal())
    const isReturned = chance.uniform()
    return entry.schedule === null ? null : drawSale(scene, entry, cell, { z, u, isReturned })
  })
  return {
    cell,
    isNeeded: repair.isNeeded,
    repairCost: Math.exp(repair.logCost) * ledger.reference,
    isRepaired,
    sales,
    isHonoured: ledger.entries.map(({ honoured }) => chance.uniform() < honoured),
  }
}

function drawSale(
  { world, ledger, market }: Scene,
  { option, schedule, startDays, depth, weightFee }: Scene['ledger']['entries'][number],
  cell: number,
  noise: { readonly z: number; readonly u: number; readonly isReturned: number },
): Sale {
  const c = option.priceClass
  const speed = option.channel.saleDaysFactor
  const horizon = option.policy.horizonDays
  const week =
    speed === 0 ? 1 : weekOfSale(market.hazard[c * cells + cell]! / speed, world.p.saleShape, horizon, noise.u)
  if (week === 0) return { week, days: startDays + horizon, price: Number.NaN, isReturned: false, net: 0 }
  const days = startDays + (speed === 0 ? 0 : saleDay(week))
  const spread = market.spread[c * 2 + (faultOf(cell) > 0 ? 1 : 0)]!
  const log =
    Math.log(ledger.reference) +
    market.logPrice[c * cells + cell]! +
    depth -
    market.decayPerDay * days +
    spread * world.curves.bend(noise.z)
  const { gstFactor, parameters } = world.compiled
  const price = askingPrice(schedule!, Math.exp(log), gstFactor)
  const isReturned = speed > 0 && noise.isReturned < market.rereturn[c * cells + cell]!
  const kept = isReturned ? 1 - parameters.rereturnLoss : 1
  return { week, days, price, isReturned, net: price * kept - gstFactor * (priceFee(schedule!, price) + weightFee) }
}

function weekOfSale(hazard: number, shape: readonly number[], horizonDays: number, u: number): number {
  const weeks = saleWeeks(horizonDays)
  const bound = -Math.log(1 - u)
  let sum = 0
  for (let week = 1; week <= weeks; week++) {
    sum += hazard * shape[week === 1 ? 0 : week <= 4 ? 1 : week <= 12 ? 2 : 3]!
    if (sum >= bound) return week
  }
  return 0
}

/** Net recovery value of option `o` for a genuine unit that the check graded `g`, as it turned out. */
export function realisedValue(scene: Scene, fate: Fate, o: number, g: number): number {
  const entry = scene.ledger.entries[o]!
  if ((entry.accepts & (1 << g)) === 0) {
    const other = scene.ways.elsewhere[g]!
    return other < 0 ? 0 : realisedValue(scene, fate, other, g) - scene.world.compiled.parameters.rerouteMinor
  }
  if (entry.option.route === 'refurbish' && fate.isNeeded && !fate.isRepaired) {
    const other = scene.ways.afterRepair[g]!
    const sunk = scene.world.compiled.parameters.repairSunkShare * fate.repairCost
    return realisedValue(scene, fate, other, g) - sunk
  }
  const cost = entry.option.route === 'refurbish' && fate.isNeeded ? fate.repairCost : 0
  const sale = fate.sales[o]!
  const { holdPerDay } = scene.ledger
  if (sale === null) {
    const proceeds = fate.isHonoured[o]! ? entry.proceeds : 0
    return entry.fixed + proceeds - holdPerDay * entry.startDays
  }
  if (sale.week > 0) return entry.fixed + sale.net - holdPerDay * sale.days - cost
  return entry.fixed - holdPerDay * sale.days + unsoldFactor(scene, o, g) * salvaged(scene, fate, g) - cost
}

/** What an unsold unit brings: the sale of a lot, or the material. */
function salvaged({ ledger, ways }: Scene, fate: Fate, g: number): number {
  const { outbound, disposal, credits, proceeds, option } = ledger.entries[ways.unsold[g]!]!
  const sale = fate.sales[option.index]
  return (sale ? sale.net : proceeds) - outbound - disposal + credits
}
