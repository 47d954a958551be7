import { randomFrom } from '#kernel/random.ts'

/** Logged decisions, one row a return. `o` counts options; amounts in paise. */
export type DecisionLog = {
  readonly count: number
  readonly optionCount: number
  /** Option that was taken. */
  readonly chosen: Int32Array
  /** Chance of each option when the decision was made, count x options; 0 where it was not admissible. */
  readonly propensities: Float64Array
  /** What the taken option brought. */
  readonly rewards: Float64Array
}

/** Chance that a policy takes each option, count x options; every row sums to 1. */
export type PolicyChances = Float64Array

/** A value with its 90 % interval over returns. */
export type Estimate = { readonly value: number; readonly low: number; readonly high: number }

export type OffPolicyValue = {
  readonly count: number
  readonly ips: Estimate
  /** Null when the policy takes none of the logged options. */
  readonly snips: Estimate | null
  readonly dr: Estimate
  /** (sum w)^2 / sum w^2. */
  readonly effectiveCount: number
  readonly cappedCount: number
  /** Rows in which nothing else could have been taken: they show nothing of other routes. */
  readonly certainCount: number
  /** Of these, rows in which the policy would leave the logged option. */
  readonly unsupportedCount: number
  /** Share of all that the policy does which the log could never show; there only the reward model speaks. */
  readonly unsupportedShare: number
}

export type OffPolicyGain = OffPolicyValue & {
  readonly old: OffPolicyValue
  /** DR(new) - DR(old), row by row on the same returns. */
  readonly gain: Estimate
}

export const weightMax = 50
const bootstraps = 500
const certain = 1 - 1e-9

type Terms = {
  readonly weights: Float64Array
  readonly weighted: Float64Array
  readonly robust: Float64Array
  readonly support: Pick<OffPolicyValue, 'cappedCount' | 'certainCount' | 'unsupportedCount' | 'unsupportedShare'>
}

/** `model` is the reward model's m(x, a), count x options, cross-fitted: no row by a fit that has seen it. */
function termsOf(log: DecisionLog, policy: PolicyChances, model: Float64Array): Terms {
  const { count, optionCount } = log
  const size = count * optionCount
  if (policy.length !== size || model.length !== size || log.propensities.length !== size) {
    throw new Error(`${count} rows of ${optionCount} options, but ${policy.length} chances and ${model.length} rewards`)
  }
  const weights = new Float64Array(count)
  const weighted = new Float64Array(count)
  const robust = new Float64Array(count)
  let cappedCount = 0
  let certainCount = 0
  let unsupportedCount = 0
  let unsupported = 0
  for (let i = 0; i < count; i++) {
    const at = i * optionCount
    const taken = at + log.chosen[i]!
    const propensity = log.propensities[taken]!
    if (!(propensity > 0)) throw new Error(`row ${i}: an option was taken that had no chance`)
    const ratio = policy[taken]! / propensity
    const weight = Math.min(ratio, weightMax)
    if (ratio > weightMax) cappedCount++
    let expected = 0
    let unseen = 0
    for (let o = at; o < at + optionCount; o++) {
      const chance = policy[o]!
      if (chance === 0) continue
      expected += chance * model[o]!
      if (log.propensities[o] === 0) unseen += chance
    }
    if (propensity >= certain) {
      certainCount++
      if (unseen > 1e-9) unsupportedCount++
    }
    unsupported += unseen
    weights[i] = weight
    weighted[i] = weight * log.rewards[i]!
    robust[i] = expected + (weight === 0 ? 0 : weight * (log.rewards[i]! - model[taken]!))
  }
  const unsupportedShare = count === 0 ? 0 : unsupported / count
  return { weights, weighted, robust, support: { cappedCount, certainCount, unsupportedCount, unsupportedShare } }
}

function sum(values: Float64Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}

function levelOf(sorted: Float64Array, level: number): number {
  const place = level * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
}

/** The middle 90 % of the replicates. */
function estimate(value: number, replicates: Float64Array): Estimate {
  const sorted = replicates.toSorted()
  return { value, low: levelOf(sorted, 0.05), high: levelOf(sorted, 0.95) }
}

