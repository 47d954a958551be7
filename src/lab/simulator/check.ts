import type { DecisionItem } from '#contracts/recommendations.ts'
import type { Circumstances } from './draw-unit.ts'
import type { Market } from './market.ts'
import { betaDensity, normalDensity, type Chance } from './random.ts'
import { cells, emptyState, faultOf, kindOf, stateCount } from './states.ts'
import type { WorldModel } from './world-model.ts'

/** What the quality check finds. */
export type Checked = {
  /** Kind of abuse that was found, 1 to 3; 0 when none was. */
  readonly found: number
  /** 0..4 for A..E; -1 when abuse was found and nothing was graded. */
  readonly grade: number
  readonly isPart: boolean
  /** By code of the rubric's table. */
  readonly codes: readonly boolean[]
  readonly functional: 'pass' | 'fail' | null
  /** Estimate / reference; 0 for none needed, null when nobody looked. */
  readonly estimate: number | null
  readonly photo: {
    readonly anomaly: number
    readonly isDuplicate: boolean
    readonly isGood: boolean
    readonly count: number
  } | null
}

export type RepairTruth = { readonly isNeeded: boolean; readonly logCost: number }

/** Chance of each grade A..E at the check, by grade x cell. */
export function gradeChances(unit: Circumstances, isIncomplete: boolean): readonly Float64Array[] {
  return unit.model.grades[isIncomplete ? 1 : 0]!
}

/** What the repair would need and cost: hidden, drawn once for every route. */
export function drawRepair({ p }: WorldModel, market: Market, state: number, chance: Chance): RepairTruth {
  const cell = state % cells
  return {
    isNeeded: chance.uniform() < market.need[cell]!,
    logCost: market.logCost[cell]! + p.repairCostSpread * chance.normal(),
  }
}

export function drawChecked(
  world: WorldModel,
  unit: Circumstances,
  state: number,
  isIncomplete: boolean,
  repair: RepairTruth,
  chance: Chance,
): Checked {
  const { p } = world
  const { model } = unit
  const kind = kindOf(state)
  const cell = state % cells
  const isFound = kind > 0 && chance.uniform() < p.abuseFound[kind - 1]!
  const grade = chance.pick(gradeChances(unit, isIncomplete).map((byCell) => byCell[cell]!))
  const codes = model.findings.map((byCell) => chance.uniform() < byCell[cell]!)
  const isTested = model.isTested && chance.uniform() < p.functionalKnown
  const isFailed = chance.uniform() < p.functionalFail[faultOf(cell)]!
  const estimate = drawEstimate(world, repair, chance)
  const [a, b] = p.photoAnomaly[kind > 0 ? 1 : 0]!
  const photo = {
    anomaly: Math.min(0.9999, Math.max(0.0001, Math.round(chance.beta(a, b) * 1e4) / 1e4)),
    isDuplicate: chance.uniform() < p.photoDuplicate[kind > 0 ? 1 : 0]!,
    isGood: chance.uniform() < p.photoGate,
    count: 2 + chance.poisson(1.5),
  }
  const hasPhoto = chance.uniform() < p.photoKnown
  return {
    found: isFound ? kind : 0,
    grade: isFound ? -1 : grade,
    isPart: isIncomplete,
    codes: isFound ? codes.map(() => false) : codes,
    functional: isTested && !isFound ? (isFailed ? 'fail' : 'pass') : null,
    estimate: isFound ? null : estimate,
    photo: hasPhoto ? photo : null,
  }
}

function drawEstimate({ p }: WorldModel, { isNeeded, logCost }: RepairTruth, chance: Chance): number | null {
  const isKnown = chance.uniform() < p.estimateKnown
  const isSeen = chance.uniform() < (isNeeded ? p.estimateFound : p.estimateFalse)
  const log = isNeeded
    ? logCost + p.estimateSpread * chance.normal()
    : p.estimateFalseLog[0] + p.estimateFalseLog[1] * chance.normal()
  return isKnown ? (isSeen ? Math.exp(log) : 0) : null
}

/** Chance, or density, of what the check found, multiplied into the chances of the states; these sum to 1 after it. */
export function seeChecked(
  world: WorldModel,
  unit: Circumstances,
  market: Market,
  seen: Checked,
  weights: Float64Array,
): void {
  if (seen.found > 0) return seeFound(seen.found, weights)
  const { p } = world
  const { model } = unit
  const byGrade = gradeChances(unit, seen.isPart)[seen.grade]!
  let sum = 0
  const photo = [0, 1].map((k) => photoDensity(world, seen.photo, k))
  const left = [1, 1 - p.abuseFound[0]!, 1 - p.abuseFound[1]!]
  for (let cell = 0; cell < cells; cell++) {
    let weight = byGrade[cell]! * estimateDensity(world, market, seen.estimate, cell)
    if (seen.functional !== null) {
      const fail = p.functionalFail[faultOf(cell)]!
      weight *= seen.functional === 'fail' ? fail : 1 - fail
    }
    for (let c = 0; c < seen.codes.length; c++) {
      const chance = model.findings[c]![cell]!
      weight *= seen.codes[c] ? chance : 1 - chance
    }
    for (let kind = 0; kind < 3; kind++) {
      const at = kind * cells + cell
      weights[at]! *= weight * left[kind]! * photo[kind > 0 ? 1 : 0]!
      sum += weights[at]!
    }
  }
  weights[emptyState]! *= 1 - p.abuseFound[2]!
  sum += weights[emptyState]!
  for (let state = 0; state < stateCount; state++) weights[state]! /= sum
}

