import type { DecisionData } from '#contracts/decision.ts'
import type { FeatureContract } from '#contracts/features.ts'
import type { ModelCalibration } from '#contracts/models.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import type { Inference } from '#integrations/inference/port.ts'
import { compiledFor, type Categories, type Compiled } from '#services/recommendation/compile.ts'
import { decide } from '#services/recommendation/decide.ts'
import { featureRows } from '#services/recommendation/features.ts'
import { possibleColumns, truthColumns } from '../simulator/world-files.ts'
import type { SplitData } from '../simulator/read-world.ts'

/** The decision engine as it is served, on the policy of a world and the model that is to be measured. */
export type WorldEngine = {
  readonly compiled: Compiled
  readonly contract: FeatureContract
  readonly data: DecisionData
  readonly categories: Categories
  readonly inference: Inference
}

export function openWorldEngine(
  data: DecisionData,
  categories: Categories,
  contract: FeatureContract,
  inference: Inference,
): WorldEngine {
  // Exploration is measured by itself: here every unit goes where the engine thinks best.
  const policy = { ...data.policy, exploration: { ...data.policy.exploration, enabled: false } }
  const quiet = { ...data, policy }
  return { compiled: compiledFor(quiet, categories), contract, data: quiet, categories, inference }
}

/** Decides by the model with the calibration that is given instead of the model's own; null: raw. */
export async function decideBy(
  engine: WorldEngine,
  items: readonly DecisionItem[],
  calibration: ModelCalibration | null,
): Promise<RecommendationBody[]> {
  const rows = featureRows(engine.compiled, engine.contract, items)
  const batch = await engine.inference.predict({ items, rows })
  return decide(items, { ...batch, calibration }, engine.data, engine.categories)
}

/** What a world says of the options of its units, in paise; NaN where an option is not admissible. */
export type Truth = {
  readonly utility: (unit: number, option: number) => number
  /** Also where only an estimate excludes the option. */
  readonly possible: (unit: number, option: number) => number
  /** Net recovery value and utility as they turned out. */
  readonly value: (unit: number, option: number) => number
  readonly realised: (unit: number, option: number) => number
  /** Best admissible option in the mean, given what is known; -1 without any. */
  readonly best: (unit: number) => number
}

export type Point = 't0' | 't1'

export function truthOf({ truth, possible }: SplitData, optionCount: number, point: Point): Truth {
  const [width, wide] = [truthColumns.length, possibleColumns.length]
  const column = truthColumns.indexOf(point === 't0' ? 'EU0' : 'EU1')
  const other = possibleColumns.indexOf(point === 't0' ? 'EU0' : 'EU1')
  const nrv = truthColumns.indexOf('nrv')
  const u = truthColumns.indexOf('u')
  const at = (unit: number, o: number) => (unit * optionCount + o) * width
  const utility = (unit: number, o: number) => truth[at(unit, o) + column]!
  return {
    utility,
    possible: (unit, o) => possible[(unit * optionCount + o) * wide + other]!,
    value: (unit, o) => truth[at(unit, o) + nrv]!,
    realised: (unit, o) => truth[at(unit, o) + u]!,
    best: (unit) => {
      let best = -1
      for (let o = 0; o < optionCount; o++) {
        if (!Number.isNaN(utility(unit, o)) && (best < 0 || utility(unit, o) > utility(unit, best))) best = o
      }
      return best
    },
  }
}
