import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FeatureContract } from '#contracts/features.ts'
import { boosterKinds, type BoosterKind, type ModelArtefact } from '#contracts/model-artefact.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import { columnsHash } from '#integrations/inference/artefact.ts'
import { hash32, randomFrom } from '#kernel/random.ts'
import { openTreeModel } from '#integrations/inference/in-process.ts'

export type SmallModel = {
  readonly version: string
  /** Moves all prices, so that two versions answer differently. */
  readonly priceShift?: number
  readonly contractHash?: string
  /** Spoils what the trainer is said to have answered. */
  readonly isWrong?: boolean
  readonly metrics?: unknown
  readonly goldenRows?: number
}

/** A model of one small tree a booster, in the format that the training writes; golden rows are answered by ourselves. */
export function writeModelFolder(folder: string, contract: FeatureContract, model: SmallModel): string {
  const artefact = smallArtefact(contract, model)
  const { goldenRows = 40 } = model
  const width = contract.features.length
  const x = Float32Array.from({ length: goldenRows * width }, (_, i) => (i % 5 === 0 ? Number.NaN : (i * 7) % 6))
  const values = new Float64Array(goldenRows * predictionWidth)
  openTreeModel(artefact, contract).predictRows(x, values)
  const y = Float32Array.from(values, (value) => (model.isWrong === true ? value + 0.5 : value))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'model.json'), JSON.stringify(artefact))
  writeFileSync(join(folder, 'golden.x.f32'), new Uint8Array(x.buffer))
  writeFileSync(join(folder, 'golden.y.f32'), new Uint8Array(y.buffer))
  if (model.metrics !== undefined) writeFileSync(join(folder, 'metrics.json'), JSON.stringify(model.metrics))
  return folder
}

function smallArtefact(
  contract: FeatureContract,
  { version, priceShift = 0, contractHash }: SmallModel,
): ModelArtefact {
  const none = { kind: 'none' } as const
  const five = [1, 1, 1, 1, 1]
  const widening = [{ group: '|', n: 100, widen: 0.01 }]
  return {
    id: 'returns',
    version,
    contract: contract.name,
    contractHash: contractHash ?? contract.hash,
    columnsHash,
    trainedOn: 'nothing: made by a test',
    dataHash: '',
    createdAt: '2026-11-01T00:00:00Z',
    encodings: {},
    boosters: (Object.keys(boosterKinds) as BoosterKind[]).flatMap((kind) =>
      Array.from({ length: boosterKinds[kind].outputs }, (_, output) => booster(contract, kind, output, priceShift)),
    ),
    calibration: {
      grade: { scale: five, shift: [0, 0, 0, 0, 0], isotonic: null },
      sale: none,
      repair_need: none,
      repair_success: none,
      rereturn: none,
      abuse: none,
      price: widening,
      repair_cost: widening,
    },
    sale_shape: [0, 0, 0],
    decay: { default: 0.001, byCategoryTier: {} },
    depth_elasticity: 0.15,
  }
}

/** Splits on a number, on a category and on what is asked for, so that missing numbers and every context matter. */
function booster(contract: FeatureContract, kind: BoosterKind, output: number, priceShift: number) {
  const { link, outputs, contexts } = boosterKinds[kind]
  const isPrice = kind === 'price' || kind === 'repair_cost'
  const features = ['reference_log', 'category_l1', 'reason_code', 'days_since_sale_d', 'grade']
  const known = features.filter((name) => contract.features.some((feature) => feature.name === name))
  const inputs = [...known.map((feature) => ({ feature })), ...contexts.map((context) => ({ context }))]
  const random = randomFrom(hash32(`${kind} ${output}`))
  const trees = Array.from({ length: 6 }, () => {
    const leaf = () => Math.fround((random() - 0.5) * 0.05)
    return {
      f: [0, 1, 2].map(() => Math.floor(random() * inputs.length)),
      t: [0, 1, 2].map(() => Math.fround(random() * 6 + 0.5)),
      l: [1, -1, -3],
      r: [2, -2, -4],
      d: [0, 1, 2].map(() => (random() < 0.5 ? (1 as const) : (0 as const))),
      v: [leaf(), leaf(), leaf(), leaf()],
      c: [100, 60, 40, 30, 30, 20, 20],
    }
  })
  return {
    name: `${kind}_${output}`,
    kind,
    output: outputs === 1 ? null : output,
    inputs,
    init: isPrice ? -1 + output * 0.5 + (kind === 'price' ? priceShift : 0) : 0,
    link,
    monotone: inputs.map(() => 0 as const),
    trees,
  }
}
