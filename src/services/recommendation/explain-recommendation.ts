import type { DecisionBasis } from '#contracts/decision-basis.ts'
import type { Explanation, ExplanationReason } from '#contracts/explanations.ts'
import { predictionAt, predictionWidth } from '#contracts/prediction.ts'
import type { RecommendationBody, RecommendationOption } from '#contracts/recommendations.ts'
import type { Context } from '#context.ts'
import type { AttributionPart } from '#integrations/inference/port.ts'
import { AppError } from '#kernel/errors.ts'
import { hash32 } from '#kernel/random.ts'
import { optionName, roundingFor } from './bodies.ts'
import { compiledFor } from './compile.ts'
import type { Compiled, OptionSpec } from './compile.ts'
import { admit } from './constraints.ts'
import { differenceBetween, shareDifference } from './explain.ts'
import type { Difference } from './explain.ts'
import { sampleShares } from './explain-sampled.ts'
import type { TopicShares } from './explain-sampled.ts'
import { topicsOf, withAmount, wordsFor } from './explain-words.ts'
import { unitFacts } from './facts.ts'
import type { UnitFacts } from './facts.ts'
import { featureRows } from './features.ts'
import { moneyReasons } from './reasons.ts'
import { valueOptions } from './value-options.ts'
import { newWorkspace } from './workspace.ts'

export type ExplainContext = Pick<Context, 'inference' | 'reference'>

/** A recommendation as it was recorded, and the two of its options that are compared. */
export type Subject = {
  readonly returnId: string
  readonly recommendationId: string
  readonly body: RecommendationBody
  readonly basis: DecisionBasis | null
  readonly chosen: RecommendationOption
  readonly other: RecommendationOption | null
}

const reasonsMax = 4

type Shared = { readonly shares: TopicShares; readonly basis: 'shapley' | 'sampled'; readonly unit: Unit }
type Unit = { readonly facts: UnitFacts; readonly row: Float32Array }
type Why = NonNullable<Explanation['why']>

/** Why the chosen option and not the other, in money. Reads nothing and never changes the answer. */
export async function explainRecommendation(ctx: ExplainContext, subject: Subject): Promise<Explanation> {
  const { body, chosen, other } = subject
  const { decision, categories, features } = ctx.reference
  const compiled = compiledFor(decision, categories)
  const nameOf = (option: RecommendationOption): string => {
    const spec = specOf(compiled, option)
    return spec === undefined ? `${option.disposition} (${option.channel})` : optionName(spec)
  }
  const compared = (option: RecommendationOption) => {
    return { disposition: option.disposition, channel: option.channel, name: nameOf(option) }
  }
  const difference = chosen.utility - (other?.utility ?? 0)
  const head = {
    returnId: subject.returnId,
    recommendationId: subject.recommendationId,
    point: body.point,
    currency: body.currency,
    level: body.level,
    modelVersion: body.modelVersion,
    engine: subject.basis?.engine ?? null,
    fellBack: [...(subject.basis?.fellBack ?? [])],
    chosen: compared(chosen),
    other: other === null ? null : compared(other),
    difference,
  }
  const shared = other === null ? 'no_other_option' : await share(ctx, compiled, subject, other)
  if (typeof shared === 'string') {
    const against = other === null ? null : { option: other, name: nameOf(other) }
    const reasons = moneyReasons(chosen, against, body.currency).map((reason) => ({ ...reason, params: {} }))
    return { ...head, basis: 'breakdown', isApproximate: false, why: shared, typical: null, reasons }
  }
  const { shares, basis, unit } = shared
  const round = roundingFor(unit.facts)
  const moved = round(shares.actual - shares.typical)
  return {
    ...head,
    basis,
    isApproximate: basis === 'sampled',
    why: null,
    typical: difference - moved,
    reasons: reasonsOf(shares, moved, round, (topic, amount): ExplanationReason => {
      const words =
        topic === null
          ? { code: 'others', params: {}, text: 'Everything else' }
          : wordsFor(topic, features, unit.facts, unit.row)
      return { ...words, amount, text: withAmount(words.text, amount, body.currency, head.chosen.name) }
    }),
  }
}

/** The strongest topics, and the rest as one, so that they add up to `moved` to the last minor unit. */
function reasonsOf(
  { byTopic }: TopicShares,
  moved: number,
  round: (paise: number) => number,
  say: (topic: string | null, amount: number) => ExplanationReason,
): ExplanationReason[] {
  const strongest = [...byTopic]
    .map(([topic, paise]) => ({ topic, amount: round(paise) }))
    .filter(({ amount }) => amount !== 0)
    .toSorted((a, b) => Math.abs(b.amount) - Math.abs(a.amount))
    .slice(0, reasonsMax)
  const rest = moved - strongest.reduce((sum, { amount }) => sum + amount, 0)
  const reasons = strongest.map(({ topic, amount }) => say(topic, amount))
  return rest === 0 ? reasons : [...reasons, say(null, rest)]
}

