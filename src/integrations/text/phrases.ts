/** Finds phrases in texts: what the lists of words in `data/text` are looked up by. */

export type Found = {
  readonly topic: number
  /** Words of the phrase that stand in the text. */
  readonly length: number
  readonly from: number
  readonly to: number
  readonly hasNegator: boolean
}

/** A place of a phrase that any words may take, so many at most. */
const gap = '*'
const gapMax = 2

type Phrase = { readonly topic: number; readonly words: readonly string[]; readonly hasNegator: boolean }
export type PhraseTable = ReadonlyMap<string, readonly Phrase[]>

/** Words in small letters, without apostrophes and without the s of a plural, so that both sides agree. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll('’', "'")
  return (plain.match(/[\p{L}\p{M}\p{N}']+/gu) ?? []).map(singular).filter((word) => word !== '')
}

function singular(word: string): string {
  const bare = word.replace(/'s$/, '').replaceAll("'", '')
  if (bare.length < 4 || !/^[a-z]+$/.test(bare)) return bare
  if (/(sh|ch|x|ss)es$/.test(bare)) return bare.slice(0, -2)
  if (bare.endsWith('ies')) return `${bare.slice(0, -3)}y`
  return /[^sui]s$/.test(bare) ? bare.slice(0, -1) : bare
}

/** Phrases by their first word. A phrase of two topics is a fault of the file. */
export function phraseTable(
  topics: readonly (readonly string[])[],
  negators: ReadonlySet<string> = new Set(),
): PhraseTable {
  const table = new Map<string, Phrase[]>()
  const seen = new Map<string, number>()
  for (const [topic, phrases] of topics.entries()) {
    for (const phrase of phrases) {
      const words = phrase.split(/\s+/).flatMap((part) => (part === gap ? gap : wordsOf(part)))
      const [first] = words
      if (first === undefined || first === gap || words.at(-1) === gap)
        throw new Error(`no phrase that can be looked for: ${JSON.stringify(phrase)}`)
      const other = seen.get(words.join(' '))
      if (other !== undefined && other !== topic) throw new Error(`${JSON.stringify(phrase)} stands under two topics`)
      if (other !== undefined) continue
      seen.set(words.join(' '), topic)
      const found = { topic, words, hasNegator: words.some((word) => negators.has(word)) }
      table.set(first, [...(table.get(first) ?? []), found])
    }
  }
  return table
}

/** Phrases of a text from left to right, the longest at each place; no word counts twice. */
export function findPhrases(table: PhraseTable, words: readonly string[]): Found[] {
  const found: Found[] = []
  for (let at = 0; at < words.length;) {
    let best: Found | null = null
    for (const { topic, words: wanted, hasNegator } of table.get(words[at]!) ?? []) {
      const to = endOf(wanted, 0, words, at)
      const length = wanted.filter((word) => word !== gap).length
      if (to !== null && (best === null || length > best.length)) best = { topic, length, from: at, to, hasNegator }
    }
    if (best !== null) found.push(best)
    at = best?.to ?? at + 1
  }
  return found
}

function endOf(wanted: readonly string[], place: number, words: readonly string[], at: number): number | null {
  if (place === wanted.length) return at
  if (wanted[place] !== gap) return words[at] === wanted[place] ? endOf(wanted, place + 1, words, at + 1) : null
  for (let skipped = 0; skipped <= gapMax; skipped++) {
    const to = endOf(wanted, place + 1, words, at + skipped)
    if (to !== null) return to
  }
  return null
}

/** A phrase of several words says more than one word. */
export function weightOf({ length }: Pick<Found, 'length'>): number {
  return Math.min(2, 0.5 + 0.5 * length)
}

/** The topic with most weight and its share, or null below `minimum`. `smoothing` is the weight of what was not understood. */
export function bestTopic(
  weights: ReadonlyMap<number, number>,
  { minimum, smoothing }: { readonly minimum: number; readonly smoothing: number },
): { readonly topic: number; readonly probability: number } | null {
  let [best, sum] = [-1, smoothing]
  for (const [topic, weight] of weights) {
    sum += weight
    if (best < 0 || weight > weights.get(best)!) best = topic
  }
  const probability = best < 0 ? 0 : weights.get(best)! / sum
  return best < 0 || probability < minimum ? null : { topic: best, probability }
}
