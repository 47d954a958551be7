import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { reasonClusters, type ReasonCluster } from '#contracts/codes.ts'
import { bestOutput, goldenFault, linearFileSchema, scorerOf, type LinearFile, type Scorer } from './hashed-linear.ts'
import type { CategoryRead, Text, TextPart } from './port.ts'

type Model = { readonly file: LinearFile; readonly scorer: Scorer; readonly version: string }

type Settings = {
  /** Holds one or more of `reason.json`, `sentiment.json` and `category.json`. */
  readonly folder: string
  readonly categoryIds: Iterable<string>
  /** Answers what no model of the folder answers, and what a model is not sure of. */
  readonly otherwise: Text
}

/** Reads texts by the linear models that were trained by `text-model` and `category-model`; throws when one cannot be used. */
export async function openLinear({ folder, categoryIds, otherwise }: Settings): Promise<Text> {
  const [reason, sentiment, category] = await Promise.all([
    readModel(folder, 'reason.json', 'reason_cluster'),
    readModel(folder, 'sentiment.json', 'sentiment'),
    readModel(folder, 'category.json', 'category'),
  ])
  if (reason === null && sentiment === null && category === null)
    throw new Error(`${folder} holds neither reason.json nor sentiment.json nor category.json`)
  const clusterOf = reason === null ? null : clusterReader(reason)
  const categoryOf = category === null ? null : categoryReader(category, new Set(categoryIds))
  const feelingOf = sentiment === null ? null : sentimentReader(sentiment)
  const own = [partOf('reason', reason), partOf('sentiment', sentiment), partOf('category', category)]
  return {
    engine: 'linear',
    parts: [...own.filter((part) => part !== null), ...otherwise.parts],
    reasonOf: async (texts) => {
      const second = await otherwise.reasonOf(texts)
      return texts.map((text, i) => {
        const first = clusterOf?.(text) ?? second[i]!
        return { ...first, sentiment: feelingOf?.(text) ?? second[i]!.sentiment }
      })
    },
    categoryOf: async (titles) => {
      const second = await otherwise.categoryOf(titles)
      return titles.map((title, i) => categoryOf?.(title) ?? second[i]!)
    },
    close: () => otherwise.close(),
  }
}

function partOf(part: TextPart['part'], model: Model | null): TextPart | null {
  return model === null ? null : { part, engine: 'linear', version: model.version }
}

async function readModel(folder: string, name: string, kind: LinearFile['kind']): Promise<Model | null> {
  const path = join(folder, name)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`${path} cannot be read`, { cause: error })
  }
  const fault = (what: string, cause?: unknown) => new Error(`${path} cannot be used: ${what}`, { cause })
  let file: LinearFile
  try {
    file = linearFileSchema.parse(JSON.parse(text))
  } catch (error) {
    throw fault((error as Error).message, error)
  }
  if (file.kind !== kind) throw fault(`it is a model of kind ${file.kind}`)
  const scorer = scorerOf(file)
  const wrong = goldenFault(file, scorer)
  if (wrong !== null) throw fault(wrong)
  return { file, scorer, version: createHash('sha256').update(text).digest('hex').slice(0, 12) }
}

function clusterReader({ file, scorer }: Model) {
  const known = new Set<string>(reasonClusters)
  const unknown = file.outputs.find(({ name }) => !known.has(name))
  if (unknown !== undefined) throw new Error(`the reason model answers a cluster that is none of ours: ${unknown.name}`)
  return (text: string): { readonly cluster: ReasonCluster; readonly probability: number } | null => {
    const { place, probability } = bestOutput(scorer([text]))
    // Every name was held against the list above.
    return probability < file.minimum ? null : { cluster: file.outputs[place]!.name as ReasonCluster, probability }
  }
}

/** The model was trained on a title and a text that begins with it; a note of a customer has no title. */
function sentimentReader({ file, scorer }: Model): (text: string) => number | null {
  const { scale, shift } = file.chance ?? { scale: 1, shift: 0 }
  if (file.chance === undefined) throw new Error('the sentiment model does not say how a score becomes a chance')
  return (text) => (text.trim() === '' ? null : 1 - 2 / (1 + Math.exp(-(scale * scorer(['', text])[0]! + shift))))
}

function categoryReader({ file, scorer }: Model, known: ReadonlySet<string>): (title: string) => CategoryRead | null {
  const ours = new Map(
    Object.entries(file.ours ?? {}).map(([top, rule]) => [
      top,
      { usual: rule.default, words: rule.words.map(([pattern, id]) => [new RegExp(pattern), id] as const) },
    ]),
  )
  for (const { usual, words } of ours.values())
    for (const id of [usual, ...words.map((word) => word[1])])
      if (!known.has(id)) throw new Error(`the category model names a category that is none of ours: ${id}`)
  return (title) => {
    const { place, probability } = bestOutput(scorer([title]))
    const rule = ours.get(file.outputs[place]!.name)
    if (probability < file.minimum || rule === undefined) return null
    const text = title.toLowerCase()
    return { categoryId: rule.words.find(([pattern]) => pattern.test(text))?.[1] ?? rule.usual, probability }
  }
}
