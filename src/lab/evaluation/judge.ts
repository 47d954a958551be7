import type { Route } from '#contracts/codes.ts'
import type { ModelCalibration } from '#contracts/models.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import { decide } from '#services/recommendation/decide.ts'
import { unitFacts } from '#services/recommendation/facts.ts'
import type { SplitData } from '../simulator/read-world.ts'
import { decideBy, truthOf, type Point, type Truth, type WorldEngine } from './world-engine.ts'

/** One decision held against the truth. Amounts are paise. */
export type Judged = {
  readonly unit: number
  readonly categoryId: string
  readonly point: Point
  readonly route: Route
  readonly isBest: boolean
  /** Utility in the mean, given what was known, of the choice and of the best option. */
  readonly utility: number
  readonly bestUtility: number
  readonly reference: number
  /** Net recovery value of the choice: as it turned out, and what was said of it. NaN: the world realised none. */
  readonly value: number
  readonly low: number
  readonly high: number
  readonly confidence: number
  readonly grades: readonly number[]
}

export type Chooser = (items: readonly DecisionItem[]) => Promise<readonly RecommendationBody[]>

const perBatch = 250
const gradeNames = ['A', 'B', 'C', 'D', 'E'] as const

/** Holds the choices of a split against the truth. Units without any admissible option are left out. */
export async function judgeSplit(
  engine: WorldEngine,
  split: SplitData,
  point: Point,
  choose: Chooser,
): Promise<Judged[]> {
  const truth = truthOf(split, engine.compiled.options.length, point)
  const judged: Judged[] = []
  for (let from = 0; from < split.count; from += perBatch) {
    const items = split.items.slice(from, from + perBatch).map((unit) => unit[point])
    const bodies = await choose(items)
    bodies.forEach((body, i) => {
      const one = judgeOne(engine, items[i]!, body, truth, from + i)
      if (one !== null) judged.push(one)
    })
  }
  return judged
}

export function byModel(engine: WorldEngine, calibration: ModelCalibration | null): Chooser {
  return (items) => decideBy(engine, items, calibration)
}

/** The table of level L3: the first route of the grade that is allowed. */
export function byGradeTable(engine: WorldEngine): Chooser {
  return async (items) => decide(items, null, engine.data, engine.categories)
}

/** The best margin of the one unit: no depth of the market, no price of hub minutes, no price of emissions. */
export function byUnitMargin(engine: WorldEngine): Chooser {
  return async (items) => {
    const alone = items.map((item) => ({ ...item, routedByChannel: {}, hubMinuteMinor: 0 }))
    const bodies = await decideBy(engine, alone, null)
    return bodies.map((body) => ({ ...body, ...body.moneyBest }))
  }
}

function judgeOne(
  engine: WorldEngine,
  item: DecisionItem,
  body: RecommendationBody,
  truth: Truth,
  unit: number,
): Judged | null {
  const { compiled } = engine
  const best = truth.best(unit)
  if (best < 0) return null
  const chosen = compiled.options.findIndex(
    ({ route, channel }) => route === body.disposition && channel.id === body.channel,
  )
  if (chosen < 0) return null
  const admissible = truth.utility(unit, chosen)
  const facts = unitFacts(compiled, item)
  const reference = facts.reference ?? Number.NaN
  const rate = facts.paisePerMinor ?? Number.NaN
  const utility = Number.isNaN(admissible) ? truth.possible(unit, chosen) : admissible
  if (Number.isNaN(utility)) {
    throw new Error(`unit ${item.id}: a rule of fact forbids ${body.disposition} by ${body.channel}, which was chosen`)
  }
  return {
    unit,
    categoryId: item.categoryId,
    point: item.point === 't0' ? 't0' : 't1',
    route: compiled.options[chosen]!.route,
    isBest: chosen === best,
    // An option that the truth does not admit earns no more than the best that it does.
    utility: Math.min(utility, truth.utility(unit, best)),
    bestUtility: truth.utility(unit, best),
    reference,
    // Money is whole minor units: a value on the very edge of its interval is inside.
    value: Math.round(truth.value(unit, chosen) / rate) * rate,
    low: body.value.p05 * rate,
    high: body.value.p95 * rate,
    confidence: body.confidence ?? Number.NaN,
    grades: gradeNames.map((grade) => body.grades[grade] ?? 0),
  }
}
