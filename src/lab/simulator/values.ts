import type { Compiled } from '#services/recommendation/compile.ts'
import type { Ledger } from './ledger.ts'
import { saleDay, saleWeeks, weeklySales, type Market } from './market.ts'
import { along, curvePlace } from './price-curves.ts'
import { cells, faultOf } from './states.ts'
import type { WorldModel } from './world-model.ts'

/** Mean values of every option in every cell of wear and fault, for one unit; used again for the next. Paise. */
export type CellValues = {
  /** By option x cell: value when sold within the horizon or not, without what an unsold unit still brings. */
  readonly value: Float64Array
  readonly unsold: Float64Array
  /** By option x cell: price and fees of a sale at once, less the way there: what is left of an unsold unit. */
  readonly salvage: Float64Array
  /** By option x cell: ln of the mean price on the day that the unit is listed. */
  readonly listed: Float64Array
}

export function newCellValues(optionCount: number): CellValues {
  const make = () => new Float64Array(optionCount * cells)
  return { value: make(), unsold: make(), salvage: make(), listed: make() }
}

const weekly = new Float64Array(26)

export function valueCells(
  world: WorldModel,
  ledger: Ledger,
  market: Market,
  isWanted: Uint8Array,
  out: CellValues,
): void {
  for (const entry of ledger.entries) {
    const { option, schedule } = entry
    if (isWanted[option.index] === 0) continue
    if (schedule === null) valueWithoutBuyer(ledger, option.index, out)
    else if (option.channel.saleDaysFactor === 0) valueAtOnce(world, ledger, market, option.index, out)
    else valueSales(world, ledger, market, option.index, out)
  }
}

function valueWithoutBuyer(ledger: Ledger, o: number, out: CellValues): void {
  const { fixed, proceeds, honoured, startDays, outbound, disposal, credits } = ledger.entries[o]!
  const at = o * cells
  out.value.fill(fixed + proceeds * honoured - ledger.holdPerDay * startDays, at, at + cells)
  out.salvage.fill(proceeds - outbound - disposal + credits, at, at + cells)
  out.unsold.fill(0, at, at + cells)
}

function curvesOf({ curves }: WorldModel, market: Market, { schedule, option }: Ledger['entries'][number]) {
  return [0, 1].map((k) => curves.of(schedule!, market.spread[option.priceClass * 2 + k]!))
}

/** ln of the mean of the noise of a price: without a fault, with one. */
function noiseMeans({ curves }: WorldModel, market: Market, { option }: Ledger['entries'][number]) {
  return [0, 1].map((k) => Math.log(curves.meanFactor(market.spread[option.priceClass * 2 + k]!)))
}

function valueAtOnce(world: WorldModel, ledger: Ledger, market: Market, o: number, out: CellValues): void {
  const entry = ledger.entries[o]!
  const curves = curvesOf(world, market, entry)
  const means = noiseMeans(world, market, entry)
  const { gstFactor } = world.compiled
  const { startDays, option } = entry
  const start = Math.log(ledger.reference) + entry.depth - market.decayPerDay * startDays
  const holding = ledger.holdPerDay * startDays
  for (let cell = 0; cell < cells; cell++) {
    const listed = start + market.logPrice[option.priceClass * cells + cell]!
    const curve = curves[faultOf(cell) > 0 ? 1 : 0]!
    const place = curvePlace(listed)
    const net = along(curve.price, place) - gstFactor * (along(curve.fee, place) + entry.weightFee)
    const at = o * cells + cell
    out.listed[at] = listed + means[faultOf(cell) > 0 ? 1 : 0]!
    out.value[at] = entry.fixed + net - holding
    out.salvage[at] = net - entry.outbound - entry.disposal + entry.credits
    out.unsold[at] = 0
  }
}

