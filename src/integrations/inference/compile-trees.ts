import { artefactLimits, boosterKinds } from '#contracts/model-artefact.ts'
import type { BoosterData, BoosterInput, BoosterKind, ModelArtefact, TreeData } from '#contracts/model-artefact.ts'
import { priceClasses, valuedGrades } from '#contracts/decision.ts'

export const classCount = priceClasses.length
export const gradeCount = valuedGrades.length

/**
 * Trees as one 32-bit word a node, a left child right after its parent. A split on the unit is `cut << 15 | slot << 7 |
 * distance to the right child - 1`, where `cut` is the place of its threshold among all thresholds of that input: inputs are
 * looked up once a unit, and a walk compares small integers without a jump. Below zero, the word is the complement of
 * `number << 2 | kind`: a leaf (number of its rectangle), or a split on class or grade (distance to the right child).
 */
export const leafKind = 0
export const classKind = 1
export const gradeKind = 2

/** The classes and grades under which a leaf can be reached: splits on them cut a rectangle, whatever the unit is. */
export type Rectangle = { readonly c0: number; readonly c1: number; readonly g0: number; readonly g1: number }

export type CompiledBooster = {
  readonly kind: BoosterKind
  readonly output: number
  readonly init: number
  /** Roots of its trees: `roots[from]` to `roots[to - 1]`. */
  readonly from: number
  readonly to: number
  readonly rectangles: readonly Rectangle[]
  /** How many classes and grades it tells apart. */
  readonly classes: number
  readonly grades: number
  /** Place of its first score among the raw scores: class x grade. */
  readonly rawAt: number
  /** Number of the set of trees that it has in common with others, or -1. */
  readonly shared: number
}

/** Leading trees that several boosters have in common (quantiles about one centre): walked once for all of them. */
export type SharedTrees = Pick<CompiledBooster, 'from' | 'to' | 'rectangles' | 'classes' | 'grades'>

export type CompiledTrees = {
  readonly words: Int32Array
  /** Of a leaf its value, of a split on grade the last grade on the left. */
  readonly values: Float32Array
  readonly roots: Int32Array
  readonly boosters: readonly CompiledBooster[]
  readonly shared: readonly SharedTrees[]
  /** All thresholds of each input of a unit (its features, then its encodings), rising. */
  readonly cuts: readonly Float32Array[]
  readonly rawCount: number
  readonly rectanglesMax: number
}

/** Place of each encoding among the inputs of a unit, after the features. */
export function encodingNames(artefact: Pick<ModelArtefact, 'encodings'>): readonly string[] {
  return Object.keys(artefact.encodings)
}

/** Number of the input of a unit that a booster's input is, or what is asked for. */
export function inputPlace(
  input: BoosterInput,
  features: readonly string[],
  encodings: readonly string[],
): number | 'class' | 'grade' {
  if ('context' in input) return input.context
  const place =
    'feature' in input ? features.indexOf(input.feature) : features.length + encodings.indexOf(input.encoding)
  if (place < 0 || ('encoding' in input && place < features.length)) {
    throw new Error(`no such input: ${JSON.stringify(input)}`)
  }
  return place
}

type Places = readonly (number | 'class' | 'grade')[]

/** Every threshold of every input, rising. */
function cutsOf(boosters: readonly BoosterData[], places: readonly Places[], inputCount: number): Float32Array[] {
  const cuts = Array.from({ length: inputCount }, () => new Set<number>())
  boosters.forEach(({ trees }, b) => {
    for (const { f, t } of trees) {
      for (let node = 0; node < f.length; node++) {
        const place = places[b]![f[node]!]!
        if (typeof place === 'number') cuts[place]!.add(Math.fround(t[node]!))
      }
    }
  })
  const found = cuts.map((set) => Float32Array.from(set).toSorted())
  if (found.some((list) => list.length > 0xffff)) throw new Error('an input has more than 65535 thresholds')
  return found
}

/** How many thresholds are below: `x <= cuts[i]` just when this is at most i. NaN is asked of the two ends instead. */
export function binOf(cuts: Float32Array, x: number): number {
  let low = 0
  let high = cuts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (cuts[middle]! < x) low = middle + 1
    else high = middle
  }
  return low
}

type Writer = {
  readonly words: number[]
  readonly values: number[]
  readonly cuts: readonly Float32Array[]
  readonly rectangles: Map<string, number>
  readonly list: Rectangle[]
}

