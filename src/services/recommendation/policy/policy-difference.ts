import type { RecommendationBody, RecommendationOption } from '#contracts/recommendations.ts'
import type { PolicyMove, PolicyReplayReport, PolicySku } from '#contracts/policy-replay.ts'

/** One past unit as two policies decide it, on the same facts and predictions. */
export type DecidedTwice = {
  readonly sku: string | null
  readonly clientId: string
  readonly before: RecommendationBody
  readonly after: RecommendationBody
  /** Paise for one minor unit of its currency; null where no rate is known. */
  readonly paisePerMinor: number | null
  /** Minutes of hub work by route, under each policy. */
  readonly minutes: {
    readonly before: (route: string) => number
    readonly after: (route: string) => number
  }
}

export type PolicyDifference = Omit<
  PolicyReplayReport,
  'changed' | 'since' | 'clientId' | 'level' | 'modelVersion' | 'skipped' | 'seconds'
>

/** Of one unit, outcomes of two options go together this much (decision-model 6). */
const correlation = 0.6
const z90 = 1.645
/** Width of a 90 % interval in standard deviations. */
const widthOfSd = 2 * z90
const skusShown = 20
/** With more SKUs than this the least affected half is forgotten, so that memory stays bounded. */
const skusKept = 50_000

type Sums = { units: number; paise: number; grams: number; unknownGrams: number }
const noSums = (): Sums => ({ units: 0, paise: 0, grams: 0, unknownGrams: 0 })

/** The option that a policy puts first; exploration is no part of the comparison. */
const best = (body: RecommendationBody): RecommendationOption | null => body.options[0] ?? null

const sdOf = (option: RecommendationOption | null) =>
  option === null ? 0 : Math.max(0, option.value.p95 - option.value.p05) / widthOfSd

/** Adds up what a changed policy would have done to past units, one at a time, in memory that does not grow with them. */
export function openDifference() {
  let units = 0
  let moved = 0
  let channelMoved = 0
  let withoutRate = 0
  const value = { before: 0, after: 0, moving: 0, variance: 0 }
  const carbon = { before: 0, after: 0, unknown: 0 }
  const reviews = { before: 0, after: 0, added: 0, dropped: 0 }
  const minutes = { before: 0, after: 0 }
  const moves = new Map<string, Sums>()
  let skus = new Map<string, Sums>()

  function add({ before, after, paisePerMinor, ...unit }: DecidedTwice): void {
    units++
    const [old, now] = [best(before), best(after)]
    const [from, to] = [old?.disposition ?? 'hold', now?.disposition ?? 'hold']
    const isMoved = from !== to || (old?.channel ?? null) !== (now?.channel ?? null)
    if (isMoved) moved++
    if (isMoved && from === to) channelMoved++
    if (before.needsReview) reviews.before++
    if (after.needsReview) reviews.after++
    if (after.needsReview && !before.needsReview) reviews.added++
    if (before.needsReview && !after.needsReview) reviews.dropped++
    if (old !== null) minutes.before += unit.minutes.before(from)
    if (now !== null) minutes.after += unit.minutes.after(to)
    if (paisePerMinor === null) withoutRate++
    const rate = paisePerMinor ?? 0
    const paise = rate * ((now?.value.mean ?? 0) - (old?.value.mean ?? 0))
    value.before += rate * (old?.value.mean ?? 0)
    value.after += rate * (now?.value.mean ?? 0)
    value.variance += rate * rate * varianceOf(old, now, isMoved)
    if (isMoved) value.moving += rate * movingGain(old, now, after)
    const grams = gramsBetween(old, now)
    if (grams === null) carbon.unknown++
    else {
      carbon.before += old?.emissionsGrams ?? 0
      carbon.after += now?.emissionsGrams ?? 0
    }
    if (isMoved) addTo(moves, `${from}|${to}`, paise, grams)
    if (unit.sku !== null && (isMoved || paise !== 0)) {
      addTo(skus, `${unit.clientId}|${unit.sku}`, paise, grams)
      if (skus.size > skusKept) skus = mostAffected(skus, skusKept / 2)
    }
  }

  function report(): Omit<
    PolicyReplayReport,
    'changed' | 'since' | 'clientId' | 'level' | 'modelVersion' | 'skipped' | 'seconds'
  > {
    const mean = Math.round(value.after - value.before)
    const half = z90 * Math.sqrt(value.variance)
    return {
      units,
      moved,
      channelMoved,
      withoutRate,
      moves: movesOf(moves),
      value: {
        currency: 'INR',
        beforeMinor: Math.round(value.before),
        afterMinor: Math.round(value.after),
        differenceMinor: { mean, low: Math.round(mean - half), high: Math.round(mean + half) },
        fromMovesMinor: Math.round(value.moving),
      },
      carbonGrams: {
        before: carbon.before,
        after: carbon.after,
        difference: carbon.after - carbon.before,
        unitsUnknown: carbon.unknown,
      },
      reviews,
      hubMinutes: {
        before: Math.round(minutes.before),
        after: Math.round(minutes.after),
        difference: Math.round(minutes.after - minutes.before),
      },
      topSkus: topOf(skus),
    }
  }
  return { add, report }
}

