import { priceClasses } from '#contracts/decision.ts'
import { acceptedGrades } from './constraints.ts'
import type { Admission } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import * as costs from './costs.ts'
import { askingPrice, priceFee, weightFee } from './fees.ts'
import type { Case, Workspace } from './workspace.ts'
import {
  CREDITS,
  DISPOSAL,
  FEES,
  GROSS,
  HANDLING,
  HOLDING,
  REPAIR,
  TRANSPORT,
  partCount,
  repairStates,
} from './workspace.ts'

/** Routes from here on need no buyer for the single unit; they are the ways out of the others. */
const firstTerminalRoute = 4
/** Three-point Gauss-Hermite nodes for a normal variable: fees are not linear in the price. */
const node = Math.sqrt(3)

/** Holding and capital cost of one day, in paise. */
export function holdPerDay(compiled: Compiled, { facts }: Case): number {
  const p = compiled.parameters
  return p.holdPerLitreDayMinor * facts.volumeLitres + p.kappaPerDay * facts.book
}

/** Share of the price that a sale keeps in the mean, after units that come back again. */
export function keptShare(compiled: Compiled, { prediction }: Case, option: OptionSpec): number {
  return (
    1 - Math.min(1, prediction.rereturn * option.policy.rereturnFactor) * compiled.parameters.rereturnLoss
  )
}

/** Chance of a sale within the horizon and mean days to it, when the weekly hazard is constant. */
export function saleWithin(
  horizonDays: number,
  meanDays: number,
): { readonly chance: number; readonly days: number } {
  if (meanDays <= 0) return { chance: 1, days: 0 }
  const left = Math.exp(-horizonDays / meanDays)
  const chance = 1 - left
  return { chance, days: meanDays - (horizonDays * left) / chance }
}

/** Values every admissible option of one unit for every grade it may have. Takes away options whose price is below a floor. */
export function valueOptions(compiled: Compiled, unit: Case, admission: Admission, ws: Workspace): void {
  const { options } = compiled
  setShares(unit, ws)
  ws.fallback.fill(Number.NEGATIVE_INFINITY)
  ws.afterRepair.fill(Number.NEGATIVE_INFINITY)
  ws.salvage.fill(Number.NEGATIVE_INFINITY)
  ws.fallbackOption.fill(-1)
  ws.afterRepairOption.fill(-1)
  for (let g = 0; g < 5; g++) {
    ws.repairShares[g * repairStates] = 1
    ws.repairShares.fill(0, g * repairStates + 1, (g + 1) * repairStates)
  }
  for (let o = options.length - 1; o >= 0; o--) {
    if (admission.isAdmissible[o] === 0) continue
    const option = options[o]!
    prepare(compiled, unit, option, ws)
    if (isBelowFloor(option, ws)) {
      admission.isAdmissible[o] = 0
      admission.excluded.push(compiled.refused[o]!.floor)
      continue
    }
    for (let g = 0; g < 5; g++) {
      if (ws.gradeShares[g] === 0 || ws.isAccepted[o * 5 + g] === 0) continue
      if (option.priceClass < 0) valueFixed(compiled, unit, option, g, ws)
      else valueSale(compiled, unit, option, g, ws)
      if (option.route === 'refurbish') addRepair(compiled, unit, option, g, ws)
      else if (option.routeIndex >= firstTerminalRoute) keepFallback(option, g, ws)
    }
  }
  for (let o = 0; o < options.length; o++) {
    if (admission.isAdmissible[o] === 0) continue
    for (let g = 0; g < 5; g++) {
      if (ws.gradeShares[g] !== 0 && ws.isAccepted[o * 5 + g] === 0) valueElsewhere(compiled, unit, o, g, ws)
    }
  }
  valueAbuse(compiled, unit, admission, ws)
  expect(unit, admission, ws)
}

function setShares({ facts, prediction }: Case, ws: Workspace): void {
  for (let g = 0; g < 5; g++) {
    ws.gradeShares[g] =
      facts.gradeIndex < 0 ? prediction.gradeProbabilities[g]! : g === facts.gradeIndex ? 1 : 0
  }
}

