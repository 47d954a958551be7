import { z } from 'zod'

/**
 * Linear models over hashed n-grams, as `ml/smartreturns_ml/real/hashed_text.py` writes them: the tokeniser, the hash and
 * the weighting are those of that file, and each model brings texts with the scores that they must come to.
 */

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'))

export const linearFileSchema = z
  .object({
    kind: z.enum(['sentiment', 'reason_cluster', 'category']),
    format: z.literal('hashed-linear.v1'),
    buckets: z
      .int()
      .min(1)
      .max(1 << 20),
    bits: z.union([z.literal(8), z.literal(16)]),
    blocks: z
      .array(
        z.object({
          field: z.int().min(0).max(7),
          prefix: z.string().max(8),
          kind: z.enum(['words', 'characters']),
          factor: z.number(),
        }),
      )
      .min(1),
    idf: z.object({ scale: z.number().positive(), bytes }),
    outputs: z
      .array(z.object({ name: z.string(), intercept: z.number(), scale: z.number(), weights: bytes }))
      .min(1)
      .max(1000),
    golden: z.array(z.object({ texts: z.array(z.string()), scores: z.array(z.number()) })).min(1),
    /** Below this share the greatest score says nothing. */
    minimum: z.number().min(0).lt(1).default(0.35),
    /** From a score to a chance: the logistic of scale x score + shift. */
    chance: z.object({ scale: z.number(), shift: z.number() }).optional(),
    /** From the model's categories to ours; the first pattern that the title holds, else the default. */
    ours: z
      .record(z.string(), z.object({ default: z.string(), words: z.array(z.tuple([z.string(), z.string()])) }))
      .optional(),
  })
  .refine((file) => file.idf.bytes.length === file.buckets, { error: 'idf has not one byte a bucket' })
  .refine((file) => file.outputs.every(({ weights }) => weights.length === (file.buckets * file.bits) / 8), {
    error: 'an output has not one weight a bucket',
  })
export type LinearFile = z.output<typeof linearFileSchema>

/** Scores of one text, one an output; `texts` holds one string a field. */
export type Scorer = (texts: readonly string[]) => number[]

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1
  return value
})
const step = (register: number, code: number) => (register >>> 8) ^ table[(register ^ code) & 0xff]!
const placeOf = (register: number) => (register ^ -1) >>> 0

/** Terms are ASCII, so that a character is a byte. */
function feed(register: number, text: string): number {
  let next = register
  for (let i = 0; i < text.length; i++) next = step(next, text.charCodeAt(i))
  return next
}

/** CRC-32 of every term of a block. */
export function placesOf({ prefix, kind }: LinearFile['blocks'][number], text: string): number[] {
  const words = text.toLowerCase().match(/[a-z0-9']+/g) ?? []
  const found: number[] = []
  if (kind === 'words') {
    const [single, pair] = [feed(-1, `${prefix}w:`), feed(-1, `${prefix}b:`)]
    for (const word of words) found.push(placeOf(feed(single, word)))
    for (let i = 1; i < words.length; i++) found.push(placeOf(feed(pair, `${words[i - 1]} ${words[i]}`)))
    return found
  }
  const start = feed(-1, `${prefix}c:`)
  for (const word of words) {
    const padded = ` ${word} `
    for (let from = 0; from < padded.length; from++) {
      let register = start
      for (let n = 1; n <= 5 && from + n <= padded.length; n++) {
        register = step(register, padded.charCodeAt(from + n - 1))
        if (n >= 3) found.push(placeOf(register))
      }
    }
  }
  return found
}

function weightsOf({ weights }: LinearFile['outputs'][number], bits: LinearFile['bits']): Int8Array | Int16Array {
  if (bits === 8) return new Int8Array(weights.buffer, weights.byteOffset, weights.length)
  return Int16Array.from({ length: weights.length / 2 }, (_, i) => weights.readInt16LE(2 * i))
}

export function scorerOf({ blocks, buckets, bits, idf, outputs }: LinearFile): Scorer {
  const weights = outputs.map((output) => weightsOf(output, bits))
  return (texts) => {
    const sums = new Float64Array(outputs.length)
    for (const block of blocks) {
      const counts = new Map<number, number>()
      for (const place of placesOf(block, texts[block.field] ?? '')) {
        const bucket = place % buckets
        counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
      }
      let squares = 0
      const terms: [number, number][] = []
      for (const [bucket, count] of counts) {
        const value = (1 + Math.log(count)) * idf.bytes[bucket]! * idf.scale
        squares += value * value
        terms.push([bucket, value])
      }
      const factor = block.factor / Math.max(Math.sqrt(squares), 1e-12)
      for (const [bucket, value] of terms)
        for (let o = 0; o < weights.length; o++) sums[o]! += value * factor * weights[o]![bucket]!
    }
    return outputs.map(({ intercept, scale }, o) => intercept + scale * sums[o]!)
  }
}

/** The scores of a model are rounded to six digits. */
const tolerance = 2e-6

/** What is wrong with the model by its own golden pairs; null when it scores as its trainer did. */
export function goldenFault(file: LinearFile, scorer: Scorer): string | null {
  for (const { texts, scores } of file.golden) {
    const found = scorer(texts)
    const off = Math.max(...found.map((score, i) => Math.abs(score - (scores[i] ?? Number.NaN))))
    if (found.length !== scores.length || !(off <= tolerance))
      return `scores ${JSON.stringify(texts)} otherwise than its trainer, by ${off}`
  }
  return null
}

/** The greatest score and its share of all that are above zero: scores of one-hot targets add up to about 1. */
export function bestOutput(scores: readonly number[]): { readonly place: number; readonly probability: number } {
  let [place, sum] = [0, 0]
  for (const [i, score] of scores.entries()) {
    sum += Math.max(0, score)
    if (score > scores[place]!) place = i
  }
  return { place, probability: sum > 0 ? Math.min(1, Math.max(0, scores[place]!) / Math.max(1, sum)) : 0 }
}
