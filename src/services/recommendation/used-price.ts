import type { TreeData } from '#contracts/model-artefact.ts'
import type { UsedPrice, UsedPriceModel, SpecificationRow } from '#contracts/used-price.ts'
import { AppError } from '#kernel/errors.ts'

/** Golden answers are kept to four digits after the point. */
const toleranceShare = 1e-4

const numberOf = (text: string | undefined): number => (text === undefined || text === '' ? Number.NaN : Number(text))

/** Refuses a model that does not answer its own golden rows as its trainer did. */
export function openUsedPrices(model: UsedPriceModel): (rows: readonly SpecificationRow[]) => UsedPrice[] {
  const evaluate = (rows: readonly SpecificationRow[]) => rows.map((row) => valueOf(model, row))
  const answers = evaluate(model.golden.map(({ row }) => row))
  model.golden.forEach(({ answer: [low, price, high] }, i) => {
    const got = answers[i]!
    const isOff = [got.low - low!, got.price - price!, got.high - high!].some(
      (off) => !(Math.abs(off) <= toleranceShare * high!),
    )
    if (isOff) throw new AppError('unavailable', `the price model answers golden row ${i} otherwise than its trainer`)
  })
  return evaluate
}

function valueOf(model: UsedPriceModel, row: SpecificationRow): UsedPrice {
  const columns = columnsOf(model, row)
  const standard = columns.map((value, i) => (value - model.mean[i]!) / model.spread[i]!)
  const systems = model.systems.map((name) => (row['os'] === name ? 1 : 0))
  const { brand_ratio: ratios, weights, interval } = model
  const ratio = ratios.values[row['device_brand'] ?? ''] ?? ratios.default
  const seen = Float32Array.from([...standard, ratio, ...systems, 0])
  const boosted =
    columns[0]! + model.boosters.reduce((sum, trees) => sum + score(trees, seen), 0) / model.boosters.length
  const centre = weights.polynomial * polynomial(model, row, standard, systems) + weights.boosted * boosted
  // How hard a row is may depend on its price as well.
  seen[seen.length - 1] = centre
  const size = Math.max(interval.floor, score(interval.size, seen))
  return {
    low: Math.exp(centre + interval.low * size),
    price: Math.exp(centre + model.shift),
    high: Math.exp(centre + interval.high * size),
  }
}

function columnsOf({ inputs, fill }: UsedPriceModel, row: SpecificationRow): number[] {
  const columns = inputs.map((input) => {
    if (input.kind === 'yes_no') return row[input.name] === 'yes' ? 1 : 0
    const value = numberOf(row[input.name])
    return input.kind === 'log' ? Math.log(value + input.add) : value * input.by
  })
  for (const { input, known, coefficients } of fill) {
    if (!Number.isNaN(columns[input]!)) continue
    columns[input] = known.reduce((sum, from, i) => sum + columns[from]! * coefficients[i]!, coefficients.at(-1)!)
  }
  return columns
}

function polynomial(
  { polynomial: { intercept, coefficients }, paired, brands, brand_factor: factor }: UsedPriceModel,
  row: SpecificationRow,
  standard: readonly number[],
  systems: readonly number[],
): number {
  const terms = [...standard]
  for (let a = 0; a < paired; a++) for (let b = a; b < paired; b++) terms.push(standard[a]! * standard[b]!)
  terms.push(...brands.map((brand) => (row['device_brand'] === brand ? factor : 0)), ...systems)
  if (terms.length !== coefficients.length) {
    throw new AppError(
      'unavailable',
      `the price model has ${coefficients.length} coefficients for ${terms.length} terms`,
    )
  }
  return terms.reduce((sum, term, i) => sum + term * coefficients[i]!, intercept)
}

function score(trees: readonly TreeData[], x: Float32Array): number {
  let sum = 0
  for (const { f, t, l, r, d, v } of trees) {
    let node = f.length === 0 ? -1 : 0
    while (node >= 0) {
      const value = x[f[node]!]!
      const isLeft = value !== value ? d[node] === 1 : value <= Math.fround(t[node]!)
      node = isLeft ? l[node]! : r[node]!
    }
    sum += v[~node]!
  }
  return sum
}
