import { priceClasses } from '#contracts/decision.ts'
import type { PriceClass, Priors } from '#contracts/decision.ts'
import type { ReasonCode } from '#contracts/codes.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import type { Inference, LogPrice, Prediction } from './port.ts'

/** Level L2: the tables of `data/decision/priors.json`, no model. */
export function openTables(settings: { readonly priors: Priors }): Inference {
  const predictItem = tablePredictor(settings.priors)
  return {
    engine: 'tables',
    level: 'L2',
    modelVersion: `tables-${settings.priors.version}`,
    predict: async (items) => items.map(predictItem),
    close: async () => {},
  }
}

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

function pricesFor(priors: Priors, categoryId: string): Record<PriceClass, LogPrice> {
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

/** The answer depends on a handful of codes only, so each distinct one is made once and shared. */
export function tablePredictor(priors: Priors): (item: DecisionItem) => Prediction {
  const known = new Map<string, Prediction>()
  const pricesOf = new Map<string, Record<PriceClass, LogPrice>>()
  return (item) => {
    const reason = (Object.hasOwn(priors.grades.reason, item.reasonCode) ? item.reasonCode : 'unknown') as ReasonCode
    const isChecked = item.grade !== null
    const key = `${item.categoryId}|${reason}|${item.returnType}|${item.isOpened}|${item.hasAllAccessories}|${isChecked}`
    const found = known.get(key)
    if (found) return found
    const id = item.categoryId
    const prices = pricesOf.get(id) ?? pricesFor(priors, id)
    pricesOf.set(id, prices)
    const repair = nearest(priors.repair, id)
    const days = nearest(priors.daysToSale, id).days
    const abuse = nearest(priors.abuse, id).share * (priors.abuseByReason[reason] ?? 1)
    const prediction: Prediction = {
      gradeProbabilities: gradesFor(priors, item, reason),
      logPrice: prices,
      repairProbability: repair.probability,
      repairCostRatio: repair.costRatio,
      repairSuccess: repair.success,
      rereturn: nearest(priors.rereturn, id).share,
      abuse: Math.min(1, abuse) * (isChecked ? priors.abuseAfterCheck : 1),
      daysToSale: priors.saleDaysByGrade.map((factor) => factor * days),
    }
    // Category ids come from outside: a bound keeps a flood of unknown ones from growing the memory.
    if (known.size >= knownMax) known.clear()
    if (pricesOf.size >= knownMax) pricesOf.clear()
    known.set(key, prediction)
    return prediction
  }
}

const knownMax = 20_000