function seeFound(found: number, weights: Float64Array): void {
  let sum = 0
  for (let state = 0; state < stateCount; state++) {
    if (kindOf(state) !== found) weights[state] = 0
    sum += weights[state]!
  }
  for (let state = 0; state < stateCount; state++) weights[state]! /= sum
}

function photoDensity({ p }: WorldModel, photo: Checked['photo'], k: number): number {
  if (photo === null) return 1
  const [a, b] = p.photoAnomaly[k]!
  const duplicate = p.photoDuplicate[k]!
  return betaDensity(photo.anomaly, a, b) * (photo.isDuplicate ? duplicate : 1 - duplicate)
}

function estimateDensity({ p }: WorldModel, market: Market, estimate: number | null, cell: number): number {
  if (estimate === null) return 1
  const need = market.need[cell]!
  if (estimate === 0) return need * (1 - p.estimateFound) + (1 - need) * (1 - p.estimateFalse)
  const log = Math.log(estimate)
  const spread = Math.hypot(p.repairCostSpread, p.estimateSpread)
  return (
    need * p.estimateFound * normalDensity(log, market.logCost[cell]!, spread) +
    (1 - need) * p.estimateFalse * normalDensity(log, p.estimateFalseLog[0], p.estimateFalseLog[1])
  )
}

/** Chance that a repair is needed and its mean cost / reference when it is, by cell, given the estimate. */
export function repairGiven(
  { p }: WorldModel,
  market: Market,
  estimate: number | null,
  out: { readonly need: Float64Array; readonly cost: Float64Array },
): void {
  const variance = p.repairCostSpread ** 2
  const noise = p.estimateSpread ** 2
  const isSeen = estimate !== null && estimate > 0
  const log = isSeen ? Math.log(estimate) : 0
  for (let cell = 0; cell < cells; cell++) {
    const need = market.need[cell]!
    const middle = market.logCost[cell]!
    out.need[cell] = need
    out.cost[cell] = Math.exp(middle + variance / 2)
    if (estimate === null) continue
    if (isSeen) {
      const yes = need * p.estimateFound * normalDensity(log, middle, Math.sqrt(variance + noise))
      const no = (1 - need) * p.estimateFalse * normalDensity(log, p.estimateFalseLog[0], p.estimateFalseLog[1])
      // The estimate draws the cost to itself by its share of the precision.
      const left = (variance * noise) / (variance + noise)
      out.need[cell] = yes + no > 0 ? yes / (yes + no) : 1
      out.cost[cell] = Math.exp((middle * noise + log * variance) / (variance + noise) + left / 2)
    } else {
      const yes = need * (1 - p.estimateFound)
      out.need[cell] = yes / (yes + (1 - need) * (1 - p.estimateFalse))
    }
  }
}

const gradeNames = ['A', 'B', 'C', 'D', 'E'] as const
const foundCodes = ['', 'wrong_item', 'suspected_counterfeit', 'empty_pack'] as const

/** The item as it is known after the check. */
export function checkedItem(
  before: DecisionItem,
  unit: Circumstances,
  seen: Checked,
  reference: number,
  chance: Chance,
): DecisionItem {
  const { model } = unit
  const isFound = seen.found > 0
  const findings = isFound
    ? [foundCodes[seen.found]!]
    : model.codes.flatMap(({ code }, c) => (seen.codes[c] ? [code] : []))
  const isSealed = !unit.isOpened && model.isSealable
  const missing = [0.25, 0.5, 0.75][Math.floor(chance.uniform() * 3)]!
  return {
    ...before,
    point: 't1',
    isOpened: unit.isOpened,
    storedSinceMs: before.atMs,
    grade: isFound ? 'Q' : isSealed && seen.grade === 0 ? 'S' : gradeNames[seen.grade]!,
    quarantine: isFound ? (seen.found === 2 ? 'counterfeit' : 'wrong_item') : null,
    findings,
    functionalTest: model.isTested ? seen.functional : 'not_applicable',
    repairEstimateMinor: seen.estimate === null ? null : Math.round(seen.estimate * reference),
    isRepairable: isFound ? null : !findings.some((code) => model.unrepairable.has(code)),
    completeness: seen.isPart ? missing : 1,
    photoCount: seen.photo?.count ?? 0,
    photoGate: seen.photo === null ? null : seen.photo.isGood ? 'passed' : 'failed',
    photoAnomaly: seen.photo?.anomaly ?? null,
    isPhotoDuplicate: seen.photo?.isDuplicate ?? null,
  }
}
