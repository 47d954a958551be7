import { setImmediate as turn } from 'node:timers/promises'
import type { DecisionData } from '#contracts/decision.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import type { PredictedBatch } from '#integrations/inference/port.ts'
import type { Categories } from './compile.ts'
import { decideTraced } from './decide.ts'
import type { Decided } from './decide.ts'
import type { DecisionState } from './decision-state.ts'

/** Some 5 ms of work; `docs/decisions/0008` has the measurements. */
const sliceSize = 8

/** As `decideTraced`, with a turn for whatever else waits between a few units and the next: requests beside an import. */
export async function decideInSlices(
  items: readonly DecisionItem[],
  batch: PredictedBatch | null,
  data: DecisionData,
  categories: Categories,
  state: DecisionState,
): Promise<Decided[]> {
  if (batch !== null && batch.count !== items.length) {
    throw new Error(`${items.length} items but ${batch.count} predictions`)
  }
  const decided: Decided[] = []
  for (let from = 0; from < items.length; from += sliceSize) {
    if (from > 0) await turn()
    const slice = items.slice(from, from + sliceSize)
    const values = batch?.values.subarray(from * predictionWidth, (from + slice.length) * predictionWidth)
    const part = batch === null || values === undefined ? null : { ...batch, count: slice.length, values }
    decided.push(...decideTraced(slice, part, data, categories, state))
  }
  return decided
}