/** Both values come of one unit: where the option stays, its luck is the same under both policies. */
function varianceOf(old: RecommendationOption | null, now: RecommendationOption | null, isMoved: boolean): number {
  const [a, b] = [sdOf(old), sdOf(now)]
  return a * a + b * b - 2 * (isMoved ? correlation : 1) * a * b
}

/** What the move itself brings, both options valued by the new policy; the rest of a difference is new prices alone. */
function movingGain(
  old: RecommendationOption | null,
  now: RecommendationOption | null,
  after: RecommendationBody,
): number {
  const stayed = after.options.find((o) => o.disposition === old?.disposition && o.channel === old.channel)
  return (now?.value.mean ?? 0) - ((stayed ?? old)?.value.mean ?? 0)
}

function gramsBetween(old: RecommendationOption | null, now: RecommendationOption | null): number | null {
  const isUnknown = old?.emissionsGrams === null || now?.emissionsGrams === null
  return isUnknown ? null : (now?.emissionsGrams ?? 0) - (old?.emissionsGrams ?? 0)
}

function addTo(sums: Map<string, Sums>, key: string, paise: number, grams: number | null): void {
  const own = sums.get(key) ?? noSums()
  own.units++
  own.paise += paise
  if (grams === null) own.unknownGrams++
  else own.grams += grams
  sums.set(key, own)
}

function mostAffected(sums: ReadonlyMap<string, Sums>, count: number): Map<string, Sums> {
  const ranked = [...sums].toSorted(([a, x], [b, y]) => Math.abs(y.paise) - Math.abs(x.paise) || (a < b ? -1 : 1))
  return new Map(ranked.slice(0, count))
}

function movesOf(moves: ReadonlyMap<string, Sums>): PolicyMove[] {
  return [...moves]
    .toSorted(([a, x], [b, y]) => y.units - x.units || (a < b ? -1 : 1))
    .map(([key, { units, paise, grams, unknownGrams }]) => {
      const [from, to] = key.split('|') as [PolicyMove['from'], PolicyMove['to']]
      return { from, to, units, valueMinor: Math.round(paise), carbonGrams: grams, unitsWithoutCarbon: unknownGrams }
    })
}

function topOf(skus: ReadonlyMap<string, Sums>): PolicySku[] {
  return [...mostAffected(skus, skusShown)].map(([key, { units, paise, grams }]) => {
    const at = key.indexOf('|')
    return {
      clientId: key.slice(0, at),
      sku: key.slice(at + 1),
      units,
      valueMinor: Math.round(paise),
      carbonGrams: grams,
    }
  })
}
