import { createHash, hash as digestOf } from 'node:crypto'

/** The Merkle tree of RFC 6962 (section 2.1): SHA-256, leaves and nodes told apart by their first byte. */

const leafMark = Buffer.from([0])

export function leafHash(text: string): Buffer {
  return createHash('sha256').update(leafMark).update(text, 'utf8').digest()
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  // One call for all: a stream of updates takes three times as long for 65 bytes.
  const node = Buffer.allocUnsafe(1 + left.length + right.length)
  node[0] = 1
  node.set(left, 1)
  node.set(right, 1 + left.length)
  return digestOf('sha256', node, 'buffer')
}

/** A tree that only grows, kept as the roots of its perfect subtrees, largest first. */
export type Growing = { size: number; peaks: Buffer[] }

/** Adds one leaf; tells each perfect subtree that it completes. */
export function grow(
  tree: Growing,
  leaf: Buffer,
  completed: (height: number, position: number, hash: Buffer) => void,
): void {
  let hash = leaf
  let height = 0
  tree.size += 1
  for (let rest = tree.size; rest % 2 === 0; rest /= 2) {
    hash = nodeHash(tree.peaks.pop()!, hash)
    height += 1
    completed(height, tree.size / 2 ** height - 1, hash)
  }
  tree.peaks.push(hash)
}

export function rootOf({ peaks }: Growing): Buffer {
  if (peaks.length === 0) return createHash('sha256').digest()
  return peaks.reduceRight((right, left) => nodeHash(left, right))
}

export function packPeaks(peaks: readonly Buffer[]): Buffer {
  return Buffer.concat(peaks)
}

export function unpackPeaks(packed: Buffer): Buffer[] {
  return Array.from({ length: packed.length / 32 }, (_, i) => Buffer.from(packed.subarray(32 * i, 32 * i + 32)))
}

/** A part of the leaves, `first` included and `end` not. */
export type Range = { readonly first: number; readonly end: number }

/** The largest power of two below `n`, for n > 1. */
function splitAt(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** The ranges whose roots prove leaf `index` (from 0) to the root of `size` leaves, nearest first. */
export function pathRanges(index: number, size: number): Range[] {
  const path: Range[] = []
  let [first, end] = [0, size]
  while (end - first > 1) {
    const middle = first + splitAt(end - first)
    if (index < middle) {
      path.push({ first: middle, end })
      end = middle
    } else {
      path.push({ first, end: middle })
      first = middle
    }
  }
  return path.toReversed()
}

/** The root that a leaf and its path lead to (RFC 9162, 2.1.3.2); null when the path has another length than it must. */
export function rootByPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | null {
  if (index >= size) return null
  let [fn, sn, hash] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (sn === 0) return null
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else hash = nodeHash(hash, sibling)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 ? hash : null
}

/** Perfect subtrees that make up a range, left to right. */
export function perfectParts({ first, end }: Range): { height: number; position: number }[] {
  const parts: { height: number; position: number }[] = []
  for (let at = first; at < end;) {
    let height = 0
    while (at % 2 ** (height + 1) === 0 && at + 2 ** (height + 1) <= end) height += 1
    parts.push({ height, position: at / 2 ** height })
    at += 2 ** height
  }
  return parts
}

/** The root of a range from the roots of its perfect parts. */
export function rootOfParts(hashes: readonly Buffer[]): Buffer {
  return hashes.toReversed().reduce((right, left) => nodeHash(left, right))
}
