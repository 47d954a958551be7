import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { reasonClusters } from '#contracts/codes.ts'
import type { CategoryRead, ReasonRead, Text } from './port.ts'
import { bestTopic, findPhrases, phraseTable, weightOf, wordsOf, type Found } from './phrases.ts'

const list = z.array(z.string().min(1))
const phrases = z.strictObject({ en: list, hi: list.default([]) })
const stamped = {
  version: z.string(),
  source: z.string(),
  licence: z.string(),
  /** Below this share nothing is said. */
  minimum: z.number().gt(0).lt(1),
  /** Weight of what was not understood; one word alone weighs 1. */
  smoothing: z.number().positive(),
}
const reasonsFileSchema = z.strictObject({
  ...stamped,
  /** Words that turn what stands after or before them into its opposite. */
  negators: z.strictObject({ before: z.array(z.string()), after: z.array(z.string()) }),
  clusters: z.array(z.strictObject({ cluster: z.enum(reasonClusters), words: phrases })).length(reasonClusters.length),
})
const categoriesFileSchema = z.strictObject({
  ...stamped,
  /** After one of these a title names what the thing is for, not what it is. */
  tails: z.array(z.string()),
  tailFactor: z.number().gt(0).max(1),
  /** The last thing that is named before the tail is what the others describe. */
  headFactor: z.number().min(1),
  categories: z.array(z.strictObject({ categoryId: z.string(), words: phrases })).min(1),
})

/** Reads texts by our own lists of words in English and Hindi, in `folder`; a list that cannot be used stops the start. */
export async function openWords(folder: string, categoryIds: Iterable<string>): Promise<Text> {
  const [reasons, categories] = await Promise.all([
    read(join(folder, 'reasons.json'), reasonsFileSchema, reasonReader),
    read(join(folder, 'categories.json'), categoriesFileSchema, (file) => {
      const known = new Set(categoryIds)
      const unknown = file.categories.find(({ categoryId }) => !known.has(categoryId))
      if (unknown !== undefined) throw new Error(`no such category: ${unknown.categoryId}`)
      return categoryReader(file)
    }),
  ])
  return {
    engine: 'words',
    parts: [
      { part: 'reason', engine: 'words', version: reasons.version },
      { part: 'category', engine: 'words', version: categories.version },
    ],
    reasonOf: (texts) => Promise.resolve(texts.map(reasons.reader)),
    categoryOf: (titles) => Promise.resolve(titles.map(categories.reader)),
    close: () => Promise.resolve(),
  }
}

async function read<F extends { readonly version: string }, R>(
  path: string,
  schema: z.ZodType<F>,
  readerOf: (file: F) => R,
): Promise<{ readonly version: string; readonly reader: R }> {
  try {
    const file = schema.parse(JSON.parse(await readFile(path, 'utf8')))
    return { version: file.version, reader: readerOf(file) }
  } catch (error) {
    throw new Error(`${path} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

function reasonReader(file: z.output<typeof reasonsFileSchema>): (text: string) => ReasonRead {
  const before = new Set(file.negators.before.flatMap(wordsOf))
  const after = new Set(file.negators.after.flatMap(wordsOf))
  const table = phraseTable(
    file.clusters.map(({ words }) => Object.values(words).flat()),
    new Set([...before, ...after]),
  )
  return (text) => {
    const weights = new Map<number, number>()
    // What stands in another clause does not negate.
    for (const clause of text.split(/[.,;:!?।\n]+/)) {
      const words = wordsOf(clause)
      const found = findPhrases(table, words)
      for (const phrase of found) {
        if (isNegated(phrase, found, words, before, after)) continue
        weights.set(phrase.topic, (weights.get(phrase.topic) ?? 0) + weightOf(phrase))
      }
    }
    const best = bestTopic(weights, file)
    return best === null
      ? { cluster: null, probability: 0, sentiment: null }
      : { cluster: file.clusters[best.topic]!.cluster, probability: best.probability, sentiment: null }
  }
}

/** A negator next to a phrase, unless it belongs to a phrase itself: "not working" is a fault, "not damaged" is none. */
function isNegated(
  phrase: Found,
  found: readonly Found[],
  words: readonly string[],
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): boolean {
  if (phrase.hasNegator) return false
  const isFree = (at: number) => !found.some(({ from, to }) => at >= from && at < to)
  const says = (at: number, negators: ReadonlySet<string>) => negators.has(words[at] ?? '') && isFree(at)
  return says(phrase.from - 1, before) || says(phrase.from - 2, before) || says(phrase.to, after)
}

function categoryReader(file: z.output<typeof categoriesFileSchema>): (title: string) => CategoryRead | null {
  const tails = new Set(file.tails.flatMap(wordsOf))
  const table = phraseTable(file.categories.map(({ words }) => Object.values(words).flat()))
  return (title) => {
    const words = wordsOf(title)
    const found = findPhrases(table, words)
    const tail = words.findIndex((word) => tails.has(word))
    const isTail = ({ from }: Found) => tail >= 0 && from > tail
    const head = found.findLast((phrase) => !isTail(phrase))
    const weights = new Map<number, number>()
    for (const phrase of found) {
      const factor = isTail(phrase) ? file.tailFactor : phrase === head ? file.headFactor : 1
      weights.set(phrase.topic, (weights.get(phrase.topic) ?? 0) + factor * weightOf(phrase))
    }
    const best = bestTopic(weights, file)
    return best === null ? null : { categoryId: file.categories[best.topic]!.categoryId, probability: best.probability }
  }
}
