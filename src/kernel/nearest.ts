/** Edits (insert, delete, replace) that turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}

/** The known word that is most like the one given, for an error that helps. Long input is cut: it is no name of ours. */
export function nearest(word: string, known: readonly string[]): string {
  const cut = word.slice(0, 64)
  let best = known[0] ?? ''
  let least = Infinity
  for (const name of known) {
    const edits = distance(cut, name)
    if (edits < least) [best, least] = [name, edits]
  }
  return best
}
