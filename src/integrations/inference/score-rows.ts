import type { FeatureContract } from '#contracts/features.ts'
import type { BoosterKind, CalibrationData, ModelArtefact, Widening } from '#contracts/model-artefact.ts'
import { priceClasses } from '#contracts/decision.ts'
import { predictionAt, pricePlace, quantileNames, repairCostPlace, salePlace } from '#contracts/prediction.ts'
import { alongKnots, logitOf, probabilityOf } from './calibrate.ts'
import { classCount, gradeCount } from './compile-trees.ts'
import type { CompiledTrees } from './compile-trees.ts'

/**
 * Writes one prediction row from the raw scores of one unit. `grade` is the rank of the observed grade or -1; the features of
 * the unit say its conformal group and its decay.
 */
export type RowWriter = (
  raw: Float64Array,
  rawAt: number,
  unit: { readonly rows: Float32Array; readonly row: number; readonly grade: number },
  out: Float64Array,
  outAt: number,
) => void

/** Place of the first raw score of a kind, by its output. */
function placesOf(trees: CompiledTrees, kind: BoosterKind): readonly number[] {
  const places: number[] = []
  for (const booster of trees.boosters) if (booster.kind === kind) places[booster.output] = booster.rawAt
  return places
}

const quantileCount = quantileNames.length
const sorted = new Float64Array(quantileCount)

/** Quantiles of separate boosters may cross: sorted, then the outer ones moved by `widen`, never past their neighbours. */
function writeQuantiles(
  raw: Float64Array,
  rawAt: number,
  { places, cell, widen }: { readonly places: readonly number[]; readonly cell: number; readonly widen: number },
  out: Float64Array,
  at: number,
): void {
  for (let q = 0; q < quantileCount; q++) sorted[q] = raw[rawAt + places[q]! + cell]!
  sorted.sort()
  sorted[0] = Math.min(sorted[1]!, sorted[0]! - widen)
  sorted[quantileCount - 1] = Math.max(sorted[quantileCount - 2]!, sorted[quantileCount - 1]! + widen)
  out.set(sorted, at)
}

/** Widening by first-level category code, the last for categories that the contract does not know. */
function wideningBy(rows: Widening, kind: string, categories: readonly string[]): Float64Array {
  const byGroup = new Map(rows.map((row) => [row.group, row.widen]))
  const of = (category: string): number =>
    byGroup.get(`${category}|${kind}`) ?? byGroup.get(`|${kind}`) ?? byGroup.get('|')!
  return Float64Array.from([...categories.map(of), byGroup.get(`|${kind}`) ?? byGroup.get('|')!])
}

type Codes = { readonly place: number; readonly values: readonly string[] }

function codesOf(contract: FeatureContract, name: string): Codes {
  const place = contract.features.findIndex((feature) => feature.name === name)
  const feature = contract.features[place]
  return { place, values: feature !== undefined && 'values' in feature ? feature.values : [] }
}

function codeOf(codes: Codes, rows: Float32Array, row: number, width: number): number {
  const code = codes.place < 0 ? Number.NaN : rows[row * width + codes.place]!
  return code >= 0 && code < codes.values.length ? code : codes.values.length
}

/** Decay of a category and tier, the most particular that is known. */
function decayFinder(decay: ModelArtefact['decay'], contract: FeatureContract) {
  const levels = ['category_l3', 'category_l2', 'category_l1'].map((name) => codesOf(contract, name))
  const tiers = codesOf(contract, 'brand_tier')
  const width = contract.features.length
  const known = new Map<number, number>()
  return (rows: Float32Array, row: number): number => {
    const codes = levels.map((level) => codeOf(level, rows, row, width))
    const tier = codeOf(tiers, rows, row, width)
    const key = codes.reduce((sum, code, i) => sum * (levels[i]!.values.length + 1) + code, tier)
    const found = known.get(key)
    if (found !== undefined) return found
    const names = codes.map((code, i) => levels[i]!.values[code]).filter((name) => name !== undefined)
    const keys = names.flatMap((name) => [`${name}|${tiers.values[tier] ?? ''}`, `${name}|`])
    const value = keys.map((k) => decay.byCategoryTier[k]).find((v) => v !== undefined) ?? decay.default
    known.set(key, value)
    return value
  }
}

