import type { Admission } from './constraints.ts'
import type { Compiled } from './compile.ts'
import type { Outcomes } from './outcomes.ts'
import type { Case, Workspace } from './workspace.ts'

/** Options in the order in which they should be taken, and the best by money alone. */
export type Ranking = {
  /** Option indexes, best first. */
  readonly ranked: readonly number[]
  readonly moneyBest: number
  /** Utility less value, by option: prices of emissions, hub minutes and risk. */
  readonly shift: Float64Array
}

/** Prices emissions; an option whose factor is missing is taken at the worst of the others, so that not knowing never pays. */
function emissionPrices(compiled: Compiled, admission: Admission, ws: Workspace): Float64Array {
  const { lambdaE, lambdaA } = compiled.parameters
  let worst = 0
  for (let o = 0; o < ws.optionCount; o++) {
    if (admission.isAdmissible[o] === 1 && ws.isEmissionKnown[o] === 1) worst = Math.max(worst, ws.emissionKg[o]!)
  }
  const avoided = Math.min(lambdaA, lambdaE)
  const prices = new Float64Array(ws.optionCount)
  for (let o = 0; o < ws.optionCount; o++) {
    if (admission.isAdmissible[o] === 0) continue
    prices[o] = avoided * ws.avoidedKg[o]! - lambdaE * (ws.isEmissionKnown[o] === 1 ? ws.emissionKg[o]! : worst)
  }
  return prices
}

/** `outcomes` is needed only where the policy prices risk. */
export function rankOptions(
  compiled: Compiled,
  { facts, reference }: Case,
  admission: Admission,
  ws: Workspace,
  outcomes: Outcomes,
): Ranking {
  const { eta, esgCapShare } = compiled.parameters
  const hubMinuteMinor = facts.item.hubMinuteMinor ?? compiled.parameters.hubMinuteMinor
  const shift = emissionPrices(compiled, admission, ws)
  const money = new Float64Array(ws.optionCount)
  const utility = new Float64Array(ws.optionCount)
  const open: number[] = []
  let moneyBest = -1
  for (let o = 0; o < ws.optionCount; o++) {
    if (admission.isAdmissible[o] === 0) continue
    open.push(o)
    const risk = eta === 0 ? 0 : eta * (ws.mean[o]! - outcomes.tail[o]!)
    const other = hubMinuteMinor * ws.minutes[o]! + risk
    shift[o] = shift[o]! - other
    money[o] = ws.mean[o]! - other
    utility[o] = ws.mean[o]! + shift[o]!
    if (moneyBest < 0 || money[o]! > money[moneyBest]!) moneyBest = o
  }
  // No more than this may be given up for emissions on one unit.
  const least = moneyBest < 0 ? 0 : money[moneyBest]! - esgCapShare * reference
  const ranked = open.toSorted((a, b) => {
    const isWithin = Number(money[b]! >= least) - Number(money[a]! >= least)
    return isWithin !== 0 ? isWithin : utility[b]! - utility[a]! || a - b
  })
  return { ranked, moneyBest, shift }
}