function valueSales(world: WorldModel, ledger: Ledger, market: Market, o: number, out: CellValues): void {
  const entry = ledger.entries[o]!
  const { option, startDays } = entry
  const c = option.priceClass
  const curves = curvesOf(world, market, entry)
  const means = noiseMeans(world, market, entry)
  const { gstFactor, parameters } = world.compiled
  const horizon = option.policy.horizonDays
  const weeks = saleWeeks(horizon)
  const start = Math.log(ledger.reference) + entry.depth - market.decayPerDay * startDays
  for (let cell = 0; cell < cells; cell++) {
    const listed = start + market.logPrice[c * cells + cell]!
    const curve = curves[faultOf(cell) > 0 ? 1 : 0]!
    const kept = 1 - market.rereturn[c * cells + cell]! * parameters.rereturnLoss
    const unsold = weeklySales(
      market.hazard[c * cells + cell]!,
      world.p.saleShape,
      option.channel.saleDaysFactor,
      weeks,
      weekly,
    )
    let net = -gstFactor * (1 - unsold) * entry.weightFee
    let days = startDays + unsold * horizon
    for (let week = 1; week <= weeks; week++) {
      const chance = weekly[week - 1]!
      const day = saleDay(week)
      const place = curvePlace(listed - market.decayPerDay * day)
      net += chance * (kept * along(curve.price, place) - gstFactor * along(curve.fee, place))
      days += chance * day
    }
    const at = o * cells + cell
    out.listed[at] = listed + means[faultOf(cell) > 0 ? 1 : 0]!
    out.value[at] = entry.fixed + net - ledger.holdPerDay * days
    out.unsold[at] = unsold
  }
}

/** Ways out that are chosen by grade before the check, once the grade is known: -1 where there is none. */
export type WaysOut = {
  /** Where a unit goes whose grade its channel refuses. */
  readonly elsewhere: Int32Array
  /** Where it goes when its repair fails. */
  readonly afterRepair: Int32Array
  /** What becomes of it when nobody buys it, and whether what that brings falls with time. */
  readonly unsold: Int32Array
  readonly isFalling: Uint8Array
}

/** The best way out by grade, in the mean over what is known at intake and the grade. */
export function waysOut(
  ledger: Ledger,
  cellValues: CellValues,
  admissible: Uint8Array,
  genuine: Float64Array,
  grades: readonly Float64Array[],
): WaysOut {
  const ways = {
    elsewhere: new Int32Array(5).fill(-1),
    afterRepair: new Int32Array(5).fill(-1),
    unsold: new Int32Array(5).fill(-1),
    isFalling: new Uint8Array(5),
  }
  for (let g = 0; g < 5; g++) {
    const weights = grades[g]!
    let mass = 0
    for (let cell = 0; cell < cells; cell++) mass += genuine[cell]! * weights[cell]!
    if (mass === 0) continue
    let [best, bestRepair, bestUnsold] = [-Infinity, -Infinity, -Infinity]
    // From the last, as the product does: of equals the later one stays.
    for (const { option, isTerminal, accepts } of ledger.entries.toReversed()) {
      const o = option.index
      if (!isTerminal || admissible[o] === 0 || (accepts & (1 << g)) === 0) continue
      let value = 0
      let salvage = 0
      for (let cell = 0; cell < cells; cell++) {
        const weight = genuine[cell]! * weights[cell]!
        value += weight * cellValues.value[o * cells + cell]!
        salvage += weight * cellValues.salvage[o * cells + cell]!
      }
      if (value / mass > best) {
        best = value / mass
        ways.elsewhere[g] = o
      }
      const { route } = option
      if ((route === 'parts' || route === 'liquidate') && value / mass > bestRepair) {
        bestRepair = value / mass
        ways.afterRepair[g] = o
      }
      if (route === 'vendor' || route === 'parts' || salvage / mass <= bestUnsold) continue
      bestUnsold = salvage / mass
      ways.unsold[g] = o
      ways.isFalling[g] = bestUnsold > 0 ? 1 : 0
    }
    if (ways.afterRepair[g]! < 0) ways.afterRepair[g] = ways.elsewhere[g]!
  }
  return ways
}

/** What an abused unit is worth by option: it ends at the recycler or the processor, whatever was planned. */
export function abuseValues(
  compiled: Compiled,
  ledger: Ledger,
  admissible: Uint8Array,
  ends: readonly string[] = ['recycle', 'destroy'],
): Float64Array {
  const valueOf = (o: number) => {
    const { fixed, proceeds, startDays } = ledger.entries[o]!
    return fixed + proceeds - ledger.holdPerDay * startDays
  }
  const open = ledger.entries.filter(({ option }) => ends.includes(option.route) && admissible[option.index] === 1)
  const best = Math.max(...open.map(({ option }) => valueOf(option.index)))
  return Float64Array.from(ledger.entries, ({ option }) =>
    open.some((entry) => entry.option === option) ? valueOf(option.index) : best - compiled.parameters.rerouteMinor,
  )
}
