import { sealedBit, type Compiled, type OptionSpec } from '#services/recommendation/compile.ts'
import * as costs from '#services/recommendation/costs.ts'
import type { UnitFacts } from '#services/recommendation/facts.ts'
import { weightFee, type FeeSchedule } from '#services/recommendation/fees.ts'
import type { Market } from './market.ts'

/**
 * Amounts of an option that no chance touches, by the product's own definitions: costs, fees, credits, emissions,
 * days, which grades the channel takes. Amounts are paise.
 */
export type Entry = {
  readonly option: OptionSpec
  /** Grades A..E that the channel takes, as bits. */
  readonly accepts: number
  readonly isTerminal: boolean
  /** Credits less disposal, handling and both transports. */
  readonly fixed: number
  /** Proceeds that need no buyer: the vendor's credit when honoured, the recycler's price. */
  readonly proceeds: number
  readonly honoured: number
  readonly startDays: number
  readonly outbound: number
  readonly disposal: number
  readonly credits: number
  readonly schedule: FeeSchedule | null
  readonly weightFee: number
  /** ln of what depth takes from the price. */
  readonly depth: number
  readonly depthRatio: number
  /** Null: no factor is known. */
  readonly emissionKg: number | null
  readonly avoidedKg: number
  readonly minutes: number
}

export type Ledger = {
  readonly entries: readonly Entry[]
  readonly holdPerDay: number
  readonly reference: number
}

/** Routes from here on need no buyer for the single unit. */
const firstTerminalRoute = 4

export function ledgerOf(compiled: Compiled, facts: UnitFacts, market: Market, isSealed: boolean): Ledger {
  const p = compiled.parameters
  const inbound = costs.inboundCost(compiled, facts)
  const intake = costs.intakeHandling(compiled, facts)
  const entries = compiled.options.map((option): Entry => {
    const { channel, policy, route } = option
    const mask = compiled.gradeMasks[facts.categoryIndex * compiled.options.length + option.index]!
    const outbound = costs.outboundCost(compiled, facts, option)
    const disposal = costs.disposalCost(compiled, facts, option)
    const credits = costs.optionCredits(compiled, facts, option)
    const handling = intake + costs.optionHandling(compiled, facts, option)
    const isSale = option.priceClass >= 0
    const schedule = isSale ? compiled.scheduleFor(option, facts.categoryIndex, facts.item.atMs, facts.isInr) : null
    const routed = facts.item.routedByChannel[channel.id] ?? 0
    const depthRatio = Math.log1p(routed / (facts.category.demand28d * channel.demandShare))
    return {
      option,
      accepts: (mask & 31) | (isSealed && mask & sealedBit ? 1 : 0),
      isTerminal: option.routeIndex >= firstTerminalRoute,
      fixed: credits - disposal - handling - inbound - outbound,
      proceeds: proceedsOf(compiled, facts, option),
      honoured: route === 'vendor' ? channel.creditChance : 1,
      startDays: facts.waitDays + policy.processingDays + channel.listingDays,
      outbound,
      disposal,
      credits,
      schedule,
      weightFee: schedule === null ? 0 : weightFee(schedule, facts.chargeableKg),
      depth: -market.depthElasticity * depthRatio,
      depthRatio,
      emissionKg: costs.optionEmission(compiled, facts, option),
      avoidedKg: costs.optionAvoided(compiled, facts, option),
      minutes: facts.category.processingMinutes * policy.minutesShare,
    }
  })
  return {
    entries,
    holdPerDay: p.holdPerLitreDayMinor * facts.volumeLitres + p.kappaPerDay * facts.book,
    reference: facts.reference!,
  }
}

function proceedsOf(compiled: Compiled, facts: UnitFacts, { route, channel }: OptionSpec): number {
  if (route === 'vendor') return facts.book * channel.creditShare
  return route === 'recycle' ? costs.scrapValue(compiled, facts) : 0
}

/** Utility less value by option: the policy's prices of emissions and of the hub's minutes. */
export function utilityShift(
  compiled: Compiled,
  ledger: Ledger,
  isAdmissible: Uint8Array,
  hubMinuteMinor: number | null | undefined,
): Float64Array {
  const { lambdaE, lambdaA } = compiled.parameters
  const minute = hubMinuteMinor ?? compiled.parameters.hubMinuteMinor
  let worst = 0
  for (const { option, emissionKg } of ledger.entries) {
    if (isAdmissible[option.index] === 1 && emissionKg !== null) worst = Math.max(worst, emissionKg)
  }
  return Float64Array.from(
    ledger.entries,
    ({ emissionKg, avoidedKg, minutes }) =>
      Math.min(lambdaA, lambdaE) * avoidedKg - lambdaE * (emissionKg ?? worst) - minute * minutes,
  )
}
