import type { DecisionData } from '#contracts/decision.ts'
import type { Reference } from '#contracts/reference.ts'
import type { PredictedBatch, PredictRequest } from '#integrations/inference/port.ts'

/** What simulator and measurements need from outside: reference data and engines; no database, no server. */
export type Laboratory = {
  readonly ground: Reference
  /** The parameters of the simulator that ship. */
  readonly paramsFile: string
  /** Level L2 on some decision data. */
  readonly tablesFor: (decision: DecisionData) => (request: PredictRequest) => PredictedBatch
}
