import { priceClasses } from '#contracts/decision.ts'
import { predictionAt, predictionWidth, pricePlace, quantileLevels } from '#contracts/prediction.ts'
import { classOutcomePlace, outcomePlace, outcomeWidth } from '#contracts/training-rows.ts'
import type { SplitData } from '../simulator/read-world.ts'
import { mean, pinball, quantileOf } from './metrics.ts'
import type { WorldEngine } from './world-engine.ts'

const perBatch = 500
/** Weight of the parents of a cell of the table, in outcomes, as level L2 shrinks them. */
const shrinkN = 20

export type Sharpness = {
  /** Mean pinball loss of ln(price / reference price) over sold units, classes and quantiles. */
  readonly model: number
  readonly table: number
  /** Share of prices between the 5 % and the 95 % quantile. */
  readonly coverage: number
}

type Cells = Map<string, number[]>

function cellsOf(category: string, priceClass: number, grade: number): [string, string, string] {
  return [`${category}|${priceClass}|${grade}`, `${category.split('.', 1)[0]}|${priceClass}|${grade}`, `${priceClass}`]
}

/** Quantiles of what such units fetched in training: category, class and grade, shrunk to their parents. */
function tableOf(train: SplitData): (category: string, priceClass: number, grade: number) => readonly number[] {
  const cells: Cells = new Map()
  eachPrice(train, ({ unit, priceClass, grade, price }) => {
    for (const key of cellsOf(train.items[unit]!.t1.categoryId, priceClass, grade)) {
      const list = cells.get(key)
      if (list) list.push(price)
      else cells.set(key, [price])
    }
  })
  const known = new Map([...cells].map(([key, list]) => [key, { n: list.length, at: levelsOf(list) }]))
  return (category, priceClass, grade) => {
    let answer = quantileLevels.map(() => 0)
    for (const key of cellsOf(category, priceClass, grade).toReversed()) {
      const cell = known.get(key)
      if (!cell) continue
      const weight = cell.n / (cell.n + shrinkN)
      answer = answer.map((parent, q) => weight * cell.at[q]! + (1 - weight) * parent)
    }
    return answer
  }
}

function levelsOf(list: readonly number[]): number[] {
  const sorted = list.toSorted((a, b) => a - b)
  return quantileLevels.map((level) => quantileOf(sorted, level))
}

type Price = {
  readonly unit: number
  readonly priceClass: number
  readonly grade: number
  readonly price: number
  readonly days: number
  readonly depth: number
}

function eachPrice({ count, y }: SplitData, take: (price: Price) => void): void {
  for (let unit = 0; unit < count; unit++) {
    const row = unit * outcomeWidth
    const grade = y[row + outcomePlace('grade')]!
    if (Number.isNaN(grade)) continue
    for (let priceClass = 0; priceClass < priceClasses.length; priceClass++) {
      const [price, , days, , , depth] = y.subarray(row + classOutcomePlace(priceClass))
      if (!Number.isNaN(price!)) {
        take({ unit, priceClass, grade, price: price!, days: days!, depth: Number.isNaN(depth!) ? 0 : depth! })
      }
    }
  }
}

/** Pinball loss of the price quantiles after the check, beside that of the empirical table of the training rows. */
export async function measureSharpness(engine: WorldEngine, train: SplitData, test: SplitData): Promise<Sharpness> {
  const tableAt = tableOf(train)
  const values = new Float64Array(test.count * predictionWidth)
  const width = engine.contract.features.length
  for (let from = 0; from < test.count; from += perBatch) {
    const to = Math.min(test.count, from + perBatch)
    const items = test.items.slice(from, to).map(({ t1 }) => t1)
    const batch = await engine.inference.predict({ items, rows: test.x1.subarray(from * width, to * width) })
    values.set(batch.values, from * predictionWidth)
  }
  const [model, table]: [number[], number[]] = [[], []]
  let inside = 0
  eachPrice(test, ({ unit, priceClass, grade, price, days, depth }) => {
    const at = unit * predictionWidth
    const place = at + pricePlace(priceClass, grade)
    const lost = values[at + predictionAt.decay]! * days + values[at + predictionAt.depth]! * depth
    const cell = tableAt(test.items[unit]!.t1.categoryId, priceClass, grade)
    quantileLevels.forEach((level, q) => {
      model.push(pinball(level, values[place + q]! - lost, price))
      table.push(pinball(level, cell[q]!, price))
    })
    inside += Number(price >= values[place]! - lost && price <= values[place + quantileLevels.length - 1]! - lost)
  })
  return {
    model: mean(model),
    table: mean(table),
    coverage: inside / (model.length / quantileLevels.length),
  }
}