function prepare(compiled: Compiled, unit: Case, option: OptionSpec, ws: Workspace): void {
  const { facts, prediction } = unit
  const { channel, policy, index: o } = option
  const transport = costs.inboundCost(compiled, facts)
  ws.outbound[o] = costs.outboundCost(compiled, facts, option)
  const handling = costs.intakeHandling(compiled, facts) + costs.optionHandling(compiled, facts, option)
  const disposal = costs.disposalCost(compiled, facts, option)
  const credits = costs.optionCredits(compiled, facts, option)
  ws.fixed[o] = credits - disposal - handling - transport - ws.outbound[o]!
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
    ws.parts[at + TRANSPORT] = -transport - ws.outbound[o]!
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
  const depth = routed > 0 ? -compiled.parameters.depthElasticity * Math.log1p(routed / demand) : 0
  const start = Math.log(unit.reference) + depth - facts.category.decayPerDay * ws.startDays[o]!
  const { mean, sd } = prediction.logPrice[priceClasses[option.priceClass]!]
  for (let g = 0; g < 5; g++) {
    ws.logPrice[o * 5 + g] = start + mean[g]!
    ws.logPriceSd[o * 5 + g] = sd[g]!
    ws.saleDays[o * 5 + g] = prediction.daysToSale[g]! * channel.saleDaysFactor
  }
}

function isBelowFloor(option: OptionSpec, ws: Workspace): boolean {
  if (option.priceClass < 0) return false
  let share = 0
  let price = 0
  for (let g = 0; g < 5; g++) {
    const at = option.index * 5 + g
    if (ws.isAccepted[at] === 0) continue
    share += ws.gradeShares[g]!
    price += ws.gradeShares[g]! * Math.exp(ws.logPrice[at]!)
  }
  return share > 0 && price / share < option.channel.priceFloorMinor
}

function setValue(o: number, g: number, ws: Workspace): void {
  const at = (o * 5 + g) * partCount
  let value = 0
  for (let k = 0; k < partCount; k++) value += ws.parts[at + k]!
  ws.values.fill(value, (o * 5 + g) * repairStates, (o * 5 + g + 1) * repairStates)
}

