import { artefactLimits } from '#contracts/model-artefact.ts'
import type { BoosterData, TreeData } from '#contracts/model-artefact.ts'
import { contextSize } from './compile-trees.ts'
import type { Rectangle } from './compile-trees.ts'

/**
 * Exact path-dependent Shapley values of trees (Lundberg et al., Algorithm 2, with the covers of the training rows), in
 * O(leaves x depth^2). Contexts may be fixed: what is asked for is then part of the question and not of the unit, so a split
 * on class or grade is followed on both sides, each for its own classes and grades, and no share of the answer is given to it.
 */

const leaf = -1
const fork = -2

/** Trees with what the algorithm needs at each node; a split is on an input of its booster. */
type ShapTrees = {
  readonly inputs: Int32Array
  readonly thresholds: Float64Array
  readonly isLeftDefault: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** Share of the rows of this node that go left. */
  readonly leftShare: Float64Array
  readonly values: Float64Array
  readonly rectangleOf: Int32Array
  readonly roots: Int32Array
  readonly rectangles: readonly Rectangle[]
}

export type BoosterShap = {
  readonly rectangles: readonly Rectangle[]
  readonly classes: number
  readonly grades: number
  /** Mean answer over the training rows, by rectangle. */
  readonly base: Float64Array
  /** Adds the Shapley values of `x`, the booster's inputs, to `out`: input x rectangle. */
  readonly explain: (x: Float64Array, out: Float64Array) => void
}

type Draft = { [K in keyof Omit<ShapTrees, 'rectangles'>]: number[] } & {
  readonly list: Rectangle[]
  readonly keys: Map<string, number>
}

function laidOut(booster: BoosterData, areContextsFixed: boolean): ShapTrees {
  const { classes, grades } = contextSize(booster.kind)
  const draft: Draft = {
    inputs: [],
    thresholds: [],
    isLeftDefault: [],
    left: [],
    right: [],
    leftShare: [],
    values: [],
    rectangleOf: [],
    roots: [],
    list: [],
    keys: new Map(),
  }
  const contexts = booster.inputs.map((input) => (areContextsFixed && 'context' in input ? input.context : null))
  for (const tree of booster.trees) {
    draft.roots.push(draft.inputs.length)
    const whole = { c0: 0, c1: classes - 1, g0: 0, g1: grades - 1 }
    addTree(tree, contexts, whole, draft)
  }
  return {
    inputs: Int32Array.from(draft.inputs),
    thresholds: Float64Array.from(draft.thresholds),
    isLeftDefault: Uint8Array.from(draft.isLeftDefault),
    left: Int32Array.from(draft.left),
    right: Int32Array.from(draft.right),
    leftShare: Float64Array.from(draft.leftShare),
    values: Float64Array.from(draft.values),
    rectangleOf: Int32Array.from(draft.rectangleOf),
    roots: Int32Array.from(draft.roots),
    rectangles: draft.list,
  }
}

function add(draft: Draft, input: number): number {
  for (const list of [draft.thresholds, draft.isLeftDefault, draft.left, draft.right, draft.leftShare]) list.push(0)
  draft.values.push(0)
  draft.rectangleOf.push(0)
  return draft.inputs.push(input) - 1
}

function rectangleNumber({ keys, list }: Draft, within: Rectangle): number {
  const key = `${within.c0} ${within.c1} ${within.g0} ${within.g1}`
  const known = keys.get(key)
  if (known !== undefined) return known
  const number = list.push(within) - 1
  keys.set(key, number)
  return number
}

function addTree(
  tree: TreeData,
  contexts: readonly ('class' | 'grade' | null)[],
  whole: Rectangle,
  draft: Draft,
): void {
  const coverOf = (child: number) => tree.c[child >= 0 ? child : tree.f.length + ~child]!
  const visit = (node: number, within: Rectangle): number => {
    if (node < 0) {
      const at = add(draft, leaf)
      draft.values[at] = Math.fround(tree.v[~node]!)
      draft.rectangleOf[at] = rectangleNumber(draft, within)
      return at
    }
    const input = tree.f[node]!
    const [left, right] = [tree.l[node]!, tree.r[node]!]
    const context = contexts[input]!
    if (context === null) {
      const at = add(draft, input)
      draft.thresholds[at] = Math.fround(tree.t[node]!)
      draft.isLeftDefault[at] = tree.d[node]!
      draft.leftShare[at] = coverOf(left) / (coverOf(left) + coverOf(right))
      draft.left[at] = visit(left, within)
      draft.right[at] = visit(right, within)
      return at
    }
    const cut = Math.floor(tree.t[node]!)
    const [low, high] = context === 'class' ? [within.c0, within.c1] : [within.g0, within.g1]
    if (high <= cut) return visit(left, within)
    if (low > cut) return visit(right, within)
    const at = add(draft, fork)
    draft.left[at] = visit(left, context === 'class' ? { ...within, c1: cut } : { ...within, g1: cut })
    draft.right[at] = visit(right, context === 'class' ? { ...within, c0: cut + 1 } : { ...within, g0: cut + 1 })
    return at
  }
  visit(tree.f.length === 0 ? ~0 : 0, whole)
}

