import { priceClasses } from '#contracts/decision.ts'
import type { DecisionData, PriceClass, Priors } from '#contracts/decision.ts'
import type { ReasonCode } from '#contracts/codes.ts'
import type { FeatureContract } from '#contracts/features.ts'
import {
  predictionAt,
  predictionWidth,
  pricePlace,
  quantileNormals,
  repairCostPlace,
  salePlace,
} from '#contracts/prediction.ts'
import type { Category } from '#contracts/reference.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import type { Inference, PredictedBatch, PredictRequest } from './port.ts'

export type TableSettings = {
  readonly decision: DecisionData
  readonly categories: ReadonlyMap<string, Category>
  readonly features: FeatureContract
}

/** Level L2: the tables of `data/decision/priors.json`, no model. */
export function openTables(settings: TableSettings): Inference {
  const predict = tablePredictor(settings)
  return { info: () => [aboutTables(settings)], predict: async (request) => predict(request), close: async () => {} }
}

function aboutTables({ decision }: TableSettings) {
  return { engine: 'tables', level: 'L2', modelVersion: `tables-${decision.priors.version}` } as const
}

/** The same without waiting. */
export function tablePredictor(settings: TableSettings): (request: PredictRequest) => PredictedBatch {
  const { decision, features } = settings
  const rowOf = rowPredictor(settings)
  const placeOf = (name: string) => features.features.findIndex((feature) => feature.name === name)
  const [width, reference, estimated] = [
    features.features.length,
    placeOf('reference_log'),
    placeOf('repair_estimate_log'),
  ]
  return ({ items, rows }) => {
    const values = new Float64Array(items.length * predictionWidth)
    items.forEach((item, i) => {
      values.set(rowOf(item), i * predictionWidth)
      // What a technician has estimated is better known than any table.
      const ratio = Math.expm1(rows[i * width + estimated]!) / Math.exp(rows[i * width + reference]!)
      if (!Number.isFinite(ratio)) return
      writeRepair(decision, values, i * predictionWidth, {
        ratio: Array(5).fill(ratio),
        need: Array(5).fill(ratio > 0 ? 1 : 0),
      })
    })
    return { ...aboutTables(settings), count: items.length, values, calibration: null, fellBack: [] }
  }
}

/** Price / reference price for grades A..E: mean and standard deviation of its logarithm. */
type LogPrice = { readonly mean: readonly number[]; readonly sd: readonly number[] }
type Prices = Record<PriceClass, LogPrice>

/** Rows whose category is a prefix of `categoryId`, the most general first. */
function rowsFor<T extends { readonly category: string }>(rows: readonly T[], categoryId: string): T[] {
  return rows
    .filter((row) => categoryId.startsWith(row.category))
    .toSorted((a, b) => a.category.length - b.category.length)
}

function nearest<T extends { readonly category: string }>(rows: readonly T[], categoryId: string): T {
  const row = rowsFor(rows, categoryId).at(-1)
  if (!row) throw new Error(`priors: no row for ${categoryId}, not even a general one`)
  return row
}

const byGrade = [0, 1, 2, 3, 4] as const

function pricesFor(priors: Priors, categoryId: string): Prices {
  const of = (priceClass: PriceClass): LogPrice => {
    const prior = nearest(
      priors.prices.filter((row) => row.priceClass === priceClass),
      categoryId,
    )
    const mean = prior.ratio.map(Math.log)
    const sd = [...prior.sd]
    const seen = rowsFor(
      priors.observedPrices.filter((row) => row.priceClass === priceClass),
      categoryId,
    )
    for (const row of seen) {
      for (const g of byGrade) {
        const weight = row.n[g] / (row.n[g] + priors.shrinkN)
        if (weight === 0) continue
        mean[g] = weight * Math.log(row.ratio[g]) + (1 - weight) * mean[g]!
        sd[g] = weight * row.sd[g] + (1 - weight) * sd[g]!
      }
    }
    return { mean, sd }
  }
  return Object.fromEntries(priceClasses.map((id) => [id, of(id)])) as Record<PriceClass, LogPrice>
}

function normalized(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((w) => w / sum)
}

