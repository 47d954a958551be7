import type { DecisionData } from '#contracts/decision.ts'
import type { Reference } from '#contracts/reference.ts'
import type { Inference, PredictedBatch, PredictRequest } from '#integrations/inference/port.ts'

export type TrainOrder = {
  readonly rows: string
  readonly out: string
  /** Split that is learned from; the trainer holds a part of it back when there is no split of its own to calibrate on. */
  readonly train: string
  readonly calibrate: string | null
}

/** What simulator and measurements need from outside: reference data and engines; no database, no server. */
export type Laboratory = {
  readonly ground: Reference
  /** The parameters of the simulator that ship. */
  readonly paramsFile: string
  /** Level L2 on some decision data. */
  readonly tablesFor: (decision: DecisionData) => (request: PredictRequest) => PredictedBatch
  /** Level L1 by the model in a folder; throws when its contract or its golden rows are others. */
  readonly openTrees: (folder: string) => Promise<Inference>
  /** Trains a model on splits of a folder of training rows; needs Python. */
  readonly train: (order: TrainOrder, progress: (line: string) => void) => Promise<void>
}
