import type { Predictions } from '#contracts/prediction.ts'
import type { ServingLevel } from '#contracts/codes.ts'
import type { ModelCalibration } from '#contracts/models.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'

/** Units to be predicted: as facts, and as rows of the feature contract (`count` x features, float32). */
export type PredictRequest = {
  readonly items: readonly DecisionItem[]
  readonly rows: Float32Array
}

/** One answered batch: every unit at the same level, by the same model. */
export type PredictedBatch = Predictions & {
  readonly engine: string
  readonly level: ServingLevel
  readonly modelVersion: string
  /** How far this model's confidence and intervals were found right; null for tables, which were never calibrated. */
  readonly calibration: ModelCalibration | null
  /** Why a better level did not answer, best level first; empty when none was passed over. */
  readonly fellBack: readonly { readonly level: ServingLevel; readonly engine: string; readonly why: string }[]
}

export type InferenceInfo = {
  readonly engine: string
  readonly level: ServingLevel
  readonly modelVersion: string
  /** How calls across the network fare; absent for what runs in this process. */
  readonly state?: RemoteState
}

export type RemoteState = {
  readonly breaker: 'closed' | 'open' | 'half_open'
  readonly lastFailure: { readonly why: string; readonly atMs: number } | null
  readonly inFlight: number
  readonly calls: number
  readonly retries: number
}

/**
 * What a model of trees says of one unit, taken apart: its raw scores are those of a typical unit (`base`) and what each
 * feature of the unit adds to them (`byFeature`, feature x score; exact Shapley values).
 */
export type Attribution = {
  readonly base: Float64Array
  readonly byFeature: Float64Array
  /** The prediction row of raw scores, for every grade, whichever was observed. */
  readonly rowOf: (raw: Float64Array, out: Float64Array) => void
}

/** Scores that need not be taken apart, where nothing depends on them: they stay those of a typical unit. */
export type AttributionPart = 'grade' | 'repair'

export type Inference = {
  /** What answers now when all is well, and what stands behind it, best first. */
  readonly info: () => readonly InferenceInfo[]
  /** One row a unit, in order. Throws `AppError('unavailable')` when it can't answer for the whole batch. */
  readonly predict: (request: PredictRequest) => Promise<PredictedBatch>
  /** Takes one unit apart as this version of a model sees it; null where that version is not here or has no trees. */
  readonly attribute?: (
    row: Float32Array,
    modelVersion: string,
    leftOut?: readonly AttributionPart[],
  ) => Attribution | null
  /** Rows of typical units, to compare one with; null where there are none. */
  readonly typicalRows?: () => Float32Array | null
  readonly close: () => Promise<void>
}