function gradesFor(priors: Priors, item: DecisionItem, reason: ReasonCode): readonly number[] {
  const { grades } = priors
  const base = nearest(grades.base, item.categoryId).weights
  const byReason = grades.reason[reason]
  const byType = grades.returnType[item.returnType]
  let shares = normalized(byGrade.map((g) => base[g] * byReason[g] * byType[g]))
  const seen = rowsFor(priors.observedGrades, item.categoryId)
  for (const row of seen) {
    if (row.reasonCode !== reason || row.returnType !== item.returnType) continue
    const weight = row.n / (row.n + priors.shrinkN)
    shares = byGrade.map((g) => weight * row.shares[g] + (1 - weight) * shares[g]!)
  }
  const opened = item.isOpened === null ? null : item.isOpened ? grades.isOpened.yes : grades.isOpened.no
  const incomplete = item.hasAllAccessories === false ? grades.isIncomplete : null
  return normalized(byGrade.map((g) => shares[g]! * (opened?.[g] ?? 1) * (incomplete?.[g] ?? 1)))
}

/** Repair costs spread log-normally about their mean; a cost of nothing is one ten-thousandth of the price. */
function writeRepair(
  { policy }: DecisionData,
  values: Float64Array,
  at: number,
  { ratio, need }: { readonly ratio: readonly number[]; readonly need: readonly number[] },
): void {
  const sd = policy.parameters.repairCostSd.value
  for (const g of byGrade) {
    const middle = Math.log(Math.max(1e-4, ratio[g]!)) - (sd * sd) / 2
    values[at + predictionAt.repairNeed + g] = need[g]!
    quantileNormals.forEach((z, q) => (values[at + repairCostPlace(g) + q] = middle + sd * z))
  }
}

/** One row of predictions. It depends on a handful of codes only, so each distinct one is made once and shared. */
function rowPredictor({ decision, categories }: TableSettings): (item: DecisionItem) => Float64Array {
  const { priors, policy } = decision
  const known = new Map<string, Float64Array>()
  const pricesOf = new Map<string, Prices>()
  const rereturnFactor = priceClasses.map(
    (id) => policy.routes.find((route) => route.priceClass === id)?.rereturnFactor ?? 0,
  )
  return (item) => {
    const reason = (Object.hasOwn(priors.grades.reason, item.reasonCode) ? item.reasonCode : 'unknown') as ReasonCode
    const isChecked = item.grade !== null
    const key = `${item.categoryId}|${reason}|${item.returnType}|${item.isOpened}|${item.hasAllAccessories}|${isChecked}`
    const found = known.get(key)
    if (found) return found
    const id = item.categoryId
    const prices = pricesOf.get(id) ?? pricesFor(priors, id)
    pricesOf.set(id, prices)
    const row = new Float64Array(predictionWidth)
    row.set(gradesFor(priors, item, reason), predictionAt.grade)
    const days = nearest(priors.daysToSale, id).days
    priceClasses.forEach((priceClass, c) => {
      const { mean, sd } = prices[priceClass]
      for (const g of byGrade) {
        quantileNormals.forEach((z, q) => (row[pricePlace(c, g) + q] = mean[g]! + sd[g]! * z))
        // A constant hazard: the chance of the first week is that of every week.
        row[salePlace(c, g)] = Math.log(Math.expm1(7 / (days * priors.saleDaysByGrade[g])))
      }
      row[predictionAt.rereturn + c] = Math.min(1, nearest(priors.rereturn, id).share * rereturnFactor[c]!)
    })
    const repair = nearest(priors.repair, id)
    writeRepair(decision, row, 0, { ratio: repair.costRatio, need: repair.probability })
    row.set(repair.success, predictionAt.repairSuccess)
    const abuse = nearest(priors.abuse, id).share * (priors.abuseByReason[reason] ?? 1)
    row[predictionAt.abuse] = Math.min(1, abuse) * (isChecked ? priors.abuseAfterCheck : 1)
    row[predictionAt.decay] = (categories.get(id) ?? categories.get('other.general.general'))?.decayPerDay ?? 0
    row[predictionAt.depth] = policy.parameters.depthElasticity.value
    // Category ids come from outside: a bound keeps a flood of unknown ones from growing the memory.
    if (known.size >= knownMax) known.clear()
    if (pricesOf.size >= knownMax) pricesOf.clear()
    known.set(key, row)
    return row
  }
}

const knownMax = 5_000
