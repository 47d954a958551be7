/**
 * How often a key came before in this file, and where first. Keys are kept as 53-bit hashes in flat arrays: 5 million
 * take 120 MB where a Map of strings takes 600. Two keys of one hash are one in 700 imports of 5 million rows.
 */
export type KeyTable = {
  /** Notes the key; answers how often it came before, and the line where it was first. */
  readonly note: (key: string, line: number) => { readonly before: number; readonly firstLine: number }
}

export function openKeyTable(): KeyTable {
  let mask = 2 ** 12 - 1
  let used = 0
  let hashes = new Float64Array(mask + 1)
  let counts = new Uint32Array(mask + 1)
  let lines = new Uint32Array(mask + 1)

  function place(hash: number, table: Float64Array, within: number): number {
    let at = hash % (within + 1)
    while (table[at] !== 0 && table[at] !== hash) at = (at + 1) & within
    return at
  }

  function grow(): void {
    const wider = mask * 2 + 1
    const [newHashes, newCounts, newLines] = [
      new Float64Array(wider + 1),
      new Uint32Array(wider + 1),
      new Uint32Array(wider + 1),
    ]
    for (let i = 0; i <= mask; i++) {
      if (hashes[i] === 0) continue
      const at = place(hashes[i]!, newHashes, wider)
      newHashes[at] = hashes[i]!
      newCounts[at] = counts[i]!
      newLines[at] = lines[i]!
    }
    hashes = newHashes
    counts = newCounts
    lines = newLines
    mask = wider
  }

  return {
    note: (key, line) => {
      if (used * 2 > mask) grow()
      const hash = hash53(key)
      const at = place(hash, hashes, mask)
      if (hashes[at] === 0) {
        used += 1
        hashes[at] = hash
        lines[at] = line
      }
      const before = counts[at]!
      counts[at] = before + 1
      return { before, firstLine: lines[at]! }
    },
  }
}

/** Two 32-bit mixes of the text side by side; never 0. */
function hash53(text: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0) + 1
}