/**
 * Mean of a column with the studentised interval of its replicates: rewards have a long right tail, of which the plain
 * quantiles of the replicates see too little.
 */
function estimateMean(column: Float64Array, { sums, squares }: Resampled): Estimate {
  const n = column.length
  const value = sum(column) / n
  const errorOf = (mean: number, square: number) => Math.sqrt(Math.max(0, square / n - mean * mean) / n)
  const error = errorOf(
    value,
    column.reduce((total, x) => total + x * x, 0),
  )
  const ratios = sums
    .map((total, b) => (total / n - value) / errorOf(total / n, squares[b]!))
    .filter((t) => Number.isFinite(t))
    .toSorted()
  if (ratios.length === 0) return { value, low: value, high: value }
  return { value, low: value - levelOf(ratios, 0.95) * error, high: value - levelOf(ratios, 0.05) * error }
}

type Resampled = { readonly sums: Float64Array; readonly squares: Float64Array }

/** Sums of each column and of its squares over rows drawn with replacement: every column sees the same draws. */
function resample(columns: readonly Float64Array[], count: number, seed: number): Resampled[] {
  const random = randomFrom(seed)
  const found = columns.map(() => ({ sums: new Float64Array(bootstraps), squares: new Float64Array(bootstraps) }))
  const drawn = new Int32Array(count)
  for (let b = 0; b < bootstraps; b++) {
    for (let i = 0; i < count; i++) drawn[i] = Math.floor(random() * count)
    columns.forEach((column, c) => {
      let total = 0
      let square = 0
      for (let i = 0; i < count; i++) {
        const value = column[drawn[i]!]!
        total += value
        square += value * value
      }
      found[c]!.sums[b] = total
      found[c]!.squares[b] = square
    })
  }
  return found
}

function valueOf({ weights, weighted, robust, support }: Terms, resampled: readonly Resampled[]): OffPolicyValue {
  const count = weights.length
  const [ofWeights, ofWeighted, ofRobust] = resampled as [Resampled, Resampled, Resampled]
  const weight = sum(weights)
  const squares = weights.reduce((total, w) => total + w * w, 0)
  const total = sum(weighted)
  const ratios = ofWeighted.sums.map((s, b) => s / ofWeights.sums[b]!).filter((s) => !Number.isNaN(s))
  return {
    count,
    ips: estimateMean(weighted, ofWeighted),
    snips: weight === 0 ? null : estimate(total / weight, ratios),
    dr: estimateMean(robust, ofRobust),
    effectiveCount: squares === 0 ? 0 : (weight * weight) / squares,
    ...support,
  }
}

function needsRows(log: DecisionLog): void {
  if (log.count === 0) throw new Error('no logged decision: nothing can be said of a policy')
}

/** What a policy would have brought, mean per return, from decisions that another one made (decision-model 6). */
export function valueOffPolicy(
  log: DecisionLog,
  policy: PolicyChances,
  model: Float64Array,
  seed: number,
): OffPolicyValue {
  needsRows(log)
  const terms = termsOf(log, policy, model)
  return valueOf(terms, resample([terms.weights, terms.weighted, terms.robust], log.count, seed))
}

/** Two policies on the same returns: their difference has less noise than each of them. */
export function compareOffPolicy(
  log: DecisionLog,
  policies: { readonly old: PolicyChances; readonly new: PolicyChances },
  model: Float64Array,
  seed: number,
): OffPolicyGain {
  needsRows(log)
  const [older, newer] = [termsOf(log, policies.old, model), termsOf(log, policies.new, model)]
  const difference = newer.robust.map((value, i) => value - older.robust[i]!)
  const resampled = resample(
    [newer.weights, newer.weighted, newer.robust, older.weights, older.weighted, older.robust, difference],
    log.count,
    seed,
  )
  return {
    ...valueOf(newer, resampled.slice(0, 3)),
    old: valueOf(older, resampled.slice(3, 6)),
    gain: estimateMean(difference, resampled[6]!),
  }
}
