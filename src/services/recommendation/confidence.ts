import { predictionAt } from '#contracts/prediction.ts'
import type { Admission } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import { normals, poolIndex, quickExp, streamStart, uniforms, waitingTime } from './draws.ts'
import { holdPerDay, keptShare, salvageAt, vendorCredit } from './expected-value.ts'
import { slabAt } from './fees.ts'
import { quantiles } from './quantiles.ts'
import type { Case, Workspace } from './workspace.ts'
import { repairStates } from './workspace.ts'

/** Joint outcomes of all options of one unit: the same hidden grade, repair and abuse for all, correlated prices and times. */
export type Outcomes = {
  readonly draws: number
  /** Net recovery value by option x draw. */
  readonly values: Float64Array
  readonly grade: Uint8Array
  readonly repair: Uint8Array
  readonly isAbuse: Uint8Array
  readonly best: Float64Array
  /** By option. */
  readonly low: Float64Array
  readonly median: Float64Array
  readonly high: Float64Array
  readonly tail: Float64Array
}

export function newOutcomes(optionCount: number, drawsMax: number): Outcomes {
  const o = () => new Float64Array(optionCount)
  return {
    draws: drawsMax,
    values: new Float64Array(optionCount * drawsMax),
    grade: new Uint8Array(drawsMax),
    repair: new Uint8Array(drawsMax),
    isAbuse: new Uint8Array(drawsMax),
    best: new Float64Array(drawsMax),
    low: o(),
    median: o(),
    high: o(),
    tail: o(),
  }
}

type Drawing = { readonly seed: number; readonly draws: number }

/** Draws every admissible option and its quantiles. The same seed gives the same answer on replay. */
export function drawOutcomes(
  compiled: Compiled,
  unit: Case,
  admission: Admission,
  ws: Workspace,
  out: Outcomes,
  { seed, draws }: Drawing,
): void {
  drawHidden(unit, ws, out, { seed, draws })
  for (const option of compiled.options) {
    if (admission.isAdmissible[option.index] === 0) continue
    drawOption(compiled, unit, option, ws, out, { seed, draws })
    drawQuantiles(option.index, out, draws, compiled.parameters.eta !== 0)
  }
}

function drawHidden({ values, at }: Case, ws: Workspace, out: Outcomes, { seed, draws }: Drawing): void {
  const grades = streamStart(seed, 0, 8)
  const repairs = streamStart(seed, 1, 8)
  const abuses = streamStart(seed, 2, 8)
  for (let b = 0; b < draws; b++) {
    const u = uniforms[poolIndex(grades, b)]!
    let g = 0
    let sum = ws.gradeShares[0]!
    while (u >= sum && g < 4) sum += ws.gradeShares[++g]!
    // Rounding can leave u above the whole sum: the grade must still be a possible one.
    while (ws.gradeShares[g] === 0) g--
    out.grade[b] = g
    const v = uniforms[poolIndex(repairs, b)]!
    const none = ws.repairShares[g * repairStates]!
    out.repair[b] = v < none ? 0 : v < none + ws.repairShares[g * repairStates + 1]! ? 1 : 2
    out.isAbuse[b] = uniforms[poolIndex(abuses, b)]! < values[at + predictionAt.abuse]! ? 1 : 0
  }
}

function drawOption(
  compiled: Compiled,
  unit: Case,
  option: OptionSpec,
  ws: Workspace,
  out: Outcomes,
  drawing: Drawing,
): void {
  if (option.priceClass >= 0) return drawSales(compiled, unit, option, ws, out, drawing)
  const { index: o, channel, route } = option
  const { seed, draws } = drawing
  const start = streamStart(seed, 3, 8)
  const credit = route === 'vendor' ? vendorCredit(unit, option) : 0
  for (let b = 0; b < draws; b++) {
    const g = out.grade[b]!
    let value = out.isAbuse[b] ? ws.abuseValue[o]! : ws.values[(o * 5 + g) * repairStates]!
    if (credit > 0 && !out.isAbuse[b]) {
      const isHonoured = uniforms[poolIndex(start, b)]! < channel.creditChance
      value += credit * ((isHonoured ? 1 : 0) - channel.creditChance)
    }
    out.values[o * out.draws + b] = value
  }
}

const prices = new Float64Array(5)
const left = new Float64Array(5)

