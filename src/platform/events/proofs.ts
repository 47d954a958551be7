import type { Queryable } from '../db/port.ts'
import { readLeaves, readNodes } from './checkpoint-store.ts'
import { nodeHash, pathRanges, perfectParts, rootOfParts, type Range } from './merkle.ts'

const blockHeight = 8
const blockLeaves = 2 ** blockHeight

/** Makes inclusion proofs of records in the tree of the first `size`; what several need is read once. */
export function openProofs(db: Queryable, size: number): (seq: number) => Promise<Buffer[]> {
  const blocks = new Map<number, Promise<Buffer[]>>()
  const ranges = new Map<string, Promise<Buffer>>()

  function block(position: number): Promise<Buffer[]> {
    const known = blocks.get(position)
    if (known !== undefined) return known
    const first = position * blockLeaves
    const read = readLeaves(db, first, Math.min(first + blockLeaves, size))
    blocks.set(position, read)
    return read
  }

  /** The root of a perfect subtree: from kept ones below it, or from its leaves. */
  async function part({ height, position }: { height: number; position: number }): Promise<Buffer> {
    const base = height < blockHeight ? 0 : height - (height % 4)
    const count = 2 ** (height - base)
    const first = position * count
    const hashes =
      base === 0
        ? (await block(Math.floor(first / blockLeaves))).slice(first % blockLeaves, (first % blockLeaves) + count)
        : await readNodes(db, base, first, first + count)
    if (hashes.length !== count) throw new Error(`the tree lacks nodes of height ${base} from ${first}`)
    return foldPerfect(hashes)
  }

  function rootOfRange(range: Range): Promise<Buffer> {
    const name = `${range.first}-${range.end}`
    const known = ranges.get(name)
    if (known !== undefined) return known
    const made = Promise.all(perfectParts(range).map(part)).then(rootOfParts)
    ranges.set(name, made)
    return made
  }

  return (seq) => Promise.all(pathRanges(seq - 1, size).map(rootOfRange))
}

function foldPerfect(hashes: readonly Buffer[]): Buffer {
  let level = [...hashes]
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_, i) => nodeHash(level[2 * i]!, level[2 * i + 1]!))
  return level[0]!
}
