import type { FeatureContract } from '#contracts/features.ts'
import type { BoosterData, BoosterInput, ModelArtefact } from '#contracts/model-artefact.ts'
import type { CompiledTrees } from './compile-trees.ts'
import type { AttributionPart } from './port.ts'
import { openBoosterShap } from './shap.ts'
import type { BoosterShap } from './shap.ts'
import { encoded, encodingTables, spread } from './trees.ts'
import type { EncodingTable } from './trees.ts'

/** The raw scores of one unit taken apart: `base` of a typical unit, and what each feature moves them by. */
export type RawAttribution = {
  readonly base: Float64Array
  /** Feature x raw score. An encoded category counts for its feature. */
  readonly byFeature: Float64Array
}

export type Attributor = (row: Float32Array, leftOut?: readonly AttributionPart[]) => RawAttribution

type Part = {
  readonly booster: BoosterData
  readonly shap: BoosterShap
  readonly rawAt: number
  /** Feature of each input; -1 for class and grade, which are part of the question. */
  readonly features: readonly number[]
}

function featureOf(input: BoosterInput, artefact: ModelArtefact, names: readonly string[]): number {
  if ('context' in input) return -1
  return names.indexOf('feature' in input ? input.feature : artefact.encodings[input.encoding]!.feature)
}

function inputValue(
  input: BoosterInput,
  feature: number,
  row: Float32Array,
  tables: ReadonlyMap<string, EncodingTable>,
): number {
  if (feature < 0) return Number.NaN
  return 'encoding' in input ? encoded(tables.get(input.encoding)!, row[feature]!) : row[feature]!
}

/** Shapley values of every output of a model. Laid out at the first call: most processes are never asked. */
export function openAttributor(artefact: ModelArtefact, trees: CompiledTrees, contract: FeatureContract): Attributor {
  const names = contract.features.map((feature) => feature.name)
  const { rawCount } = trees
  let laidOut: { readonly parts: readonly Part[]; readonly base: Float64Array; readonly sums: Float64Array } | null =
    null
  const tables = new Map(
    encodingTables(artefact.encodings, names).map((table, i) => [Object.keys(artefact.encodings)[i]!, table]),
  )

  const layOut = () => {
    const base = new Float64Array(rawCount)
    const parts = artefact.boosters.map((booster, b): Part => {
      const shap = openBoosterShap(booster, { areContextsFixed: true })
      const { rawAt } = trees.boosters[b]!
      spread({ ...shap, init: booster.init }, -1, shap.base, 0, base, rawAt)
      return { booster, shap, rawAt, features: booster.inputs.map((input) => featureOf(input, artefact, names)) }
    })
    const most = Math.max(...parts.map(({ shap, features }) => features.length * shap.rectangles.length))
    return { parts, base, sums: new Float64Array(most) }
  }

  return (row, leftOut = []) => {
    laidOut ??= layOut()
    const { parts, base, sums } = laidOut
    const byFeature = new Float64Array(names.length * rawCount)
    const cells = new Float64Array(Math.max(...parts.map(({ shap }) => shap.classes * shap.grades)))
    for (const { booster, shap, rawAt, features } of parts) {
      if (leftOut.some((part) => booster.kind.startsWith(part))) continue
      const size = shap.rectangles.length
      sums.fill(0, 0, features.length * size)
      const x = Float64Array.from(booster.inputs, (input, i) => inputValue(input, features[i]!, row, tables))
      shap.explain(x, sums)
      features.forEach((feature, i) => {
        if (feature < 0) return
        spread({ ...shap, init: 0 }, -1, sums, i * size, cells, 0)
        const at = feature * rawCount + rawAt
        for (let k = 0; k < shap.classes * shap.grades; k++) byFeature[at + k] = byFeature[at + k]! + cells[k]!
      })
    }
    return { base, byFeature }
  }
}
