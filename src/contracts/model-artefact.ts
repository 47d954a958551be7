import { z } from 'zod'
import { quantileLevels, saleSteps } from './prediction.ts'
import { valuedGrades } from './decision.ts'

/**
 * Shape of `model.json`: a trained model as trees in numbers. Whoever writes one also writes `golden.x.f32` (rows of the
 * feature contract) and `golden.y.f32` (their prediction rows), float32 little-endian; a reader that does not come to the
 * same answers refuses the folder.
 */

export const artefactLimits = {
  fileBytes: 32 * 1024 * 1024,
  boosters: 64,
  treesPerBooster: 2_000,
  leavesPerTree: 64,
  depth: 16,
  /** Features and encodings together. */
  inputs: 127,
  goldenRows: 10_000,
} as const

const finite = z.number()

/**
 * One tree. Child index >= 0 is an internal node, negative is the complement of a leaf. Left when `x <= t`, both float32 (who
 * has thresholds in double precision rounds them down), or when x is NaN and `d` is 1; a learner that reads NaN as 0 at a node writes `d = 0 <= t` there. Covers are counts of
 * training rows, internal nodes first. A tree of one leaf has no internal node.
 */
export const treeSchema = z.strictObject({
  /** Place in the booster's inputs that an internal node looks at. */
  f: z.array(z.int().nonnegative()).max(artefactLimits.leavesPerTree - 1),
  t: z.array(finite),
  l: z.array(z.int()),
  r: z.array(z.int()),
  d: z.array(z.literal([0, 1])),
  v: z.array(finite).min(1).max(artefactLimits.leavesPerTree),
  c: z.array(z.number().positive()),
})
export type TreeData = z.infer<typeof treeSchema>

/**
 * What a booster looks at: a feature as it is, a category by its target statistic, or the place of what is asked for:
 * `class` counts `priceClasses`, `grade` is 0 (A) .. 4 (E).
 */
export const boosterInputSchema = z.union([
  z.strictObject({ feature: z.string() }),
  z.strictObject({ encoding: z.string() }),
  z.strictObject({ context: z.enum(['class', 'grade']) }),
])
export type BoosterInput = z.infer<typeof boosterInputSchema>

/** What each kind answers, and which contexts it may look at. */
export const boosterKinds = {
  /** One for each grade: `output` 0 (A) .. 4 (E), softmax over the five. */
  grade: { link: 'softmax', outputs: valuedGrades.length, contexts: [] },
  /** One for each quantile: ln(sale price / reference price). */
  price: { link: 'identity', outputs: quantileLevels.length, contexts: ['class', 'grade'] },
  /** Logit of the weekly hazard of the first week at channel speed 1. */
  sale: { link: 'logit', outputs: 1, contexts: ['class', 'grade'] },
  repair_need: { link: 'logit', outputs: 1, contexts: ['grade'] },
  /** One for each quantile: ln(repair cost / reference price). */
  repair_cost: { link: 'identity', outputs: quantileLevels.length, contexts: ['grade'] },
  repair_success: { link: 'logit', outputs: 1, contexts: ['grade'] },
  rereturn: { link: 'logit', outputs: 1, contexts: ['class'] },
  abuse: { link: 'logit', outputs: 1, contexts: [] },
} as const
export type BoosterKind = keyof typeof boosterKinds

export const boosterSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(Object.keys(boosterKinds) as [BoosterKind, ...BoosterKind[]]),
  /** Which grade or quantile; null where the kind has one booster. */
  output: z.int().nonnegative().nullable(),
  inputs: z
    .array(boosterInputSchema)
    .min(1)
    .max(artefactLimits.inputs + 2),
  /** Added to the sum of the leaves. */
  init: finite,
  link: z.enum(['identity', 'logit', 'softmax']),
  /** -1, 0 or 1 for each input, as it was trained. */
  monotone: z.array(z.literal([-1, 0, 1])),
  trees: z.array(treeSchema).min(1).max(artefactLimits.treesPerBooster),
})
export type BoosterData = z.infer<typeof boosterSchema>

const knots = z.strictObject({ x: z.array(finite).min(2), y: z.array(finite).min(2) })
export type Knots = z.infer<typeof knots>

/**
 * From a raw score to a chance. `none`: 1 / (1 + exp(-raw)). `platt`: the same of scale * raw + shift. `isotonic`: linear
 * between knots of that chance, flat outside them; x rises, y never falls.
 */
const probabilityMapSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('platt'), scale: finite, shift: finite }),
  z.strictObject({ kind: z.literal('isotonic'), ...knots.shape }),
])
export type ProbabilityMap = z.infer<typeof probabilityMapSchema>

/**
 * Taken from the 5 % and added to the 95 % quantile. The group of a price is `category_l1|price class`, that of a repair
 * cost `category_l1|repair`; then `|price class` or `|repair`, then `|`, which must be there.
 */
const wideningSchema = z
  .array(z.strictObject({ group: z.string(), n: z.int().nonnegative(), widen: finite }))
  .refine((rows) => rows.some((row) => row.group === '|'), { error: 'the group | of all units is missing' })
export type Widening = z.infer<typeof wideningSchema>

const fiveNumbers = z.array(finite).length(valuedGrades.length)

export const calibrationSchema = z.strictObject({
  /** Softmax of scale * raw + shift; then isotonic by grade where there are knots, made to sum to 1 again. */
  grade: z.strictObject({
    scale: fiveNumbers,
    shift: fiveNumbers,
    isotonic: z.array(knots).length(valuedGrades.length).nullable(),
  }),
  /** On the chance of a sale in the first week; the answer is turned into a logit again. */
  sale: probabilityMapSchema,
  repair_need: probabilityMapSchema,
  repair_success: probabilityMapSchema,
  rereturn: probabilityMapSchema,
  abuse: probabilityMapSchema,
  price: wideningSchema,
  repair_cost: wideningSchema,
})
export type CalibrationData = z.infer<typeof calibrationSchema>

export const modelArtefactSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_.-]*$/),
  version: z.string().min(1).max(64),
  /** Name and SHA-256 (hex) of the feature contract's file. */
  contract: z.string(),
  contractHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** SHA-256 (hex) of `predictionColumns` joined by a line feed. */
  columnsHash: z.string().regex(/^[0-9a-f]{64}$/),
  trainedOn: z.string(),
  dataHash: z.string(),
  createdAt: z.iso.datetime(),
  /** Number for each category code of a feature, and for NaN or a code out of the list; read as float32. */
  encodings: z.record(
    z.string(),
    z.strictObject({ feature: z.string(), values: z.array(finite).min(1), missing: finite }),
  ),
  boosters: z.array(boosterSchema).min(1).max(artefactLimits.boosters),
  calibration: calibrationSchema,
  /** Added to the sale logit from the weeks of `saleSteps` on. */
  sale_shape: z.array(finite).length(saleSteps.length),
  /**
   * Loss of price, 1/d, by `category|brand tier`, with names of the contract: the whole category, its first two levels,
   * its first level, each with the tier and then with no tier (`electronics|`); else the default.
   */
  decay: z.strictObject({ default: z.number(), byCategoryTier: z.record(z.string(), z.number()) }),
  depth_elasticity: z.number().nonnegative(),
})
export type ModelArtefact = z.infer<typeof modelArtefactSchema>
