import type { Compiled, OptionSpec } from './compile.ts'
import type { UnitFacts } from './facts.ts'
import { carriageEmission, lotCost, parcelCost } from './transport.ts'

/** Receiving and inspecting: spent on every unit, whatever becomes of it. */
export function intakeHandling(compiled: Compiled, facts: UnitFacts): number {
  return compiled.parameters.receiveMinor + facts.category.inspectionCostMinor
}

export function inboundCost(compiled: Compiled, facts: UnitFacts): number {
  return parcelCost(compiled.data.transport, facts.chargeableKg, facts.inboundKm)
}

export function outboundCost(compiled: Compiled, facts: UnitFacts, option: OptionSpec): number {
  const { outbound, outboundKm } = option.channel
  if (outbound === 'none') return 0
  if (outbound === 'lot') return lotCost(compiled.data.transport, facts.weightKg, outboundKm)
  return parcelCost(compiled.data.transport, facts.chargeableKg, outboundKm)
}

export function optionHandling(compiled: Compiled, facts: UnitFacts, option: OptionSpec): number {
  const { category } = facts
  const { policy, channel } = option
  const wipe = facts.isDataBearing && policy.needsWipe ? compiled.parameters.wipeMinor : 0
  return (
    category.repackCostMinor * policy.repackShare +
    category.cleaningCostMinor * policy.cleanShare +
    wipe +
    channel.handlingMinor
  )
}

export function disposalCost(compiled: Compiled, facts: UnitFacts, option: OptionSpec): number {
  const p = compiled.parameters
  if (option.route === 'recycle') return p.recycleMinorPerKg * facts.weightKg
  if (option.route === 'destroy') return p.destroyCertificateMinor + p.destroyMinorPerKg * facts.weightKg
  if (option.route === 'donate') return p.donateMinorPerKg * facts.weightKg
  return 0
}

export function optionCredits(compiled: Compiled, facts: UnitFacts, option: OptionSpec): number {
  const isEpr = option.route === 'recycle' && facts.category.isElectronic
  const epr = isEpr ? compiled.parameters.eprMinorPerKg * facts.weightKg : 0
  return epr + option.policy.taxReliefShare * facts.book
}

export function scrapValue(compiled: Compiled, facts: UnitFacts): number {
  return (compiled.data.policy.scrapMinorPerKg[facts.category.wasteStream] ?? 0) * facts.weightKg
}

/** Inventory emissions of an option in kg CO2e; null when a factor is missing: unknown is not zero. */
export function optionEmission(compiled: Compiled, facts: UnitFacts, option: OptionSpec): number | null {
  const { emissions } = compiled.data
  const carriage =
    carriageEmission(emissions, facts.weightKg, facts.inboundKm) +
    carriageEmission(emissions, facts.weightKg, option.channel.outboundKm)
  const minutes = facts.category.processingMinutes * option.policy.minutesShare
  const energy = minutes * emissions.kwhPerMinute * emissions.grid.kgPerUnit
  if (option.route !== 'recycle' && option.route !== 'destroy') return carriage + energy
  const waste = emissions.waste[facts.category.wasteStream]?.[option.route] ?? null
  return waste === null ? null : carriage + energy + facts.weightKg * waste.kgPerUnit
}

/** Emissions of making a new unit that this route displaces, less the energy of the rework; 0 where no factor is known. */
export function optionAvoided(compiled: Compiled, facts: UnitFacts, option: OptionSpec): number {
  const { products, materials, kwhPerMinute, grid } = compiled.data.emissions
  const { productFactorId, materialFactorId, processingMinutes } = facts.category
  const perItem = productFactorId === null ? undefined : products[productFactorId]
  const perKg = materialFactorId === null ? undefined : materials[materialFactorId]
  const making = perItem ?? (perKg === undefined ? undefined : perKg * facts.weightKg)
  if (making === undefined) return 0
  return (
    option.policy.displacement * making - processingMinutes * option.policy.minutesShare * kwhPerMinute * grid.kgPerUnit
  )
}
