import { setImmediate as turn } from 'node:timers/promises'
import type { FeatureContract } from '#contracts/features.ts'
import type { ModelArtefact } from '#contracts/model-artefact.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import { openAttributor } from './attribute.ts'
import { readArtefact, refuse } from './artefact.ts'
import type { Golden } from './artefact.ts'
import { compileTrees } from './compile-trees.ts'
import { compareGolden, spreadPlaces } from './parity.ts'
import type { Parity } from './parity.ts'
import type { Attribution, AttributionPart, Inference, PredictedBatch } from './port.ts'
import { openRowWriter } from './score-rows.ts'
import type { RowWriter } from './score-rows.ts'
import { blockSize, encodingTables, gradeRank, openScorer } from './trees.ts'
import type { Scorer } from './trees.ts'

export type InProcessSettings = {
  readonly folder: string
  readonly contract: FeatureContract
  /** Replay every golden row, whatever it costs: before a promotion, in `doctor` and in tests. */
  readonly replaysAll?: boolean
}

/** A model laid out for answering: raw scores and prediction rows of feature rows. */
export type TreeModel = {
  readonly artefact: ModelArtefact
  readonly scorer: Scorer
  readonly writeRow: RowWriter
  readonly width: number
  readonly gradeFeature: number
  readonly predictRows: (rows: Float32Array, out: Float64Array) => void
  readonly attribute: (row: Float32Array, leftOut?: readonly AttributionPart[]) => Attribution
}

/** Two blocks of the scorer: some 6 ms of work at t0. */
const sliceSize = 2 * blockSize

/** Golden rows replayed at the start of the program when all of them would take too long. */
const sampleRows = 64
const replayMsMax = 100

export function openTreeModel(artefact: ModelArtefact, contract: FeatureContract): TreeModel {
  const features = contract.features.map((feature) => feature.name)
  const trees = compileTrees(artefact, features)
  const width = features.length
  const gradeFeature = features.indexOf('grade')
  const scorer = openScorer(trees, encodingTables(artefact.encodings, features), width, gradeFeature)
  const writeRow = openRowWriter(artefact, trees, contract)
  let raw = new Float64Array(0)
  const predictRows = (rows: Float32Array, out: Float64Array): void => {
    const count = rows.length / width
    if (raw.length < count * scorer.rawCount) raw = new Float64Array(count * scorer.rawCount)
    scorer.score(rows, count, raw)
    for (let row = 0; row < count; row++) {
      const grade = gradeRank(rows, row, width, gradeFeature)
      writeRow(raw, row * scorer.rawCount, { rows, row, grade }, out, row * predictionWidth)
    }
  }
  const attributor = openAttributor(artefact, trees, contract)
  const attribute: TreeModel['attribute'] = (row, leftOut) => ({
    ...attributor(row, leftOut),
    rowOf: (scores, out) => writeRow(scores, 0, { rows: row, row: 0, grade: -1 }, out, 0),
  })
  return { artefact, scorer, writeRow, width, gradeFeature, predictRows, attribute }
}

/** Replays golden rows: all of them, or those at `places`. */
export function replayGolden(model: TreeModel, golden: Golden, places: readonly number[]): Parity {
  const { width } = model
  const rows = new Float32Array(places.length * width)
  places.forEach((place, i) => rows.set(golden.x.subarray(place * width, (place + 1) * width), i * width))
  const ours = new Float64Array(places.length * predictionWidth)
  model.predictRows(rows, ours)
  return compareGolden(golden, places, ours, (place) => gradeRank(golden.x, place, width, model.gradeFeature) >= 0)
}

function gate(folder: string, model: TreeModel, golden: Golden, replaysAll: boolean): Parity {
  const began = performance.now()
  let parity = replayGolden(model, golden, spreadPlaces(golden.count, replaysAll ? golden.count : sampleRows))
  const allMs = ((performance.now() - began) / parity.rows) * golden.count
  if (parity.rows < golden.count && parity.worst <= 1 && allMs <= replayMsMax) {
    parity = replayGolden(model, golden, spreadPlaces(golden.count, golden.count))
  }
  if (parity.worst <= 1) return parity
  const { row, column, ours, theirs } = parity.at!
  throw refuse(
    folder,
    `golden row ${row}, ${column}: this program answers ${ours}, the trainer ${theirs}`,
    'export it again with the trainer of this version; the model before it goes on serving',
  )
}

/** A model as its folder holds it, read, checked and replayed. Throws `AppError('unavailable')` when it must not serve. */
export async function readTreeModel({ folder, contract, replaysAll }: InProcessSettings) {
  const { artefact, calibration, golden } = await readArtefact(folder, contract)
  const model = openTreeModel(artefact, contract)
  return { model, calibration, golden, parity: gate(folder, model, golden, replaysAll === true) }
}

/** Level L1: the trees of a model folder, walked in this process. */
export async function openInProcess(settings: InProcessSettings): Promise<Inference & { readonly parity: Parity }> {
  const { model, calibration, golden, parity } = await readTreeModel(settings)
  const { id, version } = model.artefact
  const about = { engine: 'trees', level: 'L1', modelVersion: `${id}-${version}` } as const
  return {
    parity,
    info: () => [about],
    predict: async ({ items, rows }): Promise<PredictedBatch> => {
      const count = items.length
      if (rows.length !== count * model.width) throw new Error(`${count} units but ${rows.length} feature values`)
      const values = new Float64Array(count * predictionWidth)
      for (let from = 0; from < count; from += sliceSize) {
        // A turn for whatever else waits: requests beside an import.
        if (from > 0) await turn()
        const to = Math.min(count, from + sliceSize)
        const out = values.subarray(from * predictionWidth, to * predictionWidth)
        model.predictRows(rows.subarray(from * model.width, to * model.width), out)
      }
      return { ...about, count, values, calibration, fellBack: [] }
    },
    attribute: (row, version, leftOut) => (version === about.modelVersion ? model.attribute(row, leftOut) : null),
    typicalRows: () => golden.x,
    close: async () => {},
  }
}