function writeTree(tree: TreeData, places: Places, whole: Rectangle, out: Writer): void {
  const visit = (node: number, within: Rectangle): void => {
    if (node < 0) return writeLeaf(tree.v[~node]!, within, out)
    const place = places[tree.f[node]!]!
    const [left, right] = [tree.l[node]!, tree.r[node]!]
    if (typeof place === 'string') {
      const [low, high] = place === 'class' ? [within.c0, within.c1] : [within.g0, within.g1]
      const cut = Math.floor(tree.t[node]!)
      if (high <= cut) return visit(left, within)
      if (low > cut) return visit(right, within)
      const at = open(cut, out)
      visit(left, place === 'class' ? { ...within, c1: cut } : { ...within, g1: cut })
      out.words[at] = ~(((out.words.length - at) << 2) | (place === 'class' ? classKind : gradeKind))
      return visit(right, place === 'class' ? { ...within, c0: cut + 1 } : { ...within, g0: cut + 1 })
    }
    const at = open(0, out)
    visit(left, within)
    const cut = binOf(out.cuts[place]!, Math.fround(tree.t[node]!))
    const slot = 2 * place + (tree.d[node] === 1 ? 0 : 1)
    out.words[at] = (cut << 15) | (slot << 7) | (out.words.length - at - 1)
    return visit(right, within)
  }
  visit(tree.f.length === 0 ? ~0 : 0, whole)
}

function open(value: number, out: Writer): number {
  out.values.push(value)
  return out.words.push(0) - 1
}

function writeLeaf(value: number, within: Rectangle, out: Writer): void {
  const key = `${within.c0} ${within.c1} ${within.g0} ${within.g1}`
  let number = out.rectangles.get(key)
  if (number === undefined) {
    number = out.list.push(within) - 1
    out.rectangles.set(key, number)
  }
  out.words[open(value, out)] = ~((number << 2) | leafKind)
}

/** Classes and grades that a kind of booster tells apart. */
export function contextSize(kind: BoosterKind): { readonly classes: number; readonly grades: number } {
  const contexts: readonly string[] = boosterKinds[kind].contexts
  return {
    classes: contexts.includes('class') ? classCount : 1,
    grades: contexts.includes('grade') ? gradeCount : 1,
  }
}

/** By booster how many of its leading trees all boosters of its kind have; nothing where there is one or inputs differ. */
function commonTrees(boosters: readonly BoosterData[]): number[] {
  return boosters.map((booster) => {
    const kin = boosters.filter(({ kind }) => kind === booster.kind)
    const inputs = JSON.stringify(booster.inputs)
    if (kin.length < 2 || kin.some((other) => JSON.stringify(other.inputs) !== inputs)) return 0
    let count = 0
    for (const tree of kin[0]!.trees) {
      const text = JSON.stringify(tree)
      if (kin.some(({ trees }) => JSON.stringify(trees[count]) !== text)) break
      count++
    }
    return count
  })
}

/** Lays all trees of a model out for walking. */
export function compileTrees(
  artefact: Pick<ModelArtefact, 'encodings'> & { readonly boosters: readonly BoosterData[] },
  features: readonly string[],
): CompiledTrees {
  const encodings = encodingNames(artefact)
  const inputCount = features.length + encodings.length
  if (inputCount > artefactLimits.inputs) throw new Error(`${inputCount} inputs, more than ${artefactLimits.inputs}`)
  const places = artefact.boosters.map(({ inputs }) => inputs.map((input) => inputPlace(input, features, encodings)))
  const cuts = cutsOf(artefact.boosters, places, inputCount)
  const words: number[] = []
  const values: number[] = []
  const roots: number[] = []
  const lay = (b: number, trees: readonly TreeData[]): SharedTrees => {
    const { classes, grades } = contextSize(artefact.boosters[b]!.kind)
    const out: Writer = { words, values, cuts, rectangles: new Map(), list: [] }
    const from = roots.length
    for (const tree of trees) {
      roots.push(words.length)
      writeTree(tree, places[b]!, { c0: 0, c1: classes - 1, g0: 0, g1: grades - 1 }, out)
    }
    return { from, to: roots.length, rectangles: out.list, classes, grades }
  }
  const common = commonTrees(artefact.boosters)
  const shared: SharedTrees[] = []
  const sharedBy = new Map<BoosterKind, number>()
  let rawCount = 0
  const boosters = artefact.boosters.map((booster, b): CompiledBooster => {
    const { kind, init, trees } = booster
    if (common[b]! > 0 && !sharedBy.has(kind)) sharedBy.set(kind, shared.push(lay(b, trees.slice(0, common[b]))) - 1)
    const laid = lay(b, trees.slice(common[b]))
    const rawAt = rawCount
    rawCount += laid.classes * laid.grades
    return { ...laid, kind, init, rawAt, output: booster.output ?? 0, shared: sharedBy.get(kind) ?? -1 }
  })
  return {
    words: Int32Array.from(words),
    values: Float32Array.from(values),
    roots: Int32Array.from(roots),
    boosters,
    shared,
    cuts,
    rawCount,
    rectanglesMax: Math.max(...[...boosters, ...shared].map(({ rectangles }) => rectangles.length)),
  }
}
