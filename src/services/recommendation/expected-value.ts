import { predictionAt, pricePlace, salePlace } from '#contracts/prediction.ts'
import { acceptedGrades } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import * as costs from './costs.ts'
import { askingPrice, priceFee, weightFee } from './fees.ts'
import type { Case, Workspace } from './workspace.ts'
import { CREDITS, DISPOSAL, FEES, GROSS, HANDLING, HOLDING, TRANSPORT, partCount, repairStates } from './workspace.ts'

/** Three-point Gauss-Hermite nodes for a normal variable: fees are not linear in the price. */
const node = Math.sqrt(3)

/** Holding and capital cost of one day, in paise. */
export function holdPerDay(compiled: Compiled, { facts }: Case): number {
  const p = compiled.parameters
  return p.holdPerLitreDayMinor * facts.volumeLitres + p.kappaPerDay * facts.book
}

/** Share of the price that a sale keeps in the mean, after units that come back again. */
export function keptShare(compiled: Compiled, { values, at }: Case, option: OptionSpec): number {
  return 1 - values[at + predictionAt.rereturn + option.priceClass]! * compiled.parameters.rereturnLoss
}

/** Chance of a sale within the horizon and mean days to it, when the weekly hazard is constant. */
export function saleWithin(horizonDays: number, meanDays: number): { readonly chance: number; readonly days: number } {
  if (meanDays <= 0) return { chance: 1, days: 0 }
  const left = Math.exp(-horizonDays / meanDays)
  const chance = 1 - left
  return { chance, days: meanDays - (horizonDays * left) / chance }
}

export function prepare(compiled: Compiled, unit: Case, option: OptionSpec, ws: Workspace): void {
  const { facts, values, at: row } = unit
  const { channel, policy, index: o } = option
  const transport = costs.inboundCost(compiled, facts)
  ws.outbound[o] = costs.outboundCost(compiled, facts, option)
  const handling = costs.intakeHandling(compiled, facts) + costs.optionHandling(compiled, facts, option)
  const disposal = costs.disposalCost(compiled, facts, option)
  const credits = costs.optionCredits(compiled, facts, option)
  ws.fixed[o] = credits - disposal - handling - transport - ws.outbound[o]
  ws.startDays[o] = facts.waitDays + policy.processingDays + channel.listingDays
  ws.minutes[o] = facts.category.processingMinutes * policy.minutesShare
  const emission = costs.optionEmission(compiled, facts, option)
  ws.isEmissionKnown[o] = emission === null ? 0 : 1
  ws.emissionKg[o] = emission ?? 0
  ws.avoidedKg[o] = costs.optionAvoided(compiled, facts, option)
  const mask = acceptedGrades(compiled, facts, option)
  const isQuarantined = facts.item.grade === 'Q'
  for (let g = 0; g < 5; g++) {
    ws.isAccepted[o * 5 + g] = isQuarantined || mask & (1 << g) ? 1 : 0
    const at = (o * 5 + g) * partCount
    ws.parts.fill(0, at, at + partCount)
    ws.parts[at + TRANSPORT] = -transport - ws.outbound[o]
    ws.parts[at + HANDLING] = -handling
    ws.parts[at + DISPOSAL] = -disposal
    ws.parts[at + CREDITS] = credits
  }
  if (option.priceClass < 0) return
  const schedule = compiled.scheduleFor(option, facts.categoryIndex, facts.item.atMs, facts.isInr)
  ws.schedules[o] = schedule
  ws.weightFee[o] = weightFee(schedule, facts.chargeableKg)
  const routed = facts.item.routedByChannel[channel.id] ?? 0
  const demand = facts.category.demand28d * channel.demandShare
  const depth = routed > 0 ? -values[row + predictionAt.depth]! * Math.log1p(routed / demand) : 0
  const start = Math.log(unit.reference) + depth - values[row + predictionAt.decay]! * ws.startDays[o]
  for (let g = 0; g < 5; g++) {
    const price = row + pricePlace(option.priceClass, g)
    ws.logPrice[o * 5 + g] = start + values[price + 2]!
    ws.logPriceSd[o * 5 + g] = (values[price + 4]! - values[price]!) / 3.289707
    const hazard = Math.log1p(Math.exp(values[row + salePlace(option.priceClass, g)]!))
    ws.saleDays[o * 5 + g] = (7 / hazard) * channel.saleDaysFactor
  }
}