function meansOf(trees: ShapTrees): Float64Array {
  const sums = new Float64Array(trees.rectangles.length)
  const visit = (node: number, share: number): void => {
    const input = trees.inputs[node]!
    if (input === leaf) {
      sums[trees.rectangleOf[node]!]! += share * trees.values[node]!
      return
    }
    const leftShare = input === fork ? 1 : trees.leftShare[node]!
    const rightShare = input === fork ? 1 : 1 - leftShare
    visit(trees.left[node]!, share * leftShare)
    visit(trees.right[node]!, share * rightShare)
  }
  for (const root of trees.roots) visit(root, 1)
  return sums
}

const width = artefactLimits.depth + 2

/** `weights[m * width + k]` = k! (m - 1 - k)! / m!: share of the orders of m inputs in which a given k go before one. */
const weights = (() => {
  const list = new Float64Array(width * width)
  for (let m = 1; m < width; m++) {
    let chosen = 1
    for (let k = 0; k < m; k++) {
      list[m * width + k] = 1 / (m * chosen)
      chosen = (chosen * (m - 1 - k)) / (k + 1)
    }
  }
  return list
})()

// The path to the node at hand: its inputs, each once; share of the training rows that pass all its splits on the input; 1
// when the unit passes them.
const pathInput = new Int32Array(width)
const pathShare = new Float64Array(width)
const pathPasses = new Uint8Array(width)
const polynomial = new Float64Array(width)

/**
 * Gives the value of one leaf to the inputs on its path. With z the shares and o the passes of the others, an input gets
 * value x (o - z) x the weighted coefficients of the product of (z + o t) over the others. Inputs that the unit fails all
 * get the same; for one that it passes, its factor is divided out.
 */
function shareLeaf(count: number, value: number, out: Float64Array, outAt: number, step: number): void {
  let failed = value
  let degree = 0
  polynomial[0] = 1
  for (let k = 0; k < count; k++) {
    const z = pathShare[k]!
    if (pathPasses[k] === 0) {
      failed *= z
      continue
    }
    polynomial[++degree] = 1
    for (let j = degree - 1; j > 0; j--) polynomial[j] = polynomial[j - 1]! + z * polynomial[j]!
    polynomial[0] *= z
  }
  const row = count * width
  let all = 0
  if (degree < count) for (let j = 0; j <= degree; j++) all += polynomial[j]! * weights[row + j]!
  for (let k = 0; k < count; k++) {
    const place = outAt + pathInput[k]! * step
    if (pathPasses[k] === 0) {
      out[place]! -= failed * all
      continue
    }
    const z = pathShare[k]!
    let coefficient = 1
    let sum = weights[row + degree - 1]!
    for (let j = degree - 1; j > 0; j--) {
      coefficient = polynomial[j]! - z * coefficient
      sum += coefficient * weights[row + j - 1]!
    }
    out[place]! += failed * (1 - z) * sum
  }
}

function explainTree(trees: ShapTrees, x: Float64Array, out: Float64Array, node: number, count: number): void {
  const input = trees.inputs[node]!
  if (input === leaf) {
    return shareLeaf(count, trees.values[node]!, out, trees.rectangleOf[node]!, trees.rectangles.length)
  }
  const left = trees.left[node]!
  const right = trees.right[node]!
  if (input === fork) {
    explainTree(trees, x, out, left, count)
    return explainTree(trees, x, out, right, count)
  }
  let place = 0
  while (place < count && pathInput[place] !== input) place++
  const isNew = place === count
  const share = isNew ? 1 : pathShare[place]!
  const passes = isNew ? 1 : pathPasses[place]!
  const longer = isNew ? count + 1 : count
  const value = x[input]!
  const goesLeft = value !== value ? trees.isLeftDefault[node] === 1 : value <= trees.thresholds[node]!
  const leftShare = trees.leftShare[node]!
  pathInput[place] = input
  pathShare[place] = share * leftShare
  pathPasses[place] = goesLeft ? passes : 0
  explainTree(trees, x, out, left, longer)
  pathShare[place] = share * (1 - leftShare)
  pathPasses[place] = goesLeft ? 0 : passes
  explainTree(trees, x, out, right, longer)
  // What lies below has put its own marks back; so does this node.
  pathShare[place] = share
  pathPasses[place] = passes
}

export function openBoosterShap(booster: BoosterData, { areContextsFixed }: { readonly areContextsFixed: boolean }) {
  const trees = laidOut(booster, areContextsFixed)
  return {
    ...contextSize(booster.kind),
    rectangles: trees.rectangles,
    base: meansOf(trees),
    explain: (x: Float64Array, out: Float64Array) => {
      for (const root of trees.roots) explainTree(trees, x, out, root, 0)
    },
  } satisfies BoosterShap
}
