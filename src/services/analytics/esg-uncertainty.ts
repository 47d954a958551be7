import { randomFrom } from '#kernel/random.ts'

export type Triangle = { readonly value: number; readonly low: number; readonly high: number }

/** `coefficient` times the product of the variables at these places. */
export type Term = { readonly coefficient: number; readonly variables: readonly number[] }

export type Range = { readonly p05: number; readonly p95: number }

export const DRAWS = 1000

// Scratch of this thread: a call fills it anew before reading it, so no call sees another's numbers.
const columns: Float64Array[] = []
const totals = new Float64Array(DRAWS)
const sums = new Float64Array(DRAWS)
const sorted = new Float64Array(DRAWS)

function fillTriangular(column: Float64Array, triangle: Triangle, random: () => number): void {
  const { value, low, high } = triangle
  const width = high - low
  if (width <= 0) {
    column.fill(value)
    return
  }
  const cut = (value - low) / width
  const rising = width * (value - low)
  const falling = width * (high - value)
  for (let i = 0; i < DRAWS; i++) {
    const u = random()
    column[i] = u < cut ? low + Math.sqrt(u * rising) : high - Math.sqrt((1 - u) * falling)
  }
}

function addTerm(into: Float64Array, term: Term): void {
  const [first, second] = term.variables
  const a = columns[first!]!
  const b = second === undefined ? null : columns[second]!
  const rest = term.variables.slice(2).map((place) => columns[place]!)
  for (let i = 0; i < DRAWS; i++) {
    let product = term.coefficient * a[i]!
    if (b) product *= b[i]!
    for (const column of rest) product *= column[i]!
    into[i]! += product
  }
}

/** Moves the value of this rank to its place and returns it; what stands before `from` is known to be smaller. */
function select(values: Float64Array, rank: number, from: number): number {
  let left = from
  let right = values.length - 1
  while (left < right) {
    const pivot = values[(left + right) >>> 1]!
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swap = values[i]!
      values[i++] = values[j]!
      values[j--] = swap
    }
    if (rank <= j) right = j
    else if (rank >= i) left = i
    else break
  }
  return values[rank]!
}

/** Nearest-rank quantiles, widened to hold the point: a mode at the edge of its triangle would lie outside. */
function rangeOf(drawn: Float64Array, point: number): Range {
  sorted.set(drawn)
  const lowRank = Math.ceil(DRAWS * 0.05) - 1
  const highRank = Math.ceil(DRAWS * 0.95) - 1
  const p05 = select(sorted, lowRank, 0)
  const p95 = select(sorted, highRank, lowRank)
  return { p05: Math.min(p05, point), p95: Math.max(p95, point) }
}

/** The value of a sum of terms at the variables' own values. */
export function pointOf(terms: readonly Term[], variables: readonly Triangle[]): number {
  return terms.reduce(
    (sum, term) => sum + term.variables.reduce((product, place) => product * variables[place]!.value, term.coefficient),
    0,
  )
}

/**
 * Ranges of several sums over the same draws, and of the total of those marked with `isTotalled`.
 * A variable that stands in several terms is drawn once a draw: its error is the same error everywhere.
 */
export function drawRanges(
  seed: number,
  variables: readonly Triangle[],
  parts: readonly { readonly terms: readonly Term[]; readonly isTotalled: boolean }[],
): { readonly parts: readonly Range[]; readonly total: Range } {
  const random = randomFrom(seed)
  while (columns.length < variables.length) columns.push(new Float64Array(DRAWS))
  variables.forEach((variable, place) => fillTriangular(columns[place]!, variable, random))
  totals.fill(0)
  let totalPoint = 0
  const ranges = parts.map((part) => {
    if (part.terms.length === 0) return { p05: 0, p95: 0 }
    sums.fill(0)
    for (const term of part.terms) addTerm(sums, term)
    const point = pointOf(part.terms, variables)
    if (part.isTotalled) {
      totalPoint += point
      for (let i = 0; i < DRAWS; i++) totals[i]! += sums[i]!
    }
    return rangeOf(sums, point)
  })
  return { parts: ranges, total: rangeOf(totals, totalPoint) }
}
