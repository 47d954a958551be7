import type { EsgAmount, EsgCredit, EsgTotal, EsgTotals } from '#contracts/esg.ts'

/**
 * Units share their factors, so their errors don't average out: the bounds of a total are the sums of the bounds, the
 * widest that the parts allow. The same sums come from SQL over the stored columns.
 */
function totalOf(amounts: readonly (EsgAmount | null)[]): EsgTotal {
  const byQuality = [0, 0, 0, 0, 0]
  const total = { grams: 0, p05: 0, p95: 0, items: 0, missingItems: 0 }
  for (const amount of amounts) {
    if (!amount) {
      total.missingItems++
      continue
    }
    total.items++
    total.grams += amount.grams
    total.p05 += amount.p05
    total.p95 += amount.p95
    byQuality[amount.quality - 1]! += Math.abs(amount.grams)
  }
  const weight = byQuality.reduce((sum, part) => sum + part, 0)
  return { ...total, shareByQuality: byQuality.map((part) => (weight === 0 ? 0 : part / weight)) }
}

function sumBy<T>(items: readonly T[], keyOf: (item: T) => string, add: (sum: T, item: T) => T): T[] {
  const sums = new Map<string, T>()
  for (const item of items) {
    const key = keyOf(item)
    const sum = sums.get(key)
    sums.set(key, sum === undefined ? item : add(sum, item))
  }
  return [...sums.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum)
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted()
}

/** Totals of credits. Avoided emissions stay a column of their own. */
export function sumEsg(credits: readonly EsgCredit[]): EsgTotals {
  const massGrams = credits.reduce((sum, credit) => sum + credit.massGrams, 0)
  const divertedGrams = credits.reduce((sum, credit) => sum + credit.divertedGrams, 0)
  const gapsOfEach = credits.flatMap(({ gaps }) =>
    distinct(gaps.map(({ part, code }) => `${part} ${code}`)).map((key) => {
      const gap = gaps.find(({ part, code }) => `${part} ${code}` === key)!
      return { part: gap.part, code: gap.code, items: 1 }
    }),
  )
  return {
    items: credits.length,
    massGrams,
    divertedGrams,
    disposedGrams: massGrams - divertedGrams,
    diversionShare: massGrams === 0 ? null : divertedGrams / massGrams,
    inventory: totalOf(credits.map((credit) => credit.inventory)),
    transport: totalOf(credits.map((credit) => credit.transport)),
    hub: totalOf(credits.map((credit) => credit.hub)),
    treatment: totalOf(credits.map((credit) => credit.treatment)),
    avoided: totalOf(credits.map((credit) => credit.avoided)),
    streams: sumBy(
      credits.map(({ wasteStream, fate, massGrams }) => ({ wasteStream, fate, items: 1, massGrams })),
      ({ wasteStream, fate }) => `${wasteStream} ${fate}`,
      (sum, one) => ({ ...sum, items: sum.items + one.items, massGrams: sum.massGrams + one.massGrams }),
    ),
    scopes: sumBy(
      credits.flatMap(({ scopes }) => scopes),
      ({ scope, category }) => `${scope} ${String(category ?? 0).padStart(2, '0')}`,
      (sum, one) => ({ ...sum, grams: sum.grams + one.grams }),
    ),
    gaps: sumBy(
      gapsOfEach,
      ({ part, code }) => `${part} ${code}`,
      (sum, one) => ({ ...sum, items: sum.items + one.items }),
    ),
    methodVersions: distinct(credits.map(({ methodVersion }) => methodVersion)),
    gwpBases: distinct(credits.flatMap(({ gwpBases }) => gwpBases)),
  }
}
