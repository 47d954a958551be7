import { predictionAt } from '#contracts/prediction.ts'
import type { Admission } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import * as costs from './costs.ts'
import { holdPerDay, setValue } from './expected-value.ts'
import { meanOfNodes, nodeCount } from './price-curve.ts'
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
  repairSlot,
  repairStates,
} from './workspace.ts'

/** Keeps the best way out for this grade. A credit of the vendor is not there for what somebody failed to sell. */
export function keepFallback(option: OptionSpec, g: number, ws: Workspace): void {
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
    ws.parts[at + GROSS]! + ws.parts[at + FEES]! - ws.outbound[o]! + ws.parts[at + DISPOSAL]! + ws.parts[at + CREDITS]!
  if (net > ws.salvage[g]!) ws.salvage[g] = net
}

/** Where a unit goes that no repair saves: spares or a lot, else the best other way out; -1 where there is none. */
export function failedOption(g: number, ws: Workspace): number {
  return ws.afterRepairOption[g]! >= 0 ? ws.afterRepairOption[g]! : ws.fallbackOption[g]!
}

/** Success: the sale less the repair. Failure: spares or a lot, less what was spent. */
export function addRepair(compiled: Compiled, unit: Case, option: OptionSpec, g: number, ws: Workspace): void {
  const o = option.index
  const { values, at: row } = unit
  const cost = unit.reference * meanOfNodes(ws.ratios, repairSlot(g) * nodeCount)
  const needed = values[row + predictionAt.repairNeed + g]!
  const success = values[row + predictionAt.repairSuccess + g]!
  const failed = needed * (1 - success)
  const sunk = compiled.parameters.repairSunkShare * cost
  const other = failedOption(g, ws)
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
export function valueElsewhere(compiled: Compiled, unit: Case, o: number, g: number, ws: Workspace): void {
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
export function valueAbuse(compiled: Compiled, unit: Case, admission: Admission, ws: Workspace): void {
  const g = ws.gradeShares.findIndex((share) => share > 0)
  let end = -1
  for (const { index, route } of compiled.options) {
    if ((route !== 'recycle' && route !== 'destroy') || admission.isAdmissible[index] === 0) continue
    if (end < 0 || ws.values[(index * 5 + g) * repairStates]! > ws.values[(end * 5 + g) * repairStates]!) end = index
  }
  for (const { index: o, route } of compiled.options) {
    if (admission.isAdmissible[o] === 0) continue
    const at = o * partCount
    const isEnd = route === 'recycle' || route === 'destroy'
    const from = isEnd ? o : end
    ws.abuseParts.fill(0, at, at + partCount)
    if (from >= 0) for (let k = 0; k < partCount; k++) ws.abuseParts[at + k] = ws.parts[(from * 5 + g) * partCount + k]!
    else {
      ws.abuseParts[at + HANDLING] = -costs.intakeHandling(compiled, unit.facts)
      ws.abuseParts[at + TRANSPORT] = -costs.inboundCost(compiled, unit.facts)
    }
    if (!isEnd) ws.abuseParts[at + HANDLING] = ws.abuseParts[at + HANDLING]! - compiled.parameters.rerouteMinor
    let value = 0
    for (let k = 0; k < partCount; k++) value += ws.abuseParts[at + k]!
    ws.abuseValue[o] = value
  }
}
