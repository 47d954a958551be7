import { createHash } from 'node:crypto'
import type { ModelCalibration } from '#contracts/models.ts'
import { predictionColumns, predictionWidth } from '#contracts/prediction.ts'
import { AppError } from '#kernel/errors.ts'
import type { Policy } from '#platform/resilience/policies.ts'
import { checkPredictions } from './check-predictions.ts'
import type { Inference, InferenceInfo } from './port.ts'

/** What every server of our model across the network must say, so that it is known which model answered in which columns. */
export type RemoteAnswer = {
  readonly values: Float64Array
  readonly modelId: string
  readonly modelVersion: string
  readonly columnsHash: string
}

/** One protocol. Every failure is `AppError('unavailable')` with a `problem` for counters. */
export type RemoteModel = {
  readonly engine: string
  readonly ask: (rows: Float32Array, count: number, signal: AbortSignal) => Promise<RemoteAnswer>
  /** Whether the server holds the model and would answer now, in words. */
  readonly about: (signal: AbortSignal) => Promise<string>
}

export type RemoteSettings = {
  readonly model: RemoteModel
  readonly policy: Policy
  /** Id of the model that must answer, and its version where only one will do. */
  readonly modelId: string
  readonly version: string | undefined
  /** A larger batch is not asked for: its answer could not be there in time, and would count against the server. */
  readonly rowsMax: number
  readonly calibrationOf: (version: string) => ModelCalibration | null
}

/** SHA-256 (hex) of the columns that every model answers. */
export const columnsHash = createHash('sha256').update(predictionColumns.join('\n')).digest('hex')

export const unavailable = (problem: string, detail: string) => new AppError('unavailable', detail, { problem })

/** Level L0: a server of the same model, trusted only as far as its answers can be checked. */
export function openRemote({ model, policy, ...settings }: RemoteSettings): Inference {
  const { engine } = model
  // As the embedded engine names the same model.
  let modelVersion = `${settings.modelId}-${settings.version ?? 'unknown'}`
  return {
    info: (): InferenceInfo[] => [{ engine, level: 'L0', modelVersion, state: policy.state() }],
    predict: async ({ items, rows }) => {
      const count = items.length
      if (count > settings.rowsMax)
        throw unavailable('batch_too_large', `${engine}: ${count} units at once, ${settings.rowsMax} at most`)
      const answer = await policy.run(async (signal) => {
        const told = await model.ask(rows, count, signal)
        checkModel(engine, told, settings)
        const fault = checkPredictions(items, told.values)
        if (fault !== null) throw unavailable(fault.problem, `${engine}: ${fault.detail}`)
        return told
      })
      modelVersion = `${answer.modelId}-${answer.modelVersion}`
      return {
        count,
        values: answer.values,
        engine,
        level: 'L0',
        modelVersion,
        calibration: settings.calibrationOf(modelVersion),
        fellBack: [],
      }
    },
    close: async () => {},
  }
}

function checkModel(engine: string, told: RemoteAnswer, wanted: Pick<RemoteSettings, 'modelId' | 'version'>): void {
  if (told.modelId !== wanted.modelId)
    throw unavailable('wrong_model', `${engine}: ${shown(told.modelId)} answered, not ${wanted.modelId}`)
  if (wanted.version !== undefined && told.modelVersion !== wanted.version)
    throw unavailable('wrong_model', `${engine}: version ${shown(told.modelVersion)} answered, not ${wanted.version}`)
  if (told.columnsHash !== columnsHash)
    throw unavailable('wrong_columns', `${engine}: the columns of the answer are not ours`)
}

const shown = (text: string) => JSON.stringify(text.slice(0, 80))

const tokenPattern = /^[\w.@:+-]{1,64}$/

/** The three names that come with an answer, or a refusal. */
export function readNames(engine: string, names: Readonly<Record<string, unknown>>): Omit<RemoteAnswer, 'values'> {
  const read = (key: string): string => {
    const value = names[key]
    if (typeof value !== 'string' || !tokenPattern.test(value))
      throw unavailable('wrong_model', `${engine}: the answer names no ${key}`)
    return value
  }
  return { modelId: read('model_id'), modelVersion: read('model_version'), columnsHash: read('columns_hash') }
}

/** `count` rows of numbers, as lists or one after the other. With `mayBeNull` a null is a number left out (NaN). */
export function readValues(engine: string, data: unknown, count: number, mayBeNull: boolean): Float64Array {
  const wrong = (problem: string, detail: string) => unavailable(problem, `${engine}: ${detail}`)
  if (!Array.isArray(data)) throw wrong('wrong_shape', 'the answer holds no list of numbers')
  const isFlat = !Array.isArray(data[0])
  const wanted = isFlat ? count * predictionWidth : count
  if (data.length !== wanted) throw wrong('wrong_count', `${data.length} of ${wanted} ${isFlat ? 'numbers' : 'rows'}`)
  const values = new Float64Array(count * predictionWidth)
  const write = (list: readonly unknown[], at: number) =>
    list.forEach((value, i) => {
      if (typeof value === 'number') values[at + i] = value
      else if (value === null && mayBeNull) values[at + i] = Number.NaN
      else throw wrong(value === null ? 'not_a_number' : 'wrong_shape', `${typeof value} stands for a number`)
    })
  if (isFlat) write(data, 0)
  else
    data.forEach((row: unknown, i) => {
      if (!Array.isArray(row) || row.length !== predictionWidth)
        throw wrong('wrong_count', `row ${i} has not ${predictionWidth} numbers`)
      write(row, i * predictionWidth)
    })
  return values
}

/**
 * JSON has no NaN, so a missing number is said twice: 0 in its place in `rows`, and 1 in `missing`. Nothing between the two
 * ends has to know a magic number.
 */
export function withMask(rows: Float32Array): { readonly rows: number[]; readonly missing: number[] } {
  return {
    rows: Array.from(rows, (value) => (Number.isNaN(value) ? 0 : value)),
    missing: Array.from(rows, (value) => (Number.isNaN(value) ? 1 : 0)),
  }
}

/** One list a unit. NaN becomes null when this is written as JSON. */
export function listsOf(values: ArrayLike<number>, count: number): number[][] {
  const width = values.length / count
  return Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_, j) => values[i * width + j]!))
}

export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
