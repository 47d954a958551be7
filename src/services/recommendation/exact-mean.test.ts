import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { priceClasses } from '#contracts/decision.ts'
import {
  predictionAt,
  predictionWidth,
  pricePlace,
  quantileNormals,
  repairCostPlace,
  salePlace,
} from '#contracts/prediction.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { categories, data, unit } from '../../../test/support/decision.ts'
import { compiledFor } from './compile.ts'
import { admit } from './constraints.ts'
import { normalCdf } from './draws.ts'
import { keptShare, salvageAt } from './expected-value.ts'
import { unitFacts } from './facts.ts'
import { askingPrice, priceFee } from './fees.ts'
import { drawOutcomes, newOutcomes } from './outcomes.ts'
import { middleOfWeek } from './sale-time.ts'
import { valueOptions } from './value-options.ts'
import { FEES, GROSS, newWorkspace, partCount } from './workspace.ts'

/** The arithmetic of the mean, held against fine sums over price and weeks and against draws. */

const compiled = compiledFor(data, categories)
const count = compiled.options.length
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })

type Drawn = { readonly middle: number; readonly steps: readonly number[]; readonly logit: number }
const cell: fc.Arbitrary<Drawn> = fc.record({
  middle: real(-2.5, 0.1),
  steps: fc.array(real(0.01, 0.9), { minLength: 4, maxLength: 4 }),
  logit: real(-3, 2),
})
const world = fc.record({
  cells: fc.array(cell, { minLength: 7, maxLength: 7 }),
  shape: fc.array(real(-1, 1), { minLength: 3, maxLength: 3 }),
  grades: fc.array(real(0.05, 1), { minLength: 5, maxLength: 5 }),
  decay: real(0, 0.004),
  rereturn: real(0, 0.3),
  abuse: real(0, 0.2),
  need: real(0, 1),
  success: real(0, 1),
  categoryId: fc.constantFrom(...categories.keys()),
  priceMinor: fc.integer({ min: 10_000, max: 4_000_000 }),
  grade: fc.option(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { nil: null }),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never

/** Quantiles about the median: steps are the widths of the four pieces. A grade lower is worth a tenth less. */
function quantilesOf({ middle, steps }: Drawn, g: number): number[] {
  const at = middle - 0.1 * g
  const [a, b, c, d] = steps as [number, number, number, number]
  return [at - b - a, at - b, at, at + c, at + c + d]
}

function valued(w: World) {
  const item: DecisionItem = unit({
    categoryId: w.categoryId,
    priceMinor: w.priceMinor,
    grade: w.grade as DecisionItem['grade'],
    point: w.grade === null ? 't0' : 't1',
    isVendorReturnable: true,
  })
  const values = new Float64Array(predictionWidth)
  const sum = w.grades.reduce((a, b) => a + b, 0)
  for (let g = 0; g < 5; g++) {
    values[predictionAt.grade + g] = w.grades[g]! / sum
    values[predictionAt.repairNeed + g] = w.need
    values[predictionAt.repairSuccess + g] = w.success
    values.set(
      quantilesOf(w.cells[6]!, 0).map((q) => q - 1),
      repairCostPlace(g),
    )
    priceClasses.forEach((_, c) => {
      values.set(quantilesOf(w.cells[c]!, g), pricePlace(c, g))
      values[salePlace(c, g)] = w.cells[c]!.logit
      values[predictionAt.rereturn + c] = w.rereturn
    })
  }
  values.set(w.shape, predictionAt.saleShape)
  values[predictionAt.abuse] = w.abuse
  values[predictionAt.decay] = w.decay
  values[predictionAt.depth] = 0.15
  const facts = unitFacts(compiled, item)
  const given = { facts, reference: facts.reference!, values, at: 0 }
  const shares = values.subarray(predictionAt.grade, predictionAt.grade + 5)
  const admission = admit(compiled, facts, { gradeShares: shares, abuse: w.abuse })
  const ws = newWorkspace(count)
  valueOptions(compiled, given, admission, ws)
  return { given, admission, ws, item }
}

const steps = 4_000
/** Prices beyond four normal deviations count as much as what lies within: the curve's own edge. */
const edge = 4
/** A fee that jumps between two nodes shifts the mean by a part of the jump: money, not a share of the price. */
const feeStepMinor = 300
/** Chance of each of many narrow strips of the normal, at its middle. */
const strips = Array.from({ length: steps }, (_, i) => {
  const z = -edge + ((i + 0.5) * 2 * edge) / steps
  return { z, p: normalCdf(z + edge / steps) - normalCdf(z - edge / steps) }
})

function logAt(quantiles: readonly number[], z: number): number {
  const i = z < quantileNormals[1] ? 0 : z < 0 ? 1 : z < quantileNormals[3] ? 2 : 3
  const [z0, z1] = [quantileNormals[i], quantileNormals[i + 1]!]
  return quantiles[i]! + ((quantiles[i + 1]! - quantiles[i]!) * (z - z0)) / (z1 - z0)
}

describe('the mean over price and time', () => {
  it('is that of fine sums to 0.3 % of the reference price and a part of a fee step, whatever the fees, spreads and hazards', () => {
    let worst = 0
    let compared = 0
    fc.assert(
      fc.property(world, (w) => {
        const { given, admission, ws, item } = valued(w)
        const g = ws.gradeShares.findLastIndex((share) => share > 0)
        for (const option of compiled.options) {
          const o = option.index
          const { policy, channel } = option
          if (admission.isAdmissible[o] === 0 || option.priceClass < 0 || ws.isAccepted[o * 5 + g] === 0) continue
          if (option.route === 'refurbish') continue
          const weeks = channel.saleDaysFactor === 0 ? 1 : policy.horizonDays / 7
          const quantiles = quantilesOf(w.cells[option.priceClass]!, g)
          const kept = keptShare(compiled, given, option)
          const schedule = ws.schedules[o]!
          let unsold = 1
          let total = 0
          for (let j = 0; j < weeks; j++) {
            const step = j < 1 ? 0 : w.shape[j < 4 ? 0 : j < 12 ? 1 : 2]!
            const hazard = 1 / (1 + Math.exp(-(w.cells[option.priceClass]!.logit + step)))
            const isAtOnce = channel.saleDaysFactor === 0
            const sold = isAtOnce ? 1 : unsold * (1 - (1 - hazard) ** (1 / channel.saleDaysFactor))
            unsold -= sold
            const scale = ws.scale[o]! * Math.exp(-w.decay * (isAtOnce ? 0 : middleOfWeek(j, weeks)))
            let net = 0
            // A coarser sum for all but one option in ten keeps the test short.
            const stride = (o + item.priceMinor!) % 10 === 0 ? 1 : 8
            for (let i = 0; i < steps; i += stride) {
              const { z } = strips[i]!
              const p = stride === 1 ? strips[i]!.p : strips.slice(i, i + stride).reduce((a, s) => a + s.p, 0)
              const middle = stride === 1 ? z : z + ((stride - 1) * edge) / steps
              const price = askingPrice(schedule, scale * Math.exp(logAt(quantiles, middle)), compiled.gstFactor)
              net += p * (price * kept - compiled.gstFactor * (priceFee(schedule, price) + ws.weightFee[o]!))
            }
            total += sold * net
          }
          const left = salvageAt(g, ws.startDays[o]! + policy.horizonDays, w.decay, ws)
          total += (channel.saleDaysFactor === 0 ? 0 : unsold) * left
          const at = (o * 5 + g) * partCount
          const off = Math.abs(ws.parts[at + GROSS]! + ws.parts[at + FEES]! - total) / given.reference
          worst = Math.max(worst, off)
          compared += 1
          assert.ok(
            off < 0.003 + feeStepMinor / given.reference,
            `${option.route} ${channel.id}: off by ${off} of the reference price`,
          )
        }
      }),
      { numRuns: 60 },
    )
    assert.ok(compared > 100, `${compared} means, worst ${worst}`)
  })

  it('is that of the draws, with hidden grades, repairs and abuse', () => {
    const out = newOutcomes(count, 512)
    fc.assert(
      fc.property(world, (w) => {
        const { given, admission, ws } = valued(w)
        const sums = new Float64Array(count)
        const squares = new Float64Array(count)
        const rounds = 64
        for (let seed = 0; seed < rounds; seed++) {
          drawOutcomes(compiled, given, admission, ws, out, { seed: (seed * 65_536) / rounds, draws: 512 })
          for (let o = 0; o < count; o++) {
            for (let b = 0; b < 512; b++) {
              const value = out.values[o * 512 + b]!
              sums[o] = sums[o]! + value
              squares[o] = squares[o]! + value * value
            }
          }
        }
        const n = rounds * 512
        for (let o = 0; o < count; o++) {
          if (admission.isAdmissible[o] === 0) continue
          const mean = sums[o]! / n
          const error = Math.sqrt(Math.max(0, squares[o]! / n - mean * mean) / n)
          const off = Math.abs(mean - ws.mean[o]!)
          assert.ok(
            off < 6 * error + 0.003 * given.reference,
            `${compiled.options[o]!.route} ${compiled.options[o]!.channel.id}: ${mean} drawn, ${ws.mean[o]} computed`,
          )
        }
      }),
      { numRuns: 25 },
    )
  })
})
