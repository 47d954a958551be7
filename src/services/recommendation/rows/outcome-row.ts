import type { DecisionItem } from '#contracts/recommendations.ts'
import { classOutcomePlace, outcomePlace, outcomeWidth, weightPlace } from '#contracts/training-rows.ts'
import { saleWeeksMax } from '#contracts/prediction.ts'
import type { Compiled, OptionSpec } from '../compile.ts'
import { unitFacts, type UnitFacts } from '../facts.ts'
import { weightMax } from '../off-policy.ts'
import type { UnitLog } from './unit-log.ts'

const dayMs = 86_400_000

/** What is seen of a unit in the end, in the columns of `outcomeColumns`; NaN where nobody saw it. */
export function writeOutcome(
  compiled: Compiled,
  unit: UnitLog,
  item: DecisionItem,
  out: Float32Array,
  at: number,
): void {
  const facts = unitFacts(compiled, item)
  const { reference } = facts
  out.fill(Number.NaN, at, at + outcomeWidth)
  out[at + weightPlace] = weightOf(unit)
  if (facts.gradeIndex >= 0) out[at + outcomePlace('grade')] = facts.gradeIndex
  const abuse = abuseOf(unit)
  if (abuse !== null) out[at + outcomePlace('abuse')] = abuse
  if (reference === null) return
  out[at + outcomePlace('reference_log')] = Math.log(reference / 100)
  // What is sold of a swap is another thing than what came back.
  if (abuse === 1) return
  writeRepair(unit, facts, reference, out, at)
  writeSale(compiled, unit, facts, reference, out, at)
}

/**
 * The inverse chance of what the engine took, capped. A person's override had no chance that we know of, and what was not
 * decided yet shows nothing of a route: weight 1.
 */
export function weightOf({ after, decided }: UnitLog): number {
  if (after === null || decided === null || decided.source !== 'accepted') return 1
  const taken = after.options.find(([route, channel]) => route === decided.disposition && channel === decided.channel)
  const propensity = taken?.[propensityPlace] ?? 0
  return propensity > 0 ? Math.min(1 / propensity, weightMax) : 1
}
export const propensityPlace = 17

/** An audit's finding, a check's, or none where the unit was sold and nobody complained. */
function abuseOf({ outcome, quarantine }: UnitLog): 0 | 1 | null {
  if (outcome.abuse !== null && outcome.abuse !== undefined) return outcome.abuse === 'none' ? 0 : 1
  if (quarantine === 'counterfeit' || quarantine === 'wrong_item') return 1
  return outcome.soldPriceMinor === null ? null : 0
}

function writeRepair({ outcome }: UnitLog, facts: UnitFacts, reference: number, out: Float32Array, at: number): void {
  const { repairCostMinor, repairSucceeded } = outcome
  const isNeeded = outcome.repairNeeded ?? (repairCostMinor !== null || repairSucceeded !== null ? true : null)
  if (isNeeded === null) return
  out[at + outcomePlace('repair_needed')] = isNeeded ? 1 : 0
  if (!isNeeded) return
  const rate = facts.paisePerMinor
  if (repairCostMinor !== null && repairCostMinor > 0 && rate !== null)
    out[at + outcomePlace('repair_cost_log')] = Math.log((repairCostMinor * rate) / reference)
  if (repairSucceeded !== null) out[at + outcomePlace('repair_success')] = repairSucceeded ? 1 : 0
}

function writeSale(
  compiled: Compiled,
  { outcome, decided }: UnitLog,
  facts: UnitFacts,
  reference: number,
  out: Float32Array,
  at: number,
): void {
  const option = compiled.options.find(
    ({ route, channel }) => route === outcome.disposition && channel.id === outcome.channel,
  )
  const isLost = option?.route === 'refurbish' && outcome.repairSucceeded === false
  if (option === undefined || option.priceClass < 0 || isLost) return
  const { soldPriceMinor, liquidationMinor } = outcome
  const isSold = soldPriceMinor !== null && soldPriceMinor > 0
  // Neither sold nor given up: its time runs still.
  if (!isSold && liquidationMinor === null) return
  const place = at + classOutcomePlace(option.priceClass)
  const { channel } = option
  const isLot = channel.saleDaysFactor === 0
  if (isSold) {
    const days = saleDays(outcome, decided)
    if (facts.paisePerMinor !== null) out[place] = Math.log((soldPriceMinor * facts.paisePerMinor) / reference)
    if (days !== null || isLot) out[place + 1] = isLot ? 1 : weekOf(days! - startDays(option, facts))
    if (days !== null) out[place + 2] = days
    if (outcome.rereturned !== null) out[place + 6] = outcome.rereturned ? 1 : 0
  } else out[place + 1] = 0
  const demand = facts.category.demand28d * channel.demandShare
  out[place + 3] = channel.saleDaysFactor
  out[place + 4] = isLot ? 1 : Math.min(saleWeeksMax, Math.max(1, Math.round(option.policy.horizonDays / 7)))
  out[place + 5] = Math.log1p((facts.item.routedByChannel[channel.id] ?? 0) / demand)
}

/** From the decision to the sale. Days to cash stand in where the day of the sale was not told. */
function saleDays(outcome: UnitLog['outcome'], decided: UnitLog['decided']): number | null {
  if (outcome.soldAt !== null && decided !== null)
    return Math.max(0, (Date.parse(outcome.soldAt) - decided.atMs) / dayMs)
  return outcome.daysToCash
}

/** Days that go by before a unit is on sale: its turn at the hub, the work on it, the listing. */
function startDays({ policy, channel }: OptionSpec, { waitDays }: UnitFacts): number {
  return waitDays + policy.processingDays + channel.listingDays
}

function weekOf(days: number): number {
  return Math.min(saleWeeksMax, Math.max(1, Math.ceil(days / 7)))
}
