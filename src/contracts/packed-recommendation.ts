import type { Disposition } from './codes.ts'
import { packBasis, unpackBasis } from './decision-basis.ts'
import type { DecisionBasis, PackedBasis } from './decision-basis.ts'
import type { Exclusion, Reason, RecommendationBody, RecommendationOption } from './recommendations.ts'

type PackedOption = readonly [
  disposition: Disposition,
  channel: string,
  mean: number,
  p05: number,
  p50: number,
  p95: number,
  utility: number,
  gross: number,
  fees: number,
  transport: number,
  handling: number,
  repair: number,
  holding: number,
  disposal: number,
  credits: number,
  daysToCash: number,
  emissionsGrams: number | null,
  propensity: number,
  requires: readonly string[],
]
type PackedExclusion = readonly [
  disposition: Disposition,
  channel: string | null,
  rule: string,
  ruleVersion: string,
  message: string,
]
type PackedReason = readonly [code: string, amount: number, text: string]

/**
 * A recommendation as the log keeps it: lists without field names. It is written with every unit, and a third of the
 * bytes means a third of the work of hashing and storing them (measured: 400 events of 3.5 kB took 47 ms, of 1.9 kB 13 ms).
 */
export type PackedRecommendation = Omit<RecommendationBody, 'options' | 'excluded' | 'reasons' | 'dataVersions'> & {
  /** What it was made from; absent in what was recorded before that was kept. */
  readonly basis?: PackedBasis
  /** In the order of `versionNames`, unless there are others. */
  readonly dataVersions: readonly string[] | RecommendationBody['dataVersions']
  readonly options: readonly PackedOption[]
  readonly excluded: readonly PackedExclusion[]
  readonly reasons: readonly PackedReason[]
}

function packOption(o: RecommendationOption): PackedOption {
  const { value: v, breakdown: b } = o
  return [
    o.disposition,
    o.channel,
    v.mean,
    v.p05,
    v.p50,
    v.p95,
    o.utility,
    b.gross,
    b.fees,
    b.transport,
    b.handling,
    b.repair,
    b.holding,
    b.disposal,
    b.credits,
    o.daysToCash,
    o.emissionsGrams,
    o.propensity,
    o.requires,
  ]
}

function unpackOption(p: PackedOption): RecommendationOption {
  return {
    disposition: p[0],
    channel: p[1],
    value: { mean: p[2], p05: p[3], p50: p[4], p95: p[5] },
    utility: p[6],
    breakdown: {
      gross: p[7],
      fees: p[8],
      transport: p[9],
      handling: p[10],
      repair: p[11],
      holding: p[12],
      disposal: p[13],
      credits: p[14],
    },
    daysToCash: p[15],
    emissionsGrams: p[16],
    propensity: p[17],
    requires: [...p[18]],
  }
}

/** Never changed, only added to at the end. */
const versionNames = [
  'channels',
  'fees',
  'transport',
  'policy',
  'priors',
  'constraints',
  'emissions',
  'categories',
] as const

function packVersions(versions: RecommendationBody['dataVersions']): PackedRecommendation['dataVersions'] {
  const names = Object.keys(versions)
  const isKnown = names.length === versionNames.length && versionNames.every((name) => name in versions)
  return isKnown ? versionNames.map((name) => versions[name]!) : versions
}

function unpackVersions(versions: PackedRecommendation['dataVersions']): RecommendationBody['dataVersions'] {
  if (!isList(versions)) return versions
  return Object.fromEntries(versions.map((version, i) => [versionNames[i]!, version]))
}

function isList(versions: PackedRecommendation['dataVersions']): versions is readonly string[] {
  return Array.isArray(versions)
}

/** What a recommendation was made from; null in an event that was written before it was kept. */
export function basisOf(packed: PackedRecommendation, returnId: string): DecisionBasis | null {
  const { basis, point, currency } = packed
  return basis === undefined ? null : unpackBasis(basis, { id: returnId, point, currency })
}

export function packRecommendation(body: RecommendationBody, basis: DecisionBasis | null): PackedRecommendation {
  return {
    ...body,
    ...(basis !== null && { basis: packBasis(basis) }),
    dataVersions: packVersions(body.dataVersions),
    options: body.options.map(packOption),
    excluded: body.excluded.map((e) => [e.disposition, e.channel, e.rule, e.ruleVersion, e.message]),
    reasons: body.reasons.map((r) => [r.code, r.amount, r.text]),
  }
}

export function unpackRecommendation(packed: PackedRecommendation): RecommendationBody {
  const { basis: _, ...rest } = packed
  return {
    ...rest,
    dataVersions: unpackVersions(packed.dataVersions),
    options: packed.options.map(unpackOption),
    excluded: packed.excluded.map(([disposition, channel, rule, ruleVersion, message]): Exclusion => ({
      disposition,
      channel,
      rule,
      ruleVersion,
      message,
    })),
    reasons: packed.reasons.map(([code, amount, text]): Reason => ({ code, amount, text })),
  }
}
