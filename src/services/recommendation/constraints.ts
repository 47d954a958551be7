import { sellingRoutes } from '#contracts/codes.ts'
import type { Constraint, ConstraintId } from '#contracts/decision.ts'
import type { Exclusion } from '#contracts/recommendations.ts'
import { sealedBit } from './compile.ts'
import type { Compiled, OptionSpec, Refusal } from './compile.ts'
import type { UnitFacts } from './facts.ts'

/** What the rules leave: which options may be taken, what was taken away and why, who has to look. */
export type Admission = {
  /** By option index. */
  readonly isAdmissible: Uint8Array
  readonly excluded: Exclusion[]
  /** Rules that ask for a person. */
  readonly review: ConstraintId[]
  readonly requires: (option: OptionSpec) => string[]
}

type RouteRule = {
  readonly id: ConstraintId
  readonly applies: (
    facts: UnitFacts,
    rule: Constraint,
    abuse: { readonly chance: number; readonly limit: number },
  ) => boolean
}

/** Rules that take whole routes away, whatever the channel. */
const routeRules: readonly RouteRule[] = [
  { id: 'ownership', applies: ({ item }) => !item.isOwned || item.quarantine === 'wrong_item' },
  { id: 'quarantine.unresolved', applies: ({ item }) => item.grade === 'Q' && item.quarantine === null },
  { id: 'recall', applies: ({ item }) => item.isRecalled },
  {
    id: 'counterfeit',
    applies: ({ isCounterfeit }, _rule, abuse) => isCounterfeit || abuse.chance >= abuse.limit,
  },
  {
    id: 'hazmat.battery',
    applies: ({ item, hasBattery }, rule) =>
      (item.quarantine === 'hazard' && hasBattery) || hasFinding(item.findings, rule),
  },
  { id: 'hazard.unsafe', applies: ({ item, hasBattery }) => item.quarantine === 'hazard' && !hasBattery },
  {
    id: 'hygiene.opened',
    applies: ({ category, isOpened }) => category.hygiene === 'opened_unsellable' && isOpened,
  },
  { id: 'brand.no_secondary', applies: ({ item }) => item.hasBrandRestriction },
]

function hasFinding(findings: readonly string[], rule: Constraint): boolean {
  for (const finding of findings) if (rule.findings.includes(finding)) return true
  return false
}

function excludeRoutes(rule: Constraint, facts: UnitFacts, excluded: Exclusion[]): void {
  const message = rule.message.replace('{category}', facts.category.name)
  for (const disposition of rule.routes) {
    excluded.push({ disposition, channel: null, rule: rule.id, ruleVersion: rule.version, message })
  }
}

const dayMs = 86_400_000

/** Runs every rule of the constraint table before anything is valued. `gradeShares` is the expected grade, A..E. */
export function admit(
  compiled: Compiled,
  facts: UnitFacts,
  known: { readonly gradeShares: ArrayLike<number> | null; readonly abuse: number },
): Admission {
  const { rules, parameters } = compiled
  const { item } = facts
  const excluded: Exclusion[] = []
  const review: ConstraintId[] = []
  const active: Constraint[] = []
  const blockedRoutes = new Set<string>()
  const abuse = { chance: known.abuse, limit: parameters.counterfeitAbuse }
  for (const { id, applies } of routeRules) {
    const rule = rules[id]
    if (!applies(facts, rule, abuse)) continue
    active.push(rule)
    excludeRoutes(rule, facts, excluded)
    for (const route of rule.routes) blockedRoutes.add(route)
    if (rule.needsReview) review.push(id)
  }
  const isHazard = active.includes(rules['hazmat.battery'])
  const isStored = item.storedSinceMs !== undefined && item.storedSinceMs !== null
  if (
    facts.category.isElectronic &&
    isStored &&
    (item.atMs - item.storedSinceMs) / dayMs > parameters.ewasteStorageDaysMax
  ) {
    // The law's limit is already broken: shutting the way to the recycler would only make it worse.
    review.push('ewaste.registered')
  }
  const isAdmissible = new Uint8Array(compiled.options.length)
  for (const option of compiled.options) {
    if (blockedRoutes.has(option.route)) continue
    const exclusion = channelExclusion(compiled, facts, option, known.gradeShares, isHazard)
    if (exclusion === null) isAdmissible[option.index] = 1
    else excluded.push(exclusion)
  }
  return {
    isAdmissible,
    excluded,
    review,
    requires: (option) => stepsBefore(compiled, facts, option, active),
  }
}

