import { routes } from '#contracts/codes.ts'
import type { RecommendationBody } from '#contracts/recommendations.ts'
import { outcomePlace, outcomeWidth } from '#contracts/training-rows.ts'
import { randomFrom } from '#kernel/random.ts'
import { valueOffPolicy, type DecisionLog, type OffPolicyValue } from '#services/recommendation/off-policy.ts'
import { fitRewards, foldCount, randomFolds, type RewardDesign } from '#services/recommendation/reward-model.ts'
import type { LoggedDecision, SplitData } from '../simulator/read-world.ts'
import { truthColumns } from '../simulator/world-files.ts'

/** Holds the estimates of decision-model 6 against the truth that only a simulator knows. */

export type OffPolicyMetric = {
  /** Units with a decision whose every route has a known outcome, and those left out. */
  readonly units: number
  readonly leftOut: number
  readonly seeds: number
  /** What the candidate truly brings, paise a return. */
  readonly truth: number
  /** Mean over the seeds of abs(estimate - truth) / truth, the truth being that of the very returns in the log. */
  readonly error: { readonly dr: number; readonly ips: number; readonly snips: number }
  readonly bias: number
  /** The same against the truth of all returns: it holds the chance of which returns came, too. */
  readonly errorOfAll: number
  /** Share of the 90 % intervals of DR, which are over returns, that hold the truth of all returns. */
  readonly cover: number
  readonly effectiveCount: number
  readonly certainShare: number
  readonly unsupportedShare: number
}

/** The route that a candidate puts first for each unit, and what it expects of every route; places as in the world. */
export type Candidate = { readonly chosen: Int32Array; readonly utilities: readonly (readonly (number | null)[])[] }

export function candidateOf(
  bodies: readonly RecommendationBody[],
  optionCount: number,
  optionAt: (option: { readonly disposition: string; readonly channel: string }) => number,
): Candidate {
  const chosen = new Int32Array(bodies.length).fill(-1)
  const utilities = bodies.map((body, i) => {
    const own: (number | null)[] = Array.from({ length: optionCount }, () => null)
    body.options.forEach((option, place) => {
      const at = optionAt(option)
      if (at < 0) return
      own[at] = option.utility
      if (place === 0) chosen[i] = at
    })
    return own
  })
  return { chosen, utilities }
}

type Logged = Pick<SplitData, 'count' | 'manifest' | 'x1' | 'y' | 'truth'> & {
  readonly decisions: readonly LoggedDecision[]
}

/** All that is the same whatever the resample: rows of units that can be judged. */
type Base = {
  readonly count: number
  readonly optionCount: number
  readonly width: number
  readonly propensities: Float64Array
  readonly policy: Float64Array
  readonly expected: Float64Array
  readonly outcomes: Float64Array
  readonly rows: Float32Array
  readonly scales: Float64Array
  readonly classes: Int32Array
}

const utilityPlace = truthColumns.indexOf('u')

/**
 * Draws the log anew for each seed: units with replacement, for each the route by its logged chances, and the outcome that the
 * simulator knows of it; then estimates the candidate from that log alone.
 */
export function offPolicyMetric(
  split: Logged,
  options: readonly { readonly route: string }[],
  candidate: Candidate,
  seeds = 50,
): OffPolicyMetric {
  const base = baseOf(split, options, candidate)
  const { count, optionCount, policy, outcomes } = base
  let truth = 0
  for (let k = 0; k < count * optionCount; k++) if (policy[k]! > 0) truth += policy[k]! * outcomes[k]!
  truth /= count
  const found: (OffPolicyValue & { readonly own: number })[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const { log, chances, design, own } = drawnLog(base, seed)
    found.push({ ...valueOffPolicy(log, chances, fitRewards(log, design), seed), own })
  }
  const mean = (of: (value: (typeof found)[number]) => number) =>
    found.reduce((sum, value) => sum + of(value), 0) / seeds
  const off = (value: number, own: number) => Math.abs(value - own) / Math.abs(own)
  return {
    units: count,
    leftOut: split.count - count,
    seeds,
    truth,
    error: {
      dr: mean(({ dr, own }) => off(dr.value, own)),
      ips: mean(({ ips, own }) => off(ips.value, own)),
      snips: mean(({ snips, own }) => off(snips?.value ?? 0, own)),
    },
    bias: mean(({ dr, own }) => (dr.value - own) / Math.abs(own)),
    errorOfAll: mean(({ dr }) => off(dr.value, truth)),
    cover: mean(({ dr }) => Number(dr.low <= truth && truth <= dr.high)),
    effectiveCount: mean((value) => value.effectiveCount),
    certainShare: mean((value) => value.certainCount / value.count),
    unsupportedShare: mean((value) => value.unsupportedShare),
  }
}

