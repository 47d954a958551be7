import { predictionAt } from '#contracts/prediction.ts'
import { addRepair, keepFallback, valueAbuse, valueElsewhere } from './branches.ts'
import type { Admission } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import { prepare, prepareUnit, valueFixed, valueSale } from './expected-value.ts'
import { meanOfNodes, nodeCount } from './price-curve.ts'
import type { Case, Workspace } from './workspace.ts'
import { partCount, repairStates, slotOf } from './workspace.ts'

/** Routes from here on need no buyer for the single unit; they are the ways out of the others. */
const firstTerminalRoute = 4

/** Values every admissible option of one unit for every grade it may have. Takes away options whose price is below a floor. */
export function valueOptions(compiled: Compiled, unit: Case, admission: Admission, ws: Workspace): void {
  const { options } = compiled
  setShares(unit, ws)
  prepareUnit(unit, ws)
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

function setShares({ facts, values, at }: Case, ws: Workspace): void {
  for (let g = 0; g < 5; g++) {
    ws.gradeShares[g] = facts.gradeIndex < 0 ? values[at + predictionAt.grade + g]! : g === facts.gradeIndex ? 1 : 0
  }
}

function isBelowFloor(option: OptionSpec, ws: Workspace): boolean {
  if (option.priceClass < 0) return false
  let share = 0
  let price = 0
  for (let g = 0; g < 5; g++) {
    const at = option.index * 5 + g
    if (ws.isAccepted[at] === 0 || ws.gradeShares[g] === 0) continue
    share += ws.gradeShares[g]!
    price +=
      ws.gradeShares[g]! * ws.scale[option.index]! * meanOfNodes(ws.ratios, slotOf(option.priceClass, g) * nodeCount)
  }
  return share > 0 && price / share < option.channel.priceFloorMinor
}

function expect({ values, at }: Case, admission: Admission, ws: Workspace): void {
  const abuse = values[at + predictionAt.abuse]!
  const genuine = 1 - abuse
  for (let o = 0; o < ws.optionCount; o++) {
    if (admission.isAdmissible[o] === 0) continue
    let mean = 0
    let days = 0
    for (let k = 0; k < partCount; k++) {
      let part = abuse * ws.abuseParts[o * partCount + k]!
      for (let g = 0; g < 5; g++) {
        if (ws.gradeShares[g] !== 0) part += genuine * ws.gradeShares[g]! * ws.parts[(o * 5 + g) * partCount + k]!
      }
      ws.meanParts[o * partCount + k] = part
      mean += part
    }
    for (let g = 0; g < 5; g++) if (ws.gradeShares[g] !== 0) days += ws.gradeShares[g]! * ws.gradeDays[o * 5 + g]!
    ws.mean[o] = mean
    ws.days[o] = days
  }
}