function channelExclusion(
  compiled: Compiled,
  facts: UnitFacts,
  option: OptionSpec,
  gradeShares: ArrayLike<number> | null,
  isHazard: boolean,
): Exclusion | null {
  const { rules } = compiled
  const { item, category } = facts
  const { channel, route } = option
  const why = refusal(compiled, facts, option, gradeShares)
  if (why !== null) return compiled.refused[option.index]![why]
  const days = item.daysToExpiry
  if (days !== null && days < channel.minDaysToExpiry && rules.expiry.routes.includes(route)) {
    return exclusionOf(rules.expiry, option, { days: String(days), least: String(channel.minDaysToExpiry) })
  }
  const isEwaste = category.isElectronic && rules['ewaste.registered'].routes.includes(route)
  if (isEwaste && option.ewasteValidToMs <= item.atMs) return exclusionOf(rules['ewaste.registered'], option, {})
  const capability = missingCapability(rules['hub.capability'], facts, option, isHazard)
  return capability === null ? null : exclusionOf(rules['hub.capability'], option, { capability })
}

function exclusionOf(rule: Constraint, option: OptionSpec, names: Readonly<Record<string, string>>): Exclusion {
  let message = rule.message.replace('{channel}', option.channel.name)
  for (const name of Object.keys(names)) message = message.replace(`{${name}}`, names[name]!)
  return {
    disposition: option.route,
    channel: option.channel.id,
    rule: rule.id,
    ruleVersion: rule.version,
    message,
  }
}

/** Grades A..E that the channel takes on this route for this unit, as bits; a sealed A is taken where S is. */
export function acceptedGrades(compiled: Compiled, facts: UnitFacts, option: OptionSpec): number {
  const mask = compiled.gradeMasks[facts.categoryIndex * compiled.options.length + option.index]!
  return facts.isSealed && mask & sealedBit ? mask | 1 : mask
}

function refusal(
  compiled: Compiled,
  facts: UnitFacts,
  option: OptionSpec,
  gradeShares: ArrayLike<number> | null,
): Refusal | null {
  const { item, gradeIndex } = facts
  const mask = acceptedGrades(compiled, facts, option)
  if (mask === 0) return 'category'
  if (option.route === 'vendor' && !item.isVendorReturnable && !item.isRecalled && item.quarantine !== 'counterfeit') {
    return 'agreement'
  }
  if (option.route === 'refurbish' && item.isRepairable === false) return 'repair'
  if (!option.channel.acceptsOpenedHygiene && facts.category.hygiene === 'opened_unsellable' && facts.isOpened)
    return 'hygiene'
  // A unit in quarantine has no grade to judge by: its own rule has already said what may become of it.
  if (item.grade === 'Q') return null
  const isOnlySealed = (mask & 31) === 0
  if (gradeIndex >= 0) return mask & (1 << gradeIndex) ? null : isOnlySealed ? 'opened' : 'grade'
  if (isOnlySealed) return 'opened'
  if (gradeShares === null) return null
  let share = 0
  for (let g = 0; g < 5; g++) if (mask & (1 << g)) share += gradeShares[g]!
  return share < compiled.parameters.minAcceptedShare ? 'grade' : null
}

/** Null capabilities: the hub is not known yet, and its assignment will see to them. */
function missingCapability(rule: Constraint, facts: UnitFacts, option: OptionSpec, isHazard: boolean): string | null {
  const has = facts.item.hubCapabilities
  if (has === null) return null
  const needs = [
    rule.capabilities[option.route],
    facts.isDataBearing && option.policy.needsWipe ? rule.capabilities.wipe : undefined,
    facts.item.isHazmat ? rule.capabilities.hazmat : undefined,
    isHazard ? rule.capabilities.battery : undefined,
  ]
  return needs.find((need) => need !== undefined && !has.includes(need)) ?? null
}

function stepsBefore(
  compiled: Compiled,
  facts: UnitFacts,
  option: OptionSpec,
  active: readonly Constraint[],
): string[] {
  const { rules } = compiled
  const steps: string[] = []
  for (const rule of active) steps.push(...rule.requires)
  if (facts.isDataBearing && rules['data.wipe'].routes.includes(option.route))
    steps.push(...rules['data.wipe'].requires)
  const isUndated = facts.category.isPerishable && facts.item.daysToExpiry === null
  if (isUndated && rules.expiry.routes.includes(option.route)) steps.push(...rules.expiry.requires)
  if (facts.item.isHazmat && !steps.includes('ground_transport')) steps.push('ground_transport')
  return steps
}

export function sells(option: { readonly route: string }): boolean {
  return (sellingRoutes as readonly string[]).includes(option.route)
}
