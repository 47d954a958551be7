import { priceClasses } from '#contracts/decision.ts'
import type { FeeSchedule } from './fees.ts'
import type { UnitFacts } from './facts.ts'
import { curveWidth, nodeCount } from './price-curve.ts'
import { rateCount } from './sale-time.ts'

/** The parts of a value, in the order of the arrays; they add up to it. */
export const partNames = ['gross', 'fees', 'transport', 'handling', 'repair', 'holding', 'disposal', 'credits'] as const
export const partCount = partNames.length
export const [GROSS, FEES, TRANSPORT, HANDLING, REPAIR, HOLDING, DISPOSAL, CREDITS] = [0, 1, 2, 3, 4, 5, 6, 7] as const

/** What may be found out about a repair: none needed, it succeeds, it fails. */
export const repairStates = 3

/**
 * Arrays for one unit at a time, used again for the next: nothing is allocated while options are valued.
 * `o` counts options, `g` grades A..E; amounts are paise.
 */
export type Workspace = {
  readonly optionCount: number
  /** By o. */
  readonly startDays: Float64Array
  /** What the median at ratio 1 is on the day of listing, after decay and depth. */
  readonly scale: Float64Array
  readonly outbound: Float64Array
  readonly fixed: Float64Array
  readonly weightFee: Float64Array
  readonly emissionKg: Float64Array
  readonly avoidedKg: Float64Array
  readonly minutes: Float64Array
  readonly abuseValue: Float64Array
  readonly mean: Float64Array
  readonly days: Float64Array
  readonly isEmissionKnown: Uint8Array
  readonly schedules: (FeeSchedule | undefined)[]
  /** By o x g. */
  readonly isAccepted: Uint8Array
  readonly gradeDays: Float64Array
  /** By slot (`slotOf`): price / reference price as a curve and at its nodes, rates of sale. */
  readonly curves: Float64Array
  readonly ratios: Float64Array
  readonly rates: Float64Array
  /** By o x g x part, o x part, o x g x repair state. */
  readonly parts: Float64Array
  readonly abuseParts: Float64Array
  readonly meanParts: Float64Array
  readonly values: Float64Array
  /** By g: shares, the ways out for a unit that a channel refuses, that no repair saves, or that nobody buys. */
  readonly gradeShares: Float64Array
  readonly fallback: Float64Array
  readonly fallbackOption: Int32Array
  readonly afterRepair: Float64Array
  readonly afterRepairOption: Int32Array
  readonly salvage: Float64Array
  readonly repairCost: Float64Array
  /** By g x repair state. */
  readonly repairShares: Float64Array
}

/** Slots: price class x grade, and after them the cost of a repair by grade. */
export const slotOf = (priceClass: number, g: number) => priceClass * 5 + g
export const repairSlot = (g: number) => priceClasses.length * 5 + g
const slotCount = (priceClasses.length + 1) * 5

export function newWorkspace(optionCount: number): Workspace {
  const o = () => new Float64Array(optionCount)
  const og = () => new Float64Array(optionCount * 5)
  const g = () => new Float64Array(5)
  return {
    optionCount,
    startDays: o(),
    scale: o(),
    outbound: o(),
    fixed: o(),
    weightFee: o(),
    emissionKg: o(),
    avoidedKg: o(),
    minutes: o(),
    abuseValue: o(),
    mean: o(),
    days: o(),
    isEmissionKnown: new Uint8Array(optionCount),
    schedules: Array.from({ length: optionCount }, () => undefined),
    isAccepted: new Uint8Array(optionCount * 5),
    gradeDays: og(),
    curves: new Float64Array(slotCount * curveWidth),
    ratios: new Float64Array(slotCount * nodeCount),
    rates: new Float64Array(slotCount * rateCount),
    parts: new Float64Array(optionCount * 5 * partCount),
    abuseParts: new Float64Array(optionCount * partCount),
    meanParts: new Float64Array(optionCount * partCount),
    values: new Float64Array(optionCount * 5 * repairStates),
    gradeShares: g(),
    fallback: g(),
    fallbackOption: new Int32Array(5),
    afterRepair: g(),
    afterRepairOption: new Int32Array(5),
    salvage: g(),
    repairCost: g(),
    repairShares: new Float64Array(5 * repairStates),
  }
}

/** One unit to be valued, with what a model says of it. */
export type Case = {
  readonly facts: UnitFacts
  readonly reference: number
  /** Predictions of the batch, and where this unit's row begins (`contracts/prediction.ts`). */
  readonly values: Float64Array
  readonly at: number
}