function specOf(compiled: Compiled, { disposition, channel }: RecommendationOption): OptionSpec | undefined {
  return compiled.options.find((option) => option.route === disposition && option.channel.id === channel)
}

async function share(
  { inference, reference }: ExplainContext,
  compiled: Compiled,
  { body, basis, chosen }: Subject,
  other: RecommendationOption,
): Promise<Shared | Why> {
  const { features } = reference
  if (basis === null) return 'not_kept'
  if (body.level !== 'L1' && body.level !== 'L0') return 'no_model'
  const facts = unitFacts(compiled, basis.item)
  const [a, b] = [specOf(compiled, chosen), specOf(compiled, other)]
  if (facts.reference === null) return 'no_model'
  if (a === undefined || b === undefined || !features.hash.startsWith(basis.contractHash)) return 'other_model'
  const row = featureRows(compiled, features, [basis.item])
  const unit = { facts, row }
  const topics = topicsOf(features, basis.item.grade !== null)
  const priced = { ...facts, reference: facts.reference }
  const between = (values: Float64Array) => comparison(compiled, priced, values, { chosen: a.index, other: b.index })

  const leftOut: AttributionPart[] = []
  if (facts.gradeIndex >= 0) leftOut.push('grade')
  if (a.route !== 'refurbish' && b.route !== 'refurbish') leftOut.push('repair')
  // A remote server may run the very model that is here too.
  const attribution = inference.attribute?.(row, body.modelVersion, leftOut) ?? null
  if (attribution === null && body.level === 'L1') return 'other_model'
  if (attribution !== null) {
    const values = new Float64Array(predictionWidth)
    const raw = attribution.base.map((base, k, all) => {
      let sum = base
      for (let f = 0; f < row.length; f++) sum += attribution.byFeature[f * all.length + k]!
      return sum
    })
    attribution.rowOf(raw, values)
    const gradeFeature = features.features.findIndex(({ name }) => name === 'grade')
    const observed = { grade: facts.gradeIndex, gradeFeature }
    return { shares: byTopic(shareDifference(attribution, between(values), observed), topics), basis: 'shapley', unit }
  }

  const typicalRows = likeRows(inference.typicalRows?.() ?? null, row, features.features)
  if (typicalRows === null || inference.info()[0]?.modelVersion !== body.modelVersion) return 'other_model'
  const predict = async (rows: Float32Array) => {
    const items = Array.from({ length: rows.length / row.length }, () => basis.item)
    const answer = await inference.predict({ items, rows })
    if (answer.modelVersion === body.modelVersion) return answer.values
    throw new AppError('unavailable', `${body.modelVersion} does not answer`, { problem: 'other_model' })
  }
  try {
    const difference = between(await predict(row))
    const seed = hash32(basis.item.id)
    const shares = await sampleShares({ row, topics, typicalRows, seed, predict, difference })
    return { shares, basis: 'sampled', unit }
  } catch (error) {
    if (error instanceof AppError) return 'other_model'
    throw error
  }
}

/** Options are open as they were when the unit was decided, price floors included. */
function comparison(
  compiled: Compiled,
  facts: UnitFacts & { readonly reference: number },
  values: Float64Array,
  pair: { readonly chosen: number; readonly other: number },
): Difference {
  const grades = values.subarray(predictionAt.grade, predictionAt.grade + 5)
  const admission = admit(compiled, facts, { gradeShares: grades, abuse: values[predictionAt.abuse]! })
  const ws = newWorkspace(compiled.options.length)
  valueOptions(compiled, { facts, reference: facts.reference, values, at: 0 }, admission, ws)
  admission.isAdmissible[pair.chosen] = 1
  admission.isAdmissible[pair.other] = 1
  return differenceBetween(compiled, facts, admission, pair)
}

function byTopic(
  { typical, actual, byFeature }: ReturnType<typeof shareDifference>,
  topics: readonly string[],
): TopicShares {
  const sums = new Map<string, number>()
  byFeature.forEach((amount, feature) => {
    const topic = topics[feature]!
    sums.set(topic, (sums.get(topic) ?? 0) + amount)
  })
  return { typical, actual, byTopic: sums }
}

/** Typical units of the same point: of checked ones for a checked unit. */
function likeRows(
  rows: Float32Array | null,
  row: Float32Array,
  features: readonly { readonly name: string }[],
): Float32Array | null {
  if (rows === null) return null
  const width = row.length
  const grade = features.findIndex(({ name }) => name === 'grade')
  const isChecked = !Number.isNaN(row[grade])
  const like = Array.from({ length: rows.length / width }, (_, i) => i).filter(
    (i) => Number.isNaN(rows[i * width + grade]) !== isChecked,
  )
  if (like.length === 0) return null
  const found = new Float32Array(like.length * width)
  like.forEach((place, i) => found.set(rows.subarray(place * width, (place + 1) * width), i * width))
  return found
}
