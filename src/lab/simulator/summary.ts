import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import type { PredictedBatch } from '#integrations/inference/port.ts'
import { decide } from '#services/recommendation/decide.ts'
import { featureRows } from '#services/recommendation/features.ts'
import { chosenPlace } from './decide-logged.ts'
import { idealPredictions } from './ideal-predictions.ts'
import type { SplitName } from './names.ts'
import type { Expected, SimulatedUnit } from './simulate-unit.ts'
import type { Predict } from './simulate-world.ts'
import type { WorldModel } from './world-model.ts'

/** A quick look at a world: what is best in it, by how much, and how far two rules of thumb get. */
export type WorldSummary = {
  readonly units: number
  /** By split and point: share of each route as the truly best one, and the gap to the second, in shares of the reference price. */
  readonly best: readonly {
    readonly split: SplitName
    readonly point: 't0' | 't1'
    readonly units: number
    readonly routes: Readonly<Record<string, number>>
    readonly gap: readonly { readonly quantile: number; readonly share: number }[]
  }[]
  /** On the test split: value lost against the truly best option. */
  readonly regret: readonly {
    readonly rule: string
    readonly point: 't0' | 't1'
    readonly units: number
    readonly share: number
    readonly top1: number
  }[]
  /** Realised value of the truly best option after the check over the reference price, test split. */
  readonly recovery: number
}

const quantilesOfGap = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9] as const
/** Rules of thumb are tried on so many units: enough for two digits. */
const triedMax = 4000
const points = ['t0', 't1'] as const
/** The ideal is slower to work out, and loses next to nothing. */
const idealMax = 400
const rules = ['grade table', 'unit margin by tables', 'engine with the true distributions'] as const

type Tally = { units: number; readonly routes: Map<string, number>; readonly gaps: number[] }
type Try = { units: number; chosen: number; best: number; agree: number }

export class Summary {
  readonly #world: WorldModel
  readonly #predict: Predict
  readonly #tallies = new Map<string, Tally>()
  readonly #tries = new Map<string, Try>()
  #tried = 0
  #units = 0
  #realised = 0
  #reference = 0

  constructor(world: WorldModel, predict: Predict) {
    this.#world = world
    this.#predict = predict
  }

  add(split: SplitName, unit: SimulatedUnit): void {
    this.#units++
    const isTried = split === 'test' && this.#tried++ < triedMax
    for (const point of points) {
      const expected = point === 't0' ? unit.expected0 : unit.expected1
      const { best, gap } = bestOf(expected)
      if (best < 0) continue
      const tally: Tally = this.#tallies.get(`${split}|${point}`) ?? { units: 0, routes: new Map(), gaps: [] }
      this.#tallies.set(`${split}|${point}`, tally)
      const { route } = this.#world.compiled.options[best]!
      tally.units++
      tally.routes.set(route, (tally.routes.get(route) ?? 0) + 1)
      if (Number.isFinite(gap)) tally.gaps.push(gap / unit.reference)
      if (split === 'test' && point === 't1') {
        this.#realised += unit.realised[best]!
        this.#reference += unit.reference
      }
      if (isTried) this.#try(point, unit, best)
    }
  }

  #try(point: (typeof points)[number], unit: SimulatedUnit, best: number): void {
    const { compiled, contract, data, categories } = this.#world
    const item = point === 't0' ? unit.t0 : unit.t1
    // The margin of one unit, as if there were no others of its kind and the hub had time for all.
    const alone: DecisionItem = { ...item, routedByChannel: {}, hubMinuteMinor: 0 }
    const rows = featureRows(compiled, contract, [alone])
    const values = (what: DecisionItem, batch: PredictedBatch) => decide([what], batch, data, categories)[0]!
    const chosen = [
      chosenPlace(this.#world, decide([item], null, data, categories)[0]!),
      placeOfBest(this.#world, values(alone, this.#predict({ items: [alone], rows }))),
    ]
    if (this.#tried <= idealMax) chosen.push(placeOfFirst(this.#world, values(item, idealPredictions(unit, point))))
    const { value, shift } = point === 't0' ? unit.expected0 : unit.expected1
    chosen.forEach((o, r) => {
      if (o < 0) return
      const key = `${rules[r]}|${point}`
      const one = this.#tries.get(key) ?? { units: 0, chosen: 0, best: 0, agree: 0 }
      this.#tries.set(key, one)
      one.units++
      one.chosen += value[o]! + shift[o]!
      one.best += value[best]! + shift[best]!
      one.agree += o === best ? 1 : 0
    })
  }

  done(): WorldSummary {
    return {
      units: this.#units,
      best: [...this.#tallies].map(([key, { units, routes, gaps }]) => {
        const [split, point] = key.split('|') as [SplitName, 't0' | 't1']
        const sorted = gaps.toSorted((a, b) => a - b)
        return {
          split,
          point,
          units,
          routes: Object.fromEntries(
            [...routes].toSorted((a, b) => b[1] - a[1]).map(([route, n]) => [route, n / units]),
          ),
          gap: quantilesOfGap.map((quantile) => ({
            quantile,
            share: sorted[Math.floor(quantile * sorted.length)] ?? 0,
          })),
        }
      }),
      regret: [...this.#tries].map(([key, { units, chosen, best, agree }]) => {
        const [rule, point] = key.split('|') as [string, 't0' | 't1']
        return { rule, point, units, share: 1 - chosen / best, top1: agree / units }
      }),
      recovery: this.#realised / this.#reference,
    }
  }
}

/** The first of the ranking, whatever exploration took. */
function placeOfFirst(world: WorldModel, body: RecommendationBody): number {
  const first = body.options[0]
  return first ? chosenPlace(world, { ...body, ...first }) : -1
}

/** Exploration may have taken another; the rule of thumb is the best by money. */
function placeOfBest(world: WorldModel, body: RecommendationBody): number {
  return body.options.length === 0 ? -1 : chosenPlace(world, { ...body, ...body.moneyBest })
}

function bestOf({ isAdmissible, value, shift }: Expected): { best: number; gap: number } {
  let [best, first, second] = [-1, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let o = 0; o < value.length; o++) {
    if (isAdmissible[o] === 0) continue
    const utility = value[o]! + shift[o]!
    if (utility > first) [best, first, second] = [o, utility, first]
    else if (utility > second) second = utility
  }
  return { best, gap: first - second }
}

export function summaryLines(summary: WorldSummary): string[] {
  const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`
  return [
    `${summary.units} units`,
    ...summary.best.flatMap(({ split, point, units, routes, gap }) => [
      `${split} ${point}, ${units} units with a choice; best: ${Object.entries(routes)
        .map(([route, share]) => `${route} ${percent(share)}`)
        .join(', ')}`,
      `  gap to the second, share of the reference price: ${gap.map(({ quantile, share }) => `p${100 * quantile} ${percent(share, 2)}`).join(', ')}`,
    ]),
    ...summary.regret.map(
      ({ rule, point, units, share, top1 }) =>
        `${rule} ${point}: regret ${percent(share, 2)}, best in ${percent(top1)} of ${units} units`,
    ),
    `recovered by the best choice after the check: ${percent(summary.recovery)} of the reference price`,
  ]
}