/** Routes without a sale: the vendor's credit, the recycler's price for the material, or nothing. */
function valueFixed(compiled: Compiled, unit: Case, option: OptionSpec, g: number, ws: Workspace): void {
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
function valueSale(compiled: Compiled, unit: Case, option: OptionSpec, g: number, ws: Workspace): void {
  const { gstFactor } = compiled
  const { index: o, policy } = option
  const { decayPerDay } = unit.facts.category
  const schedule = ws.schedules[o]!
  const sale = saleWithin(policy.horizonDays, ws.saleDays[o * 5 + g]!)
  const kept = keptShare(compiled, unit, option)
  const middle = Math.exp(ws.logPrice[o * 5 + g]! - decayPerDay * sale.days)
  const spread = Math.exp(ws.logPriceSd[o * 5 + g]! * node)
  let price = 0
  let fee = 0
  for (let n = 0; n < 3; n++) {
    const weight = n === 1 ? 2 / 3 : 1 / 6
    const asked = askingPrice(
      schedule,
      n === 0 ? middle / spread : n === 1 ? middle : middle * spread,
      gstFactor,
    )
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

/** Keeps the best way out for this grade. A credit of the vendor is not there for what somebody failed to sell. */
function keepFallback(option: OptionSpec, g: number, ws: Workspace): void {
  const { index: o, route } = option
  const value = ws.values[(o * 5 + g) * repairStates]!
  if (value > ws.fallback[g]!) {
    ws.fallback[g] = value
    ws.fallbackOption[g] = o
  }
  if ((route === 'parts' || route === 'liquidate') && value > ws.afterRepair[g]!) {
    ws.afterRepair[g] = value
    ws.afterRepairOption[g] = o
  }
  if (route === 'vendor' || route === 'parts') return
  const at = (o * 5 + g) * partCount
  const net =
    ws.parts[at + GROSS]! +
    ws.parts[at + FEES]! -
    ws.outbound[o]! +
    ws.parts[at + DISPOSAL]! +
    ws.parts[at + CREDITS]!
  if (net > ws.salvage[g]!) ws.salvage[g] = net
}

/** Success: the sale less the repair. Failure: spares or a lot, less what was spent. */
function addRepair(
  compiled: Compiled,
  { facts, reference, prediction }: Case,
  option: OptionSpec,
  g: number,
  ws: Workspace,
): void {
  const o = option.index
  const estimate = facts.item.repairEstimateMinor
  const cost =
    estimate === null ? prediction.repairCostRatio[g]! * reference : estimate * (facts.paisePerMinor ?? 1)
  const needed = estimate === null ? prediction.repairProbability[g]! : estimate > 0 ? 1 : 0
  const success = prediction.repairSuccess[g]!
  const failed = needed * (1 - success)
  const sunk = compiled.parameters.repairSunkShare * cost
  const hasOther = ws.afterRepairOption[g]! >= 0
  const other = hasOther ? ws.afterRepairOption[g]! : ws.fallbackOption[g]!
  ws.repairCost[g] = cost
  ws.repairShares[g * repairStates] = 1 - needed
  ws.repairShares[g * repairStates + 1] = needed * success
  ws.repairShares[g * repairStates + 2] = failed
  const at = (o * 5 + g) * partCount
  const value = (o * 5 + g) * repairStates
  ws.values[value + 1] = ws.values[value]! - cost
  if (other < 0) {
    // Nothing can be done with what is left: no sale, only the costs.
    ws.values[value + 2] = ws.values[value]! - ws.parts[at + GROSS]! - ws.parts[at + FEES]! - sunk
    ws.parts[at + GROSS] = ws.parts[at + GROSS]! * (1 - failed)
    ws.parts[at + FEES] = ws.parts[at + FEES]! * (1 - failed)
  } else {
    ws.values[value + 2] = ws.values[(other * 5 + g) * repairStates]! - sunk
    const from = (other * 5 + g) * partCount
    for (let k = 0; k < partCount; k++)
      ws.parts[at + k] = (1 - failed) * ws.parts[at + k]! + failed * ws.parts[from + k]!
  }
  ws.parts[at + REPAIR] = ws.parts[at + REPAIR]! - needed * success * cost - failed * sunk
}

/** A grade that the channel refuses: the unit takes the best other way out, and is handled once more. */
function valueElsewhere(compiled: Compiled, unit: Case, o: number, g: number, ws: Workspace): void {
  const at = (o * 5 + g) * partCount
  const from = ws.fallbackOption[g]!
  if (from >= 0) {
    ws.parts.copyWithin(at, (from * 5 + g) * partCount, (from * 5 + g + 1) * partCount)
    ws.gradeDays[o * 5 + g] = ws.gradeDays[from * 5 + g]!
  } else {
    ws.parts[at + HOLDING] = -holdPerDay(compiled, unit) * ws.startDays[o]!
    ws.gradeDays[o * 5 + g] = ws.startDays[o]!
  }
  ws.parts[at + HANDLING] = ws.parts[at + HANDLING]! - compiled.parameters.rerouteMinor
  setValue(o, g, ws)
}

/** A swapped or counterfeit unit ends at the recycler or the processor, whatever was planned for it. */
function valueAbuse(compiled: Compiled, unit: Case, admission: Admission, ws: Workspace): void {
  const g = ws.gradeShares.findIndex((share) => share > 0)
  let end = -1
  for (const { index, route } of compiled.options) {
    if ((route !== 'recycle' && route !== 'destroy') || admission.isAdmissible[index] === 0) continue
    if (end < 0 || ws.values[(index * 5 + g) * repairStates]! > ws.values[(end * 5 + g) * repairStates]!)
      end = index
  }
  for (const { index: o, route } of compiled.options) {
    if (admission.isAdmissible[o] === 0) continue
    const at = o * partCount
    const isEnd = route === 'recycle' || route === 'destroy'
    const from = isEnd ? o : end
    ws.abuseParts.fill(0, at, at + partCount)
    if (from >= 0)
      for (let k = 0; k < partCount; k++) ws.abuseParts[at + k] = ws.parts[(from * 5 + g) * partCount + k]!
    else {
      ws.abuseParts[at + HANDLING] = -costs.intakeHandling(compiled, unit.facts)
      ws.abuseParts[at + TRANSPORT] = -costs.inboundCost(compiled, unit.facts)
    }
    if (!isEnd)
      ws.abuseParts[at + HANDLING] = ws.abuseParts[at + HANDLING]! - compiled.parameters.rerouteMinor
    let value = 0
    for (let k = 0; k < partCount; k++) value += ws.abuseParts[at + k]!
    ws.abuseValue[o] = value
  }
}

function expect({ prediction }: Case, admission: Admission, ws: Workspace): void {
  const genuine = 1 - prediction.abuse
  for (let o = 0; o < ws.optionCount; o++) {
    if (admission.isAdmissible[o] === 0) continue
    let mean = 0
    let days = 0
    for (let k = 0; k < partCount; k++) {
      let part = prediction.abuse * ws.abuseParts[o * partCount + k]!
      for (let g = 0; g < 5; g++) {
        if (ws.gradeShares[g] !== 0)
          part += genuine * ws.gradeShares[g]! * ws.parts[(o * 5 + g) * partCount + k]!
      }
      ws.meanParts[o * partCount + k] = part
      mean += part
    }
    for (let g = 0; g < 5; g++)
      if (ws.gradeShares[g] !== 0) days += ws.gradeShares[g]! * ws.gradeDays[o * 5 + g]!
    ws.mean[o] = mean
    ws.days[o] = days
  }
}
