import { quantileNormals } from '#contracts/prediction.ts'
import { quickExp } from './draws.ts'

/**
 * A logarithm known by five quantiles: linear in the normal variable between them, and on along the outer pieces beyond
 * them. Of a log-normal price this is the price itself.
 */

const pieces = quantileNormals.length - 1
/** Intercepts, then slopes. */
export const curveWidth = 2 * pieces

/** Gauss-Legendre on each piece and on each tail: exact to 1e-6 of a log-normal mean, and close on each side of a fee step. */
const tailEdge = 4
const abscissas = [-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526]
const abscissaWeights = [0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385]

const nodes = (() => {
  const edges = [-tailEdge, ...quantileNormals, tailEdge]
  const list: { z: number; weight: number; piece: number }[] = []
  for (let e = 0; e + 1 < edges.length; e++) {
    const [from, to] = [edges[e]!, edges[e + 1]!]
    abscissas.forEach((x, i) => {
      const z = (from + to) / 2 + ((to - from) / 2) * x
      const weight = (((to - from) / 2) * abscissaWeights[i]! * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)
      list.push({ z, weight, piece: Math.min(pieces - 1, Math.max(0, e - 1)) })
    })
  }
  const sum = list.reduce((total, node) => total + node.weight, 0)
  return list.map((node) => ({ ...node, weight: node.weight / sum }))
})()

export const nodeCount = nodes.length
export const nodeWeights = Float64Array.from(nodes, (node) => node.weight)
const nodeNormals = Float64Array.from(nodes, (node) => node.z)
const nodePieces = Uint8Array.from(nodes, (node) => node.piece)
const [, firstEdge, middleEdge, lastEdge] = quantileNormals

/** Writes intercepts and slopes of the curve through the five quantiles at `from`. */
export function writeCurve(quantiles: Float64Array, from: number, curve: Float64Array, at: number): void {
  for (let i = 0; i < pieces; i++) {
    const slope = (quantiles[from + i + 1]! - quantiles[from + i]!) / (quantileNormals[i + 1]! - quantileNormals[i]!)
    curve[at + i] = quantiles[from + i]! - slope * quantileNormals[i]!
    curve[at + pieces + i] = slope
  }
}

/** The logarithm at a normal number. */
export function curveAt(curve: Float64Array, at: number, z: number): number {
  const piece = z < middleEdge ? (z < firstEdge ? 0 : 1) : z < lastEdge ? 2 : 3
  return curve[at + piece]! + curve[at + pieces + piece]! * z
}

/** Writes the quantity itself at every node; with `nodeWeights` they make up its distribution. */
export function writeNodes(curve: Float64Array, at: number, out: Float64Array, outAt: number): void {
  for (let n = 0; n < nodeCount; n++) {
    const piece = nodePieces[n]!
    out[outAt + n] = quickExp(curve[at + piece]! + curve[at + pieces + piece]! * nodeNormals[n]!)
  }
}

export function meanOfNodes(values: Float64Array, at: number): number {
  let mean = 0
  for (let n = 0; n < nodeCount; n++) mean += nodeWeights[n]! * values[at + n]!
  return mean
}
