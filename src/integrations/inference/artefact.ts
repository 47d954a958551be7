import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import type { FeatureContract } from '#contracts/features.ts'
import { artefactLimits, modelArtefactSchema } from '#contracts/model-artefact.ts'
import type { ModelArtefact } from '#contracts/model-artefact.ts'
import { modelCalibrationSchema } from '#contracts/models.ts'
import type { ModelCalibration } from '#contracts/models.ts'
import { predictionColumns, predictionWidth } from '#contracts/prediction.ts'
import { AppError } from '#kernel/errors.ts'
import { artefactFaults } from './check-artefact.ts'

/** Where the model that ships stands, from the folder of the program. */
export const defaultModelFolder = 'data/models/returns'

/** Rows of the feature contract and what the trainer's own code answers for them. */
export type Golden = { readonly count: number; readonly x: Float32Array; readonly y: Float32Array }

export type ReadArtefact = {
  readonly artefact: ModelArtefact
  /** Confidence and intervals, fitted after training; null when the folder has none yet. */
  readonly calibration: ModelCalibration | null
  readonly golden: Golden
}

/** Hash of the columns of a prediction row, as every model carries it. */
export const columnsHash: string = createHash('sha256').update(predictionColumns.join('\n')).digest('hex')

/** A model that must not serve: what is wrong, where, and what to do. */
export function refuse(folder: string, what: string, remedy: string, cause?: unknown): AppError {
  return new AppError('unavailable', `model in ${folder} refused: ${what}; ${remedy}`, {
    problem: 'model_refused',
    ...(cause === undefined ? {} : { cause }),
  })
}

const retrain = 'train and export it again with `smartreturns train`, or put the last good folder back'

async function readBounded(folder: string, name: string, bytesMax: number): Promise<Buffer> {
  const path = join(folder, name)
  try {
    const { size } = await stat(path)
    if (size > bytesMax) throw refuse(folder, `${name} has ${size} bytes, more than ${bytesMax}`, retrain)
    return await readFile(path)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw refuse(folder, `${name} can't be read`, 'name a folder that `smartreturns train` has written', error)
  }
}

function parsed<T>(folder: string, name: string, bytes: Buffer, schema: z.ZodType<T>): T {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw refuse(folder, `${name} is not JSON`, retrain, error)
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const faults = result.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || name}: ${message}`)
  throw refuse(folder, `${name} has the wrong shape (${faults.join('; ')})`, retrain, result.error)
}

function floats(folder: string, name: string, bytes: Buffer, width: number): Float32Array {
  if (bytes.byteLength === 0 || bytes.byteLength % (4 * width) !== 0) {
    throw refuse(folder, `${name} is not a whole number of rows of ${width} float32`, retrain)
  }
  const values = new Float32Array(bytes.byteLength / 4)
  for (let i = 0; i < values.length; i++) values[i] = bytes.readFloatLE(4 * i)
  return values
}

/** Reads and checks the folder of a trained model, all but what it answers. Throws `AppError('unavailable')`. */
export async function readArtefact(folder: string, contract: FeatureContract): Promise<ReadArtefact> {
  const width = contract.features.length
  const goldenBytes = (columns: number) => artefactLimits.goldenRows * columns * 4
  const [modelBytes, xBytes, yBytes] = await Promise.all([
    readBounded(folder, 'model.json', artefactLimits.fileBytes),
    readBounded(folder, 'golden.x.f32', goldenBytes(width)),
    readBounded(folder, 'golden.y.f32', goldenBytes(predictionWidth)),
  ])
  const artefact = parsed(folder, 'model.json', modelBytes, modelArtefactSchema)
  if (artefact.contractHash !== contract.hash) {
    throw refuse(
      folder,
      `it was made for feature contract ${artefact.contract} ${artefact.contractHash.slice(0, 12)}, ` +
        `this program has ${contract.name} ${contract.hash.slice(0, 12)}`,
      'train a model on rows of the present contract',
    )
  }
  if (artefact.columnsHash !== columnsHash) {
    throw refuse(folder, 'it answers other columns than this program reads', 'train a model with this program')
  }
  const faults = artefactFaults(artefact, contract)
  if (faults.length > 0) throw refuse(folder, faults.slice(0, 3).join('; '), retrain)
  const x = floats(folder, 'golden.x.f32', xBytes, width)
  const y = floats(folder, 'golden.y.f32', yBytes, predictionWidth)
  const count = x.length / width
  if (y.length !== count * predictionWidth) {
    throw refuse(folder, `${count} golden rows have ${y.length / predictionWidth} answers`, retrain)
  }
  return { artefact, calibration: await readCalibration(folder), golden: { count, x, y } }
}

const calibrationBytesMax = 4 * 1024 * 1024

async function readCalibration(folder: string): Promise<ModelCalibration | null> {
  try {
    await stat(join(folder, 'calibration.json'))
  } catch {
    return null
  }
  const bytes = await readBounded(folder, 'calibration.json', calibrationBytesMax)
  return parsed(folder, 'calibration.json', bytes, modelCalibrationSchema)
}