function baseOf(split: Logged, options: readonly { readonly route: string }[], candidate: Candidate): Base {
  const optionCount = options.length
  const width = split.manifest.features.length
  const kept: number[] = []
  for (let i = 0; i < split.count; i++) if (isJudged(split, optionCount, candidate, i)) kept.push(i)
  if (kept.length === 0) throw new Error('no logged unit whose routes all have a known outcome')
  const size = kept.length * optionCount
  const [propensities, policy, expected, outcomes] = Array.from({ length: 4 }, () => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const rows = new Float32Array(kept.length * width)
  const scales = new Float64Array(kept.length)
  kept.forEach((i, n) => {
    const decision = split.decisions[i]!
    let total = 0
    for (let o = 0; o < optionCount; o++) total += decision.propensities[o] ?? 0
    for (let o = 0; o < optionCount; o++) {
      const at = n * optionCount + o
      // Logged to six digits, so they are made to sum to 1 again.
      propensities[at] = (decision.propensities[o] ?? 0) / total
      // The candidate was trained on other units; the engine of the log errs low where it never looked.
      expected[at] = candidate.utilities[i]![o] ?? decision.utilities[o] ?? 0
      outcomes[at] = split.truth[(i * optionCount + o) * truthColumns.length + utilityPlace]!
    }
    policy[n * optionCount + candidate.chosen[i]!] = 1
    rows.set(split.x1.subarray(i * width, (i + 1) * width), n * width)
    scales[n] = 100 * Math.exp(split.y[i * outcomeWidth + outcomePlace('reference_log')]!)
  })
  const classes = Int32Array.from(options, ({ route }) => (routes as readonly string[]).indexOf(route))
  return { count: kept.length, optionCount, width, propensities, policy, expected, outcomes, rows, scales, classes }
}

/** Held units have no outcome of a route; a route that only an estimate admits has none in the truth. */
function isJudged(split: Logged, optionCount: number, candidate: Candidate, i: number): boolean {
  const decision = split.decisions[i]!
  if (decision.chosen < 0 || candidate.chosen[i]! < 0) return false
  const known = (o: number) => !Number.isNaN(split.truth[(i * optionCount + o) * truthColumns.length + utilityPlace]!)
  if (!known(candidate.chosen[i]!)) return false
  return decision.propensities.every((p, o) => p === null || p === 0 || known(o))
}

type DrawnLog = { log: DecisionLog; chances: Float64Array; design: RewardDesign; own: number }

/** `own`: what the candidate truly brings on these very returns. */
function drawnLog(base: Base, seed: number): DrawnLog {
  const { count, optionCount, width } = base
  const random = randomFrom(seed)
  const unitFolds = randomFolds(count, seed + 1_000_003)
  const chosen = new Int32Array(count)
  const rewards = new Float64Array(count)
  const [propensities, chances, expected] = Array.from({ length: 3 }, () => new Float64Array(count * optionCount)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const rows = new Float32Array(count * width)
  const scales = new Float64Array(count)
  const folds = new Uint8Array(count)
  let own = 0
  for (let n = 0; n < count; n++) {
    const unit = Math.floor(random() * count)
    const [from, to] = [unit * optionCount, (unit + 1) * optionCount]
    propensities.set(base.propensities.subarray(from, to), n * optionCount)
    chances.set(base.policy.subarray(from, to), n * optionCount)
    expected.set(base.expected.subarray(from, to), n * optionCount)
    rows.set(base.rows.subarray(unit * width, (unit + 1) * width), n * width)
    scales[n] = base.scales[unit]!
    folds[n] = unitFolds[unit]! % foldCount
    let u = random()
    let o = 0
    while (o < optionCount - 1 && u >= base.propensities[from + o]!) u -= base.propensities[from + o++]!
    while (base.propensities[from + o] === 0) o--
    chosen[n] = o
    rewards[n] = base.outcomes[from + o]!
    for (let k = from; k < to; k++) if (base.policy[k]! > 0) own += base.policy[k]! * base.outcomes[k]!
  }
  return {
    own: own / count,
    log: { count, optionCount, chosen, propensities, rewards },
    chances,
    design: { rows, width, scales, expected, classes: base.classes, folds },
  }
}
