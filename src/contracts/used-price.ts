import { z } from 'zod'
import { treeSchema } from './model-artefact.ts'

/**
 * Shape of `value.json`: what a used thing of one kind fetches, by its new price and specification. A polynomial and trees on
 * the same columns, weighed together, with an interval whose width follows how hard a row is. Trained by `value-model` of
 * `ml/` on sets of which nothing may ship, so a file is always made where it is used.
 */

const numbers = z.array(z.number())
const place = z.int().nonnegative()

const inputSchema = z.discriminatedUnion('kind', [
  /** ln(value + add). */
  z.strictObject({ name: z.string(), kind: z.literal('log'), add: z.number() }),
  z.strictObject({ name: z.string(), kind: z.literal('scaled'), by: z.number() }),
  /** 1 for `yes`. */
  z.strictObject({ name: z.string(), kind: z.literal('yes_no') }),
])

export const usedPriceModelSchema = z.strictObject({
  kind: z.literal('value'),
  format: z.literal('value.v1'),
  answers: z.string(),
  /** The first is the logarithm of the new price. */
  inputs: z.array(inputSchema).min(1),
  /** A missing input is a line in the `known` ones; the last coefficient is the intercept. */
  fill: z.array(z.strictObject({ input: place, known: z.array(place), coefficients: numbers })),
  mean: numbers,
  spread: numbers,
  /** So many first columns enter the polynomial with the products of each two. */
  paired: place,
  brands: z.array(z.string()),
  brand_factor: z.number(),
  systems: z.array(z.string()),
  polynomial: z.strictObject({ intercept: z.number(), coefficients: numbers }),
  brand_ratio: z.strictObject({ default: z.number(), values: z.record(z.string(), z.number()) }),
  boosters: z.array(z.array(treeSchema)).min(1),
  weights: z.strictObject({ polynomial: z.number(), boosted: z.number() }),
  shift: z.number(),
  interval: z.strictObject({ low: z.number(), high: z.number(), floor: z.number(), size: z.array(treeSchema) }),
  golden: z.array(z.strictObject({ row: z.record(z.string(), z.string()), answer: numbers.length(3) })).min(1),
})
export type UsedPriceModel = z.infer<typeof usedPriceModelSchema>

/** A row as a file holds it: texts by column; an empty one is not known. */
export type SpecificationRow = Readonly<Record<string, string>>
/** 80 % of prices lie between `low` and `high`. */
export type UsedPrice = { readonly low: number; readonly price: number; readonly high: number }