/** One draw: price and time of sale from the joint normals, then the same arithmetic as in the mean. */
function drawSales(
  compiled: Compiled,
  unit: Case,
  option: OptionSpec,
  ws: Workspace,
  out: Outcomes,
  { seed, draws }: Drawing,
): void {
  const { gstFactor, parameters } = compiled
  const { index: o, policy } = option
  const decayPerDay = unit.values[unit.at + predictionAt.decay]!
  const streams = 3 + 2 * ws.optionCount
  const commonPrice = streamStart(seed, 0, streams)
  const commonTime = streamStart(seed, 1, streams)
  const repairNoise = streamStart(seed, 2, streams)
  const ownPrice = streamStart(seed, 3 + 2 * o, streams)
  const ownTime = streamStart(seed, 4 + 2 * o, streams)
  const shared = Math.sqrt(parameters.copulaCorrelation)
  const own = Math.sqrt(1 - parameters.copulaCorrelation)
  const kept = keptShare(compiled, unit, option)
  const holding = holdPerDay(compiled, unit)
  const schedule = ws.schedules[o]!
  const horizon = policy.horizonDays
  const lastDay = ws.startDays[o]! + horizon
  const fixed = ws.fixed[o]! - holding * ws.startDays[o]!
  const fixedSold = fixed - gstFactor * ws.weightFee[o]!
  const isRepair = option.route === 'refurbish'
  for (let g = 0; g < 5; g++) {
    prices[g] = Math.exp(ws.logPrice[o * 5 + g]!)
    left[g] = salvageAt(g, lastDay, decayPerDay, ws)
  }
  const at = o * out.draws
  for (let b = 0; b < draws; b++) {
    const g = out.grade[b]!
    const og = o * 5 + g
    if (out.isAbuse[b] === 1) {
      out.values[at + b] = ws.abuseValue[o]!
      continue
    }
    if (ws.isAccepted[og] === 0 || (isRepair && out.repair[b] === 2)) {
      out.values[at + b] = ws.values[og * repairStates + (isRepair ? out.repair[b]! : 0)]!
      continue
    }
    const mean = ws.saleDays[og]!
    let wait = 0
    if (mean > 0)
      wait = mean * waitingTime(shared * normals[poolIndex(commonTime, b)]! + own * normals[poolIndex(ownTime, b)]!)
    let value: number
    if (wait > horizon) value = fixed - holding * horizon + left[g]!
    else {
      const z = shared * normals[poolIndex(commonPrice, b)]! + own * normals[poolIndex(ownPrice, b)]!
      const paid = prices[g]! * quickExp(ws.logPriceSd[og]! * z - decayPerDay * wait)
      const slab = slabAt(schedule, paid)
      const net = paid - gstFactor * (schedule.share[slab]! * paid + schedule.flat[slab]!)
      const edge = schedule.edgeNet[slab]!
      // The asking price of fees.ts, without looking its slab up again.
      const sold = net < edge ? edge - (1 - kept) * schedule.edgePrice[slab]! : net - (1 - kept) * paid
      value = fixedSold - holding * wait + sold
    }
    if (isRepair && out.repair[b] === 1) {
      const sd = parameters.repairCostSd
      value -= ws.repairCost[g]! * quickExp(sd * normals[poolIndex(repairNoise, b)]! - (sd * sd) / 2)
    }
    out.values[at + b] = value
  }
}

function drawQuantiles(o: number, out: Outcomes, draws: number, hasTail: boolean): void {
  const { values } = out
  const from = o * out.draws
  const last = draws - 1
  const low = Math.round(0.05 * last)
  const spread = quantiles(values, {
    from,
    count: draws,
    ranks: [low, Math.round(0.5 * last), Math.round(0.95 * last)],
  })
  out.low[o] = spread[0]
  out.median[o] = spread[1]
  out.high[o] = spread[2]
  if (!hasTail) return
  let sum = 0
  let below = 0
  for (let b = from; b < from + draws; b++) {
    if (values[b]! >= spread[0]) continue
    sum += values[b]!
    below++
  }
  // Draws equal to the quantile fill the tail up to its size.
  out.tail[o] = (sum + (low + 1 - below) * spread[0]) / (low + 1)
}

/** Share of draws in which the chosen option is at least as good as every other. `shift` turns a value into a utility. */
export function winShare(
  chosen: number,
  ranked: readonly number[],
  shift: Float64Array,
  out: Outcomes,
  draws: number,
): number {
  const { best, values } = out
  best.fill(Number.NEGATIVE_INFINITY, 0, draws)
  for (const o of ranked) {
    if (o === chosen) continue
    const at = o * out.draws
    const add = shift[o]!
    for (let b = 0; b < draws; b++) {
      const utility = values[at + b]! + add
      if (utility > best[b]!) best[b] = utility
    }
  }
  let wins = 0
  const at = chosen * out.draws
  const add = shift[chosen]!
  for (let b = 0; b < draws; b++) if (values[at + b]! + add >= best[b]!) wins++
  return wins / draws
}

/** Raw share of wins to a confidence, along the fitted map. */
export function calibrated(raw: number, knots: readonly (readonly [number, number])[]): number {
  let i = 1
  while (i < knots.length - 1 && raw > knots[i]![0]) i++
  const [x0, y0] = knots[i - 1]!
  const [x1, y1] = knots[i]!
  return x1 === x0 ? y1 : y0 + ((Math.min(Math.max(raw, x0), x1) - x0) / (x1 - x0)) * (y1 - y0)
}

/**
 * Value of looking: what knowing grade, repair and abuse before the choice would be worth, with prices and times at their
 * means. These have few states, so the mean over them is exact instead of drawn.
 */
export function valueOfLooking(
  chosen: number,
  ranked: readonly number[],
  shift: Float64Array,
  abuse: number,
  hasRepair: boolean,
  ws: Workspace,
): number {
  let gain = 0
  for (let g = 0; g < 5; g++) {
    const share = ws.gradeShares[g]!
    if (share === 0) continue
    for (let r = 0; r < (hasRepair ? repairStates : 1); r++) {
      const chance = hasRepair ? ws.repairShares[g * repairStates + r]! : 1
      if (chance === 0) continue
      const at = g * repairStates + r
      const held = ws.values[chosen * 5 * repairStates + at]! + shift[chosen]!
      let best = held
      for (const o of ranked) {
        const utility = ws.values[o * 5 * repairStates + at]! + shift[o]!
        if (utility > best) best = utility
      }
      gain += (1 - abuse) * share * chance * (best - held)
    }
  }
  let best = Number.NEGATIVE_INFINITY
  for (const o of ranked) best = Math.max(best, ws.abuseValue[o]! + shift[o]!)
  return gain + abuse * Math.max(0, best - ws.abuseValue[chosen]! - shift[chosen]!)
}