function writeGrades(
  calibration: CalibrationData['grade'],
  raw: Float64Array,
  rawAt: number,
  places: readonly number[],
  out: Float64Array,
  outAt: number,
): void {
  const { scale, shift, isotonic } = calibration
  let most = Number.NEGATIVE_INFINITY
  for (let g = 0; g < gradeCount; g++) {
    const score = scale[g]! * raw[rawAt + places[g]!]! + shift[g]!
    out[outAt + g] = score
    if (score > most) most = score
  }
  let sum = 0
  for (let g = 0; g < gradeCount; g++) sum += out[outAt + g] = Math.exp(out[outAt + g]! - most)
  for (let g = 0; g < gradeCount; g++) out[outAt + g]! /= sum
  if (isotonic === null) return
  const mapped = isotonic.map((knots, g) => Math.max(0, alongKnots(knots, out[outAt + g]!)))
  const total = mapped.reduce((a, b) => a + b, 0)
  // Maps that leave nothing to any grade say nothing: the softmax stands.
  if (total > 0) for (let g = 0; g < gradeCount; g++) out[outAt + g] = mapped[g]! / total
}

export function openRowWriter(artefact: ModelArtefact, trees: CompiledTrees, contract: FeatureContract): RowWriter {
  const { calibration } = artefact
  const at = {
    grade: placesOf(trees, 'grade'),
    price: placesOf(trees, 'price'),
    cost: placesOf(trees, 'repair_cost'),
  }
  const only = (kind: BoosterKind): number => placesOf(trees, kind)[0]!
  const [sale, need, success, rereturn, abuse] = [
    only('sale'),
    only('repair_need'),
    only('repair_success'),
    only('rereturn'),
    only('abuse'),
  ]
  const first = codesOf(contract, 'category_l1')
  const widenPrice = priceClasses.map((id) => wideningBy(calibration.price, id, first.values))
  const widenCost = wideningBy(calibration.repair_cost, 'repair', first.values)
  const decayOf = decayFinder(artefact.decay, contract)
  const width = contract.features.length

  return (raw, rawAt, { rows, row, grade }, out, outAt) => {
    const category = codeOf(first, rows, row, width)
    if (grade < 0) writeGrades(calibration.grade, raw, rawAt, at.grade, out, outAt + predictionAt.grade)
    for (let g = 0; g < gradeCount; g++) {
      const isOpen = grade < 0 || g === grade
      if (grade >= 0) out[outAt + predictionAt.grade + g] = isOpen ? 1 : 0
      out[outAt + predictionAt.repairNeed + g] = probabilityOf(calibration.repair_need, raw[rawAt + need + g]!)
      out[outAt + predictionAt.repairSuccess + g] = probabilityOf(calibration.repair_success, raw[rawAt + success + g]!)
      const costAt = outAt + repairCostPlace(g)
      if (!isOpen) out.fill(Number.NaN, costAt, costAt + quantileCount)
      else writeQuantiles(raw, rawAt, { places: at.cost, cell: g, widen: widenCost[category]! }, out, costAt)
      for (let c = 0; c < classCount; c++) {
        const cell = c * gradeCount + g
        out[outAt + salePlace(c, g)] = isOpen ? logitOf(calibration.sale, raw[rawAt + sale + cell]!) : Number.NaN
        const priceAt = outAt + pricePlace(c, g)
        if (!isOpen) out.fill(Number.NaN, priceAt, priceAt + quantileCount)
        else writeQuantiles(raw, rawAt, { places: at.price, cell, widen: widenPrice[c]![category]! }, out, priceAt)
      }
    }
    for (let c = 0; c < classCount; c++) {
      out[outAt + predictionAt.rereturn + c] = probabilityOf(calibration.rereturn, raw[rawAt + rereturn + c]!)
    }
    out[outAt + predictionAt.abuse] = probabilityOf(calibration.abuse, raw[rawAt + abuse]!)
    out.set(artefact.sale_shape, outAt + predictionAt.saleShape)
    out[outAt + predictionAt.decay] = decayOf(rows, row)
    out[outAt + predictionAt.depth] = artefact.depth_elasticity
  }
}
