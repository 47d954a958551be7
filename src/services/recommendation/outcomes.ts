import { predictionAt } from '#contracts/prediction.ts'
import type { Admission } from './constraints.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import { normals, poolIndex, quickExp, streamStart, uniforms, waitingTime } from './draws.ts'
import { failedOption } from './branches.ts'
import { holdPerDay, salvageAt, vendorCredit } from './expected-value.ts'
import { slabAt } from './fees.ts'
import { curveAt, curveWidth } from './price-curve.ts'
import { quantiles } from './quantiles.ts'
import { horizonWeeks, rateCount, saleDayIn, saleStepsWidth, writeSaleStepsOf } from './sale-time.ts'
import type { Case, Workspace } from './workspace.ts'
import { repairSlot, repairStates, slotOf } from './workspace.ts'

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

/** Grade, repair, abuse and the vendor's answer, then one stream an option for units that come back again. */
const uniformStreams = (ws: Workspace) => 4 + ws.optionCount

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
  }
  for (const option of compiled.options) {
    if (admission.isAdmissible[option.index] === 0) continue
    drawElsewhere(compiled, unit, option, ws, out, { seed, draws })
    drawQuantiles(option.index, out, draws, compiled.parameters.eta !== 0)
  }
}

function drawHidden({ values, at }: Case, ws: Workspace, out: Outcomes, { seed, draws }: Drawing): void {
  const grades = streamStart(seed, 0, uniformStreams(ws))
  const repairs = streamStart(seed, 1, uniformStreams(ws))
  const abuses = streamStart(seed, 2, uniformStreams(ws))
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
  const start = streamStart(seed, 3, uniformStreams(ws))
  const credit = route === 'vendor' ? vendorCredit(unit, option) : 0
  for (let b = 0; b < draws; b++) {
    const g = out.grade[b]!
    let value = out.isAbuse[b] ? ws.abuseValue[o]! : ws.values[(o * 5 + g) * repairStates]!
    if (ws.isAccepted[o * 5 + g] === 0 && !out.isAbuse[b]) value = Number.NaN
    else if (credit > 0 && !out.isAbuse[b]) {
      const isHonoured = uniforms[poolIndex(start, b)]! < channel.creditChance
      value += credit * ((isHonoured ? 1 : 0) - channel.creditChance)
    }
    out.values[o * out.draws + b] = value
  }
}

function repairCost({ reference }: Case, g: number, z: number, ws: Workspace): number {
  return reference * quickExp(curveAt(ws.curves, repairSlot(g) * curveWidth, z))
}

/** Draws that end on another route: a grade that the channel refuses, a repair that fails. They take that route's draw. */
function drawElsewhere(
  compiled: Compiled,
  unit: Case,
  option: OptionSpec,
  ws: Workspace,
  out: Outcomes,
  { seed, draws }: Drawing,
): void {
  const { index: o } = option
  const { rerouteMinor, repairSunkShare } = compiled.parameters
  const noise = streamStart(seed, 2, 3 + 2 * ws.optionCount)
  for (let b = 0; b < draws; b++) {
    if (!Number.isNaN(out.values[o * out.draws + b]!)) continue
    const g = out.grade[b]!
    const isRefused = ws.isAccepted[o * 5 + g] === 0
    const to = isRefused ? ws.fallbackOption[g]! : failedOption(g, ws)
    const lost = isRefused ? rerouteMinor : repairSunkShare * repairCost(unit, g, normals[poolIndex(noise, b)]!, ws)
    out.values[o * out.draws + b] =
      to < 0 ? ws.values[(o * 5 + g) * repairStates + (isRefused ? 0 : 2)]! : out.values[to * out.draws + b]! - lost
  }
}

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
  const { index: o, policy, priceClass } = option
  const decayPerDay = unit.values[unit.at + predictionAt.decay]!
  const streams = 3 + 2 * ws.optionCount
  const commonPrice = streamStart(seed, 0, streams)
  const commonTime = streamStart(seed, 1, streams)
  const repairNoise = streamStart(seed, 2, streams)
  const ownPrice = streamStart(seed, 3 + 2 * o, streams)
  const ownTime = streamStart(seed, 4 + 2 * o, streams)
  const shared = Math.sqrt(parameters.copulaCorrelation)
  const own = Math.sqrt(1 - parameters.copulaCorrelation)
  const returned = unit.values[unit.at + predictionAt.rereturn + priceClass]!
  const returns = streamStart(seed, 4 + o, uniformStreams(ws))
  const holding = holdPerDay(compiled, unit)
  const schedule = ws.schedules[o]!
  const speed = option.channel.saleDaysFactor
  const weeks = horizonWeeks(policy.horizonDays)
  const scale = ws.scale[o]!
  const start = ws.startDays[o]!
  const fixed = ws.fixed[o]! - holding * start
  const fixedSold = fixed - gstFactor * ws.weightFee[o]!
  const isRepair = option.route === 'refurbish'
  for (let g = 0; g < 5; g++) {
    left[g] = fixed - holding * policy.horizonDays + salvageAt(g, start + policy.horizonDays, decayPerDay, ws)
  }
  const at = o * out.draws
  const { values, grade, isAbuse, repair: repairs } = out
  const { curves, isAccepted } = ws
  const abuseValue = ws.abuseValue[o]!
  const { share, flat, edgeNet, edgePrice } = schedule
  if (speed > 0) writeSaleSteps(ws, priceClass, weeks)
  for (let b = 0; b < draws; b++) {
    if (isAbuse[b] === 1) {
      values[at + b] = abuseValue
      continue
    }
    const g = grade[b]!
    const repair = isRepair ? repairs[b]! : 0
    if (isAccepted[o * 5 + g] === 0 || repair === 2) {
      values[at + b] = Number.NaN
      continue
    }
    const cost = repair === 0 ? 0 : repairCost(unit, g, normals[poolIndex(repairNoise, b)]!, ws)
    let wait = 0
    if (speed > 0) {
      const z = shared * normals[poolIndex(commonTime, b)]! + own * normals[poolIndex(ownTime, b)]!
      wait = saleDayIn(saleStepsOf, g, weeks, speed * waitingTime(z))
    }
    if (wait === Number.POSITIVE_INFINITY) {
      values[at + b] = left[g]! - cost
      continue
    }
    const z = shared * normals[poolIndex(commonPrice, b)]! + own * normals[poolIndex(ownPrice, b)]!
    const paid = scale * quickExp(curveAt(curves, slotOf(priceClass, g) * curveWidth, z) - decayPerDay * wait)
    const slab = slabAt(schedule, paid)
    const net = paid - gstFactor * (share[slab]! * paid + flat[slab]!)
    const edge = edgeNet[slab]!
    // The asking price of fees.ts, without looking its slab up again.
    let sold = net < edge ? edge : net
    if (uniforms[poolIndex(returns, b)]! < returned) {
      sold -= parameters.rereturnLoss * (net < edge ? edgePrice[slab]! : paid)
    }
    values[at + b] = fixedSold - holding * wait + sold - cost
  }
}

/** Steps of sale of the option that is drawn, by grade. */
const saleStepsOf = new Float64Array(5 * saleStepsWidth)

function writeSaleSteps(ws: Workspace, priceClass: number, weeks: number): void {
  for (let g = 0; g < 5; g++) {
    if (ws.gradeShares[g] !== 0) {
      writeSaleStepsOf(ws.rates, slotOf(priceClass, g) * rateCount, weeks, saleStepsOf, g * saleStepsWidth)
    }
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