export function setValue(o: number, g: number, ws: Workspace): void {
  const at = (o * 5 + g) * partCount
  let value = 0
  for (let k = 0; k < partCount; k++) value += ws.parts[at + k]!
  ws.values.fill(value, (o * 5 + g) * repairStates, (o * 5 + g + 1) * repairStates)
}

/** Routes without a sale: the vendor's credit, the recycler's price for the material, or nothing. */
export function valueFixed(compiled: Compiled, unit: Case, option: OptionSpec, g: number, ws: Workspace): void {
  const { index: o, channel, route } = option
  const at = (o * 5 + g) * partCount
  const days = ws.startDays[o]!
  if (route === 'vendor') ws.parts[at + GROSS] = vendorCredit(unit, option) * channel.creditChance
  else if (route === 'recycle') ws.parts[at + GROSS] = costs.scrapValue(compiled, unit.facts)
  ws.parts[at + HOLDING] = -holdPerDay(compiled, unit) * days
  ws.gradeDays[o * 5 + g] = days
  setValue(o, g, ws)
}

export function vendorCredit({ facts }: Case, option: OptionSpec): number {
  return facts.isCounterfeit ? 0 : facts.book * option.channel.creditShare
}

/** Gross, fees and holding of an option that sells, in the mean over price and time (decision-model 4). */
export function valueSale(compiled: Compiled, unit: Case, option: OptionSpec, g: number, ws: Workspace): void {
  const { gstFactor } = compiled
  const { index: o, policy } = option
  const decayPerDay = unit.values[unit.at + predictionAt.decay]!
  const schedule = ws.schedules[o]!
  const sale = saleWithin(policy.horizonDays, ws.saleDays[o * 5 + g]!)
  const kept = keptShare(compiled, unit, option)
  const middle = Math.exp(ws.logPrice[o * 5 + g]! - decayPerDay * sale.days)
  const spread = Math.exp(ws.logPriceSd[o * 5 + g]! * node)
  let price = 0
  let fee = 0
  for (let n = 0; n < 3; n++) {
    const weight = n === 1 ? 2 / 3 : 1 / 6
    const asked = askingPrice(schedule, n === 0 ? middle / spread : n === 1 ? middle : middle * spread, gstFactor)
    price += weight * asked
    fee += weight * priceFee(schedule, asked)
  }
  const unsold = 1 - sale.chance
  const lastDay = ws.startDays[o]! + policy.horizonDays
  const left = unsold > 0 ? salvageAt(g, lastDay, decayPerDay, ws) : 0
  const days = ws.startDays[o]! + sale.chance * sale.days + unsold * policy.horizonDays
  const at = (o * 5 + g) * partCount
  ws.parts[at + GROSS] = sale.chance * price * kept + unsold * left
  ws.parts[at + FEES] = -sale.chance * gstFactor * (fee + ws.weightFee[o]!)
  ws.parts[at + HOLDING] = -holdPerDay(compiled, unit) * days
  ws.gradeDays[o * 5 + g] = days
  setValue(o, g, ws)
}

/** What an unsold unit still brings, net, on the day that it is given up; a cost of disposal does not shrink with time. */
export function salvageAt(g: number, days: number, decayPerDay: number, ws: Workspace): number {
  const now = ws.salvage[g]!
  if (now === Number.NEGATIVE_INFINITY) return 0
  return now > 0 ? now * Math.exp(-decayPerDay * days) : now
}
