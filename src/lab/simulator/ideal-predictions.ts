import {
  predictionAt,
  predictionWidth,
  pricePlace,
  quantileLevels,
  repairCostPlace,
  salePlace,
} from '#contracts/prediction.ts'
import type { PredictedBatch } from '#integrations/inference/port.ts'
import { normalCdf } from '#services/recommendation/draws.ts'
import { gradeChances, repairGiven } from './check.ts'
import { classCount } from './market.ts'
import { along, noiseEdge, type PriceCurves } from './price-curves.ts'
import type { SimulatedUnit } from './simulate-unit.ts'
import { cells, faultOf, total } from './states.ts'

/**
 * What a perfect model would predict: the true distributions by grade, cast into the one row that every engine answers.
 * What the decision engine still loses with it, it loses by its own arithmetic.
 */
export function idealPredictions(unit: SimulatedUnit, point: 't0' | 't1'): PredictedBatch {
  const values = new Float64Array(predictionWidth)
  const belief = point === 't0' ? unit.belief0 : unit.belief1
  const { market, world } = unit.scene
  const genuine = total(belief, 0, cells)
  const grades = gradeChances(unit.goods, unit.checked.isPart)
  const repair = { need: new Float64Array(cells), cost: new Float64Array(cells) }
  repairGiven(world, market, point === 't0' ? null : unit.checked.estimate, repair)
  const noise = Math.sqrt(repairVariance(unit, point))
  for (let g = 0; g < 5; g++) {
    const weights = Float64Array.from(
      { length: cells },
      (_, cell) => belief[cell]! * (point === 't0' ? grades[g]![cell]! : 1),
    )
    const mass = total(weights)
    values[predictionAt.grade + g] = point === 't0' ? mass / genuine : unit.checked.grade === g ? 1 : 0
    if (mass === 0) weights.fill(1 / cells)
    writeGrade(unit, weights, g, repair, noise, values)
  }
  const shape = world.p.saleShape
  const mean = meanHazard(unit, belief)
  // The steps of the hazard as steps of its logit, about the usual hazard.
  const logit = (hazard: number) => Math.log(Math.expm1(hazard))
  for (let s = 0; s < 3; s++) values[predictionAt.saleShape + s] = logit(mean * shape[s + 1]!) - logit(mean * shape[0]!)
  for (let c = 0; c < classCount; c++) {
    values[predictionAt.rereturn + c] = weightedMean(belief, (cell) => market.rereturn[c * cells + cell]!)
  }
  values[predictionAt.abuse] = 1 - genuine
  values[predictionAt.decay] = market.decayPerDay
  values[predictionAt.depth] = market.depthElasticity
  return { count: 1, values, engine: 'ideal', level: 'L1', modelVersion: 'ideal', calibration: null, fellBack: [] }
}

function repairVariance({ scene, checked }: SimulatedUnit, point: 't0' | 't1'): number {
  const { repairCostSpread, estimateSpread } = scene.world.p
  const variance = repairCostSpread ** 2
  if (point === 't0' || !checked.estimate) return variance
  return (variance * estimateSpread ** 2) / (variance + estimateSpread ** 2)
}

function weightedMean(weights: Float64Array, value: (cell: number) => number): number {
  let sum = 0
  let mass = 0
  for (let cell = 0; cell < cells; cell++) {
    sum += weights[cell]! * value(cell)
    mass += weights[cell]!
  }
  return mass === 0 ? value(0) : sum / mass
}

const meanHazard = ({ scene }: SimulatedUnit, belief: Float64Array) =>
  weightedMean(belief, (cell) => scene.market.hazard[3 * cells + cell]!)

type Repair = { readonly need: Float64Array; readonly cost: Float64Array }

function writeGrade(
  unit: SimulatedUnit,
  weights: Float64Array,
  g: number,
  repair: Repair,
  noise: number,
  values: Float64Array,
): void {
  const { market, world } = unit.scene
  const needed = weights.map((weight, cell) => weight * repair.need[cell]!)
  for (let c = 0; c < classCount; c++) {
    // A unit whose repair fails is never sold as refurbished.
    const sold =
      c !== 2 ? weights : weights.map((weight, cell) => weight * (1 - repair.need[cell]! * (1 - market.success[cell]!)))
    const spread = (cell: number) => market.spread[c * 2 + (faultOf(cell) > 0 ? 1 : 0)]!
    quantileLevels.forEach((level, q) => {
      values[pricePlace(c, g) + q] = quantileOf(
        level,
        sold,
        (cell) => market.logPrice[c * cells + cell]!,
        spread,
        priceNoise(world.curves),
      )
    })
    const first = weightedMean(sold, (cell) => -Math.expm1(-market.hazard[c * cells + cell]!))
    values[salePlace(c, g)] = Math.log(first / (1 - first))
  }
  values[predictionAt.repairNeed + g] = weightedMean(weights, (cell) => repair.need[cell]!)
  values[predictionAt.repairSuccess + g] = weightedMean(needed, (cell) => market.success[cell]!)
  const middle = (cell: number) => Math.log(repair.cost[cell]!) - noise ** 2 / 2
  quantileLevels.forEach((level, q) => {
    values[repairCostPlace(g) + q] = quantileOf(level, needed, middle, () => noise, straight)
  })
}

/** Quantile of a mixture of distributions of one shape, by halving. */
function quantileOf(
  level: number,
  weights: Float64Array,
  middle: (cell: number) => number,
  spread: (cell: number) => number,
  noise: Noise,
): number {
  const mass = total(weights)
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const parts: { weight: number; middle: number; spread: number }[] = []
  for (let cell = 0; cell < cells; cell++) {
    if (mass > 0 && weights[cell]! < 1e-6 * mass) continue
    const part = { weight: mass > 0 ? weights[cell]! / mass : 1 / cells, middle: middle(cell), spread: spread(cell) }
    parts.push(part)
    low = Math.min(low, part.middle + part.spread * noise.least)
    high = Math.max(high, part.middle + part.spread * noise.most)
  }
  const sum = parts.reduce((all, { weight }) => all + weight, 0)
  for (let step = 0; step < 40; step++) {
    const x = (low + high) / 2
    let below = 0
    for (const part of parts) below += part.weight * chanceBelow(noise, (x - part.middle) / part.spread)
    if (below < level * sum) low = x
    else high = x
  }
  return (low + high) / 2
}

/** A bent normal number: its distribution function on even steps from the least to the most. */
type Noise = { readonly least: number; readonly most: number; readonly below: Float64Array }
const noiseSteps = 2048

function noiseOf(bend: (z: number) => number): Noise {
  const [least, most] = [bend(-noiseEdge), bend(noiseEdge)]
  const below = new Float64Array(noiseSteps + 1)
  let z = -noiseEdge
  for (let i = 0; i <= noiseSteps; i++) {
    const y = least + ((most - least) * i) / noiseSteps
    // The bend rises: the normal number of this step is just above that of the last.
    while (z < noiseEdge && bend(z) < y) z += 1e-3
    below[i] = normalCdf(z)
  }
  return { least, most, below }
}

function chanceBelow({ least, most, below }: Noise, y: number): number {
  const place = ((y - least) / (most - least)) * noiseSteps
  if (place <= 0) return 0
  return place >= noiseSteps ? 1 : along(below, place)
}

const straight = noiseOf((z) => z)
const known = new WeakMap<PriceCurves, Noise>()

function priceNoise(curves: PriceCurves): Noise {
  const made = known.get(curves) ?? noiseOf(curves.bend)
  known.set(curves, made)
  return made
}
