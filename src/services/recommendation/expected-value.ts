import { priceClasses } from '#contracts/decision.ts'
import { predictionAt, pricePlace, repairCostPlace, salePlace } from '#contracts/prediction.ts'
import { acceptedGrades } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import * as costs from './costs.ts'
import { weightFee } from './fees.ts'
import type { FeeSchedule } from './fees.ts'
import { curveWidth, nodeCount, nodeWeights, writeCurve, writeNodes } from './price-curve.ts'
import { horizonWeeks, rateCount, saleTime, writeRates } from './sale-time.ts'
import type { Case, Workspace } from './workspace.ts'
import {
  CREDITS,
  DISPOSAL,
  FEES,
  GROSS,
  HANDLING,
  HOLDING,
  TRANSPORT,
  partCount,
  repairSlot,
  repairStates,
  slotOf,
} from './workspace.ts'

/** Holding and capital cost of one day, in paise. */
export function holdPerDay(compiled: Compiled, { facts }: Case): number {
  const p = compiled.parameters
  return p.holdPerLitreDayMinor * facts.volumeLitres + p.kappaPerDay * facts.book
}

/** Share of the price that a sale keeps in the mean, after units that come back again. */
export function keptShare(compiled: Compiled, { values, at }: Case, option: OptionSpec): number {
  return 1 - values[at + predictionAt.rereturn + option.priceClass]! * compiled.parameters.rereturnLoss
}

/** What a model says of prices, times of sale and repairs of the grades that the unit may have. */
export function prepareUnit({ values, at }: Case, ws: Workspace): void {
  const shapeAt = at + predictionAt.saleShape
  for (let g = 0; g < 5; g++) {
    if (ws.gradeShares[g] === 0) continue
    for (let c = 0; c < priceClasses.length; c++) {
      const slot = slotOf(c, g)
      writeCurve(values, at + pricePlace(c, g), ws.curves, slot * curveWidth)
      writeNodes(ws.curves, slot * curveWidth, ws.ratios, slot * nodeCount)
      writeRates(values[at + salePlace(c, g)]!, values, shapeAt, ws.rates, slot * rateCount)
    }
    const slot = repairSlot(g)
    writeCurve(values, at + repairCostPlace(g), ws.curves, slot * curveWidth)
    writeNodes(ws.curves, slot * curveWidth, ws.ratios, slot * nodeCount)
  }
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
  ws.scale[o] = unit.reference * Math.exp(depth - values[row + predictionAt.decay]! * ws.startDays[o])
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

/** What the mean price is and the fee on it, over all nodes of a price that is worth `scale` at ratio 1. */
const asked = { price: 0, fee: 0 }
function meanAsked(schedule: FeeSchedule, gstFactor: number, ratios: Float64Array, from: number, scale: number): void {
  const { edgeNet, edgePrice, flat, share, upTo } = schedule
  let price = 0
  let fee = 0
  for (let n = 0; n < nodeCount; n++) {
    let paid = scale * ratios[from + n]!
    let slab = 0
    while (paid > upTo[slab]!) slab++
    // The asking price of fees.ts, without looking its slab up twice.
    if (paid - gstFactor * (share[slab]! * paid + flat[slab]!) < edgeNet[slab]!) {
      paid = edgePrice[slab]!
      slab = 0
      while (paid > upTo[slab]!) slab++
    }
    price += nodeWeights[n]! * paid
    fee += nodeWeights[n]! * (share[slab]! * paid + flat[slab]!)
  }
  asked.price = price
  asked.fee = fee
}

/**
 * Gross, fees and holding of an option that sells, in the mean over price and time (decision-model 4). Within a horizon the
 * price moves by some per cent only, so the mean over time is that of two days with the same mean and spread as all.
 */
export function valueSale(compiled: Compiled, unit: Case, option: OptionSpec, g: number, ws: Workspace): void {
  const { gstFactor } = compiled
  const { index: o, policy, channel, priceClass } = option
  const decayPerDay = unit.values[unit.at + predictionAt.decay]!
  const schedule = ws.schedules[o]!
  const slot = slotOf(priceClass, g)
  const sale = saleTime(ws.rates, slot * rateCount, channel.saleDaysFactor, horizonWeeks(policy.horizonDays))
  let price = 0
  let fee = 0
  for (let side = sale.spread === 0 ? 0 : -1; side <= 1; side += 2) {
    const fallen = Math.exp(-decayPerDay * (sale.days + side * sale.spread))
    meanAsked(schedule, gstFactor, ws.ratios, slot * nodeCount, ws.scale[o]! * fallen)
    price += asked.price
    fee += asked.fee
  }
  if (sale.spread > 0) {
    price /= 2
    fee /= 2
  }
  const unsold = 1 - sale.chance
  const lastDay = ws.startDays[o]! + policy.horizonDays
  const left = unsold > 0 ? salvageAt(g, lastDay, decayPerDay, ws) : 0
  const days = ws.startDays[o]! + sale.chance * sale.days + unsold * policy.horizonDays
  const at = (o * 5 + g) * partCount
  ws.parts[at + GROSS] = sale.chance * price * keptShare(compiled, unit, option) + unsold * left
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
