import { channelGroups, type DecisionItem } from '#contracts/recommendations.ts'
import { groupShares, type Circumstances } from './draw-unit.ts'
import { sigmoid } from './random.ts'
import { cells, faultOf, wearOf } from './states.ts'
import type { WorldModel } from './world-model.ts'

/** What markets and workshops do with one unit, by cell of wear and fault; classes in the order of `priceClasses`. */
export type Market = {
  /** ln(price / reference), in the median, by class x cell. */
  readonly logPrice: Float64Array
  /** Hazard of the first week at speed 1, by class x cell. */
  readonly hazard: Float64Array
  /** Chance that a sold unit comes back, by class x cell. */
  readonly rereturn: Float64Array
  /** By cell. */
  readonly need: Float64Array
  readonly logCost: Float64Array
  readonly success: Float64Array
  /** Spread of ln price, by class x (no fault, fault). */
  readonly spread: Float64Array
  readonly decayPerDay: number
  readonly depthElasticity: number
}

export const classCount = 6
const refurbished = 2

/** How much dearer a unit is than its category and tier in the mean, in logarithms. */
export function dearness({ p }: WorldModel, { model, tier }: Circumstances, reference: number): number {
  return Math.log(reference / 100) - model.priceLog[0] - p.priceTier[tier]!
}

export function marketOf(
  world: WorldModel,
  unit: Circumstances,
  item: DecisionItem,
  dear: number,
  isIncomplete: boolean,
): Market {
  const { p } = world
  const { model, tier, split, festival } = unit
  const age = unit.ageYears === null ? 0 : Math.log1p(unit.ageYears)
  const trend = item.market?.trend28d ?? 0
  const level = p.priceTrend * trend + (split === 'shift_price' ? p.priceShift : 0)
  const wearShare = 1 + p.priceTierWear[tier]! + p.priceAgeWear * age
  const faultShare = 1 + p.priceTierFault[tier]!
  const speed = p.saleTier[tier]! + p.saleFestival * festival + p.saleDear * dear + marketSpeed(world, unit, item)
  const logPrice = new Float64Array(classCount * cells)
  const hazard = new Float64Array(classCount * cells)
  const rereturn = new Float64Array(classCount * cells)
  const spread = new Float64Array(classCount * 2)
  for (let c = 0; c < classCount; c++) {
    const start =
      level +
      model.priceLevel[c]! +
      p.priceTierLevel[c]![tier]! +
      model.priceAge[c]! * age +
      p.priceDear[c]! * dear +
      p.priceFestival[c]! * festival +
      (isIncomplete ? model.priceIncomplete[c]! : 0)
    spread[c * 2] = model.priceSpread[c]!
    spread[c * 2 + 1] = model.priceSpread[c]! * p.priceSpreadFault
    const isRepaired = c === refurbished
    for (let cell = 0; cell < cells; cell++) {
      const wear = wearOf(cell)
      const fault = faultOf(cell)
      const at = c * cells + cell
      logPrice[at] =
        start -
        model.priceWear[c]! * wearShare * wear ** p.priceWearPower[c]! +
        model.priceFault[c]![fault]! * faultShare
      const sale =
        model.saleLog + model.saleClass[c]! + speed - p.saleWear * wear + (isRepaired ? 0 : p.saleFault[fault]!)
      hazard[at] = Math.exp(sale)
      const hiddenFault = p.rereturnFault[fault]! * (isRepaired ? 1 / 3 : 1)
      rereturn[at] = sigmoid(model.rereturnLogit + p.rereturnClass[c]! + p.rereturnWear * wear + hiddenFault)
    }
  }
  return {
    logPrice,
    hazard,
    rereturn,
    ...repairsOf(world, unit, dear),
    spread,
    decayPerDay: model.category.decayPerDay * p.decayTier[tier]!,
    depthElasticity: p.depthElasticity,
  }
}

function marketSpeed({ p }: WorldModel, { model }: Circumstances, { market }: DecisionItem): number {
  if (!market?.sold28d || !market.stock) return 0
  const usual = model.category.demand28d * groupShares.reduce((a, b) => a + b, 0)
  const sold = channelGroups.reduce((sum, group) => sum + market.sold28d![group], 0)
  const stock = channelGroups.reduce((sum, group) => sum + market.stock![group], 0)
  return (
    p.saleSold * Math.log((sold + 1) / (usual + 1)) + p.saleStock * Math.log((stock + 1) / (p.marketStock * usual + 1))
  )
}

function repairsOf({ p }: WorldModel, { model, tier }: Circumstances, dear: number) {
  const need = new Float64Array(cells)
  const logCost = new Float64Array(cells)
  const success = new Float64Array(cells)
  for (let cell = 0; cell < cells; cell++) {
    const wear = wearOf(cell)
    const fault = faultOf(cell)
    const [half, width] = p.repairNeedWear
    need[cell] = fault === 0 ? sigmoid((wear - half) / width) : p.repairNeed[fault]!
    logCost[cell] =
      model.repairCost[fault]! + p.repairCostWear * wear + p.repairCostTier[tier]! + p.repairCostDear * dear
    success[cell] = sigmoid(model.repairSuccess[fault]! + p.repairSuccessWear * wear + p.repairSuccessTier[tier]!)
  }
  return { need, logCost, success }
}

/** Chance of a sale in each week of the horizon, by the hazard of the first; what is left is not sold. Writes it to `out`. */
export function weeklySales(
  hazard: number,
  shape: readonly number[],
  speed: number,
  weeks: number,
  out: Float64Array,
): number {
  let left = 1
  let factor = 0
  let stay = 1
  for (let week = 1; week <= weeks; week++) {
    const now = shape[week === 1 ? 0 : week <= 4 ? 1 : week <= 12 ? 2 : 3]!
    if (now !== factor) {
      factor = now
      stay = Math.exp((-hazard * now) / speed)
    }
    out[week - 1] = left * (1 - stay)
    left *= stay
  }
  return left
}

export const saleWeeks = (horizonDays: number) => Math.max(1, Math.round(horizonDays / 7))
/** A unit is sold in the middle of its week. */
export const saleDay = (week: number) => 7 * week - 3.5
