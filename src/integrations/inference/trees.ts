import type { ModelArtefact } from '#contracts/model-artefact.ts'
import { binOf, classCount, classKind, gradeCount, leafKind } from './compile-trees.ts'
import type { CompiledBooster, CompiledTrees, SharedTrees } from './compile-trees.ts'

/**
 * Raw scores of all boosters. One walk of a tree answers every class and grade at once: a split on the unit takes one side, a
 * split on class or grade takes both, and each leaf adds once to the rectangle of classes and grades it stands for. Units go
 * through a tree together, so that it is read from memory once for `blockSize` of them.
 */
export const blockSize = 16

export type Scorer = {
  /** Scores units `from` to `to - 1` of `rows` into `raw`, `rawCount` numbers a unit. */
  readonly score: (rows: Float32Array, count: number, raw: Float64Array) => void
  readonly rawCount: number
}

export type EncodingTable = { readonly feature: number; readonly values: Float32Array; readonly missing: number }

export function encodingTables(
  encodings: ModelArtefact['encodings'],
  features: readonly string[],
): readonly EncodingTable[] {
  return Object.values(encodings).map(({ feature, values, missing }) => ({
    feature: features.indexOf(feature),
    values: Float32Array.from(values),
    missing: Math.fround(missing),
  }))
}

/** The number that stands for a category code. */
export function encoded(table: EncodingTable, code: number): number {
  return code >= 0 && code < table.values.length && Number.isInteger(code) ? table.values[code]! : table.missing
}

/** Each input of one unit among its thresholds, twice: NaN as below all of them for splits whose default is left, and as above. */
function fillBins(
  rows: Float32Array,
  row: number,
  width: number,
  { tables, cuts }: { readonly tables: readonly EncodingTable[]; readonly cuts: readonly Float32Array[] },
  bins: Int32Array,
  at: number,
): void {
  for (let i = 0; i < cuts.length; i++) {
    const table = tables[i - width]
    const value = table === undefined ? rows[row * width + i]! : encoded(table, rows[row * width + table.feature]!)
    const list = cuts[i]!
    const isMissing = value !== value
    const bin = isMissing ? 0 : binOf(list, value)
    bins[at + 2 * i] = bin
    bins[at + 2 * i + 1] = isMissing ? list.length : bin
  }
}

const stack = new Int32Array(64)

/** Walks one tree; `grade` below zero asks for every grade. `sums` is by rectangle, from `sumsAt` on. */
function walk(
  { words, values }: CompiledTrees,
  root: number,
  bins: Int32Array,
  binsAt: number,
  grade: number,
  sums: Float64Array,
  sumsAt: number,
): void {
  let node = root
  let waiting = 0
  for (;;) {
    let word = words[node]!
    while (word >= 0) {
      // The difference is below zero where the unit goes right; its sign becomes the mask of the distance.
      node += 1 + ((((word >>> 15) - bins[binsAt + ((word >>> 7) & 0xff)]!) >> 31) & word & 0x7f)
      word = words[node]!
    }
    const kind = ~word & 3
    const number = ~word >> 2
    if (kind === leafKind) {
      const place = sumsAt + number
      sums[place] = sums[place]! + values[node]!
      if (waiting === 0) return
      node = stack[--waiting]!
    } else if (kind === classKind || grade < 0) {
      stack[waiting++] = node + number
      node++
    } else {
      node += grade <= values[node]! ? 1 : number
    }
  }
}

const corners = new Float64Array((classCount + 1) * (gradeCount + 1))

/** Spreads sums by rectangle over the classes and grades, of one grade when it is known; the others are left NaN. */
export function spread(
  booster: Pick<CompiledBooster, 'rectangles' | 'classes' | 'grades' | 'init'>,
  grade: number,
  sums: Float64Array,
  sumsAt: number,
  out: Float64Array,
  outAt: number,
): void {
  const { rectangles, classes, grades, init } = booster
  const width = grades + 1
  corners.fill(0, 0, (classes + 1) * width)
  for (let i = 0; i < rectangles.length; i++) {
    const sum = sums[sumsAt + i]!
    if (sum === 0) continue
    const { c0, c1, g0, g1 } = rectangles[i]!
    corners[c0 * width + g0]! += sum
    corners[c0 * width + g1 + 1]! -= sum
    corners[(c1 + 1) * width + g0]! -= sum
    corners[(c1 + 1) * width + g1 + 1]! += sum
  }
  for (let c = 0; c < classes; c++) {
    let along = 0
    for (let g = 0; g < grades; g++) {
      along += corners[c * width + g]!
      const above: number = c === 0 ? 0 : corners[(c - 1) * width + g]!
      // Sums along the grades, then down the classes: the corner becomes the total of its cell.
      corners[c * width + g] = along + above
      out[outAt + c * grades + g] =
        grade >= 0 && grades > 1 && g !== grade ? Number.NaN : corners[c * width + g]! + init
    }
  }
}

/** `gradeFeature` is the place of the observed grade in a row (E..A), or -1 when rows have none. */
export function openScorer(
  trees: CompiledTrees,
  tables: readonly EncodingTable[],
  width: number,
  gradeFeature: number,
): Scorer {
  const binWidth = 2 * trees.cuts.length
  const bins = new Int32Array(blockSize * binWidth)
  const sums = new Float64Array(blockSize * trees.rectanglesMax)
  const known = new Int32Array(blockSize)
  const cells = classCount * gradeCount
  const common = new Float64Array(trees.shared.length * blockSize * cells)

  const walkAll = ({ from, to, rectangles }: SharedTrees, count: number): void => {
    const size = rectangles.length
    sums.fill(0, 0, count * size)
    for (let t = from; t < to; t++) {
      const root = trees.roots[t]!
      for (let i = 0; i < count; i++) walk(trees, root, bins, i * binWidth, known[i]!, sums, i * size)
    }
  }

  const scoreBlock = (rows: Float32Array, from: number, count: number, raw: Float64Array): void => {
    for (let i = 0; i < count; i++) {
      fillBins(rows, from + i, width, { tables, cuts: trees.cuts }, bins, i * binWidth)
      known[i] = gradeRank(rows, from + i, width, gradeFeature)
    }
    trees.shared.forEach((set, n) => {
      walkAll(set, count)
      for (let i = 0; i < count; i++) {
        const at = (n * blockSize + i) * cells
        spread({ ...set, init: 0 }, known[i]!, sums, i * set.rectangles.length, common, at)
      }
    })
    for (const booster of trees.boosters) {
      walkAll(booster, count)
      for (let i = 0; i < count; i++) {
        const rawAt = (from + i) * trees.rawCount + booster.rawAt
        spread(booster, known[i]!, sums, i * booster.rectangles.length, raw, rawAt)
        if (booster.shared < 0) continue
        const commonAt = (booster.shared * blockSize + i) * cells
        for (let k = 0; k < booster.classes * booster.grades; k++) raw[rawAt + k]! += common[commonAt + k]!
      }
    }
  }
  return {
    rawCount: trees.rawCount,
    score: (rows, count, raw) => {
      for (let from = 0; from < count; from += blockSize) {
        scoreBlock(rows, from, Math.min(blockSize, count - from), raw)
      }
    },
  }
}

/** Rank of the observed grade, 0 (A) .. 4 (E); -1 when none was observed. A row counts it from E up. */
export function gradeRank(rows: Float32Array, row: number, width: number, gradeFeature: number): number {
  const place = gradeFeature < 0 ? Number.NaN : rows[row * width + gradeFeature]!
  return place >= 0 && place < gradeCount ? gradeCount - 1 - place : -1
}
