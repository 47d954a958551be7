import { basisOf, unpackRecommendation } from '#contracts/packed-recommendation.ts'
import type { RecommendationBody } from '#contracts/recommendations.ts'
import type { ModelValue } from '#contracts/shadow.ts'
import type { Context } from '#context.ts'
import type { Inference } from '#integrations/inference/port.ts'
import { hash32 } from '#kernel/random.ts'
import { compiledFor, type Compiled } from '../compile.ts'
import { decide } from '../decide.ts'
import type { DecisionScope } from '../decisions-store.ts'
import { unitFacts } from '../facts.ts'
import { compareOffPolicy, type DecisionLog } from '../off-policy.ts'
import { fitRewards, randomFolds } from '../reward-model.ts'
import { readLogRows, type LogRows } from '../rows/log-rows.ts'
import type { UnitLog } from '../rows/unit-log.ts'
import type { Challenger } from './score-shadow.ts'

/** More logged decisions than this are not needed for an interval, and would not fit into memory for ever. */
const unitsMax = 50_000

type ValueContext = Pick<Context, 'db' | 'reference' | 'inference' | 'now'>

/** One logged decision, and what both models would have done; places are those of `compiled.options`. */
type Row = {
  readonly chosen: number
  readonly reward: number
  readonly scale: number
  readonly propensities: Float64Array
  readonly expected: Float64Array
  readonly served: number
  readonly challenger: number
}

/**
 * What a model would have brought on decisions that were logged, against the engine that serves now: doubly robust, on accepted
 * decisions after the check whose net value is known. Null where there is none.
 */
export async function valueModel(
  ctx: ValueContext,
  { version, inference }: Challenger,
  scope: DecisionScope,
): Promise<ModelValue | null> {
  const compiled = compiledFor(ctx.reference.decision, ctx.reference.categories)
  const width = ctx.reference.features.features.length
  const rows: Row[] = []
  const features: Float32Array[] = []
  let overridden = 0
  let againstVersion = ''
  for await (const { rows: page } of readLogRows(ctx, scope)) {
    overridden += page.units.filter((unit) => unit.decided?.source === 'overridden').length
    const kept = page.units.flatMap((unit, i) => (isLogged(unit) ? [i] : []))
    if (kept.length === 0) continue
    const both = await decideBoth(ctx, inference, page, kept, width)
    againstVersion = both.againstVersion
    kept.forEach((i, n) => {
      const row = rowOf(compiled, page.units[i]!, both.served[n]!, both.challenger[n]!)
      if (row === null) return
      rows.push(row)
      features.push(page.x1.subarray(i * width, (i + 1) * width))
    })
    if (rows.length >= unitsMax) break
  }
  if (rows.length === 0) return null
  const compared = compare(compiled, version, rows, features)
  const { old, count, ...figures } = compared
  return {
    modelVersion: version,
    againstVersion,
    at: new Date(ctx.now()).toISOString(),
    units: count,
    overridden,
    ...figures,
    served: old.dr,
  }
}

const isLogged = ({ decided, after, outcome }: UnitLog) =>
  decided !== null && decided.source === 'accepted' && after !== null && outcome.netValueMinor !== null

async function decideBoth(
  { inference: serving, reference }: ValueContext,
  challenger: Inference,
  { units, x1 }: LogRows,
  kept: readonly number[],
  width: number,
) {
  const items = kept.map((i) => basisOf(units[i]!.after!, units[i]!.returnId)!.item)
  const rows = new Float32Array(kept.length * width)
  kept.forEach((i, n) => rows.set(x1.subarray(i * width, (i + 1) * width), n * width))
  const decided = async (engine: Inference) => {
    const batch = await engine.predict({ items, rows })
    return { version: batch.modelVersion, bodies: decide(items, batch, reference.decision, reference.categories) }
  }
  const [served, other] = [await decided(serving), await decided(challenger)]
  return { againstVersion: served.version, served: served.bodies, challenger: other.bodies }
}

function rowOf(
  compiled: Compiled,
  unit: UnitLog,
  served: RecommendationBody,
  challenger: RecommendationBody,
): Row | null {
  const logged = unpackRecommendation(unit.after!)
  const facts = unitFacts(compiled, basisOf(unit.after!, unit.returnId)!.item)
  const { decided, outcome } = unit
  const rate = facts.paisePerMinor
  const placeOf = (option: { readonly disposition: string; readonly channel: string } | undefined) =>
    compiled.options.findIndex(({ route, channel }) => route === option?.disposition && channel.id === option.channel)
  const taken = logged.options.find((o) => o.disposition === decided!.disposition && o.channel === decided!.channel)
  const places = {
    chosen: placeOf(taken),
    served: placeOf(served.options[0]),
    challenger: placeOf(challenger.options[0]),
  }
  const isPlaced = Object.values(places).every((place) => place >= 0)
  if (taken === undefined || taken.propensity <= 0 || !isPlaced || rate === null || facts.reference === null)
    return null
  const propensities = new Float64Array(compiled.options.length)
  const expected = new Float64Array(compiled.options.length)
  for (const body of [served, challenger, logged]) {
    for (const option of body.options) {
      const place = placeOf(option)
      if (place < 0) continue
      expected[place] = option.utility * rate
      if (body === logged) propensities[place] = option.propensity
    }
  }
  // The policy's prices of emissions and hub minutes are no money that came in, but part of what is compared.
  const reward = rate * (outcome.netValueMinor! + taken.utility - taken.value.mean)
  return { ...places, reward, scale: facts.reference, propensities, expected }
}

function compare(compiled: Compiled, version: string, rows: readonly Row[], features: readonly Float32Array[]) {
  const count = rows.length
  const optionCount = compiled.options.length
  const width = features[0]!.length
  const wide = () => new Float64Array(count * optionCount)
  const [propensities, expected, older, newer] = [wide(), wide(), wide(), wide()]
  const matrix = new Float32Array(count * width)
  rows.forEach((row, i) => {
    propensities.set(row.propensities, i * optionCount)
    expected.set(row.expected, i * optionCount)
    older[i * optionCount + row.served] = 1
    newer[i * optionCount + row.challenger] = 1
    matrix.set(features[i]!, i * width)
  })
  const log: DecisionLog = {
    count,
    optionCount,
    chosen: Int32Array.from(rows, (row) => row.chosen),
    propensities,
    rewards: Float64Array.from(rows, (row) => row.reward),
  }
  const seed = hash32(version)
  const model = fitRewards(log, {
    rows: matrix,
    width,
    scales: Float64Array.from(rows, (row) => row.scale),
    expected,
    classes: Int32Array.from(compiled.options, (option) => option.routeIndex),
    folds: randomFolds(count, seed),
  })
  return compareOffPolicy(log, { old: older, new: newer }, model, seed)
}
