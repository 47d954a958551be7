import type { Category } from '#contracts/reference.ts'
import { routes } from '#contracts/codes.ts'
import type { Route } from '#contracts/codes.ts'
import { priceClasses } from '#contracts/decision.ts'
import type { Channel, Constraint, ConstraintId, DecisionData, PolicyParameter } from '#contracts/decision.ts'
import type { Exclusion } from '#contracts/recommendations.ts'
import { hash32 } from '#kernel/random.ts'
import { compileFees, feeEpochs, feeRowsAt, flatSchedule } from './fees.ts'
import type { FeeSchedule } from './fees.ts'

/** One way to dispose of a unit: a route through a channel. */
export type OptionSpec = {
  readonly index: number
  readonly route: Route
  readonly routeIndex: number
  readonly channel: Channel
  readonly channelIndex: number
  /** Index in `priceClasses`; -1 when no price is fetched. */
  readonly priceClass: number
  readonly policy: DecisionData['policy']['routes'][number]
  readonly ewasteValidToMs: number
}

/** Why a channel may refuse a unit: the words of `channel.accepts`, one ready exclusion each. */
export const refusals = {
  category: 'it does not take this category',
  grade: 'it does not take this grade',
  opened: 'it takes only sealed goods of this category',
  floor: 'the expected price is below its floor',
  hygiene: 'it does not take opened hygiene goods',
  repair: 'the unit cannot be repaired',
  agreement: 'the vendor takes no returns of it',
} as const
export type Refusal = keyof typeof refusals

export type Compiled = {
  readonly data: DecisionData
  readonly categories: readonly Category[]
  readonly categoryIndex: ReadonlyMap<string, number>
  readonly otherIndex: number
  readonly options: readonly OptionSpec[]
  /** Bits 0..4: grades A..E, bit 5: sealed; by category x option. */
  readonly gradeMasks: Uint8Array
  readonly mrpShare: Float64Array
  readonly parameters: Readonly<Record<PolicyParameter, number>>
  readonly gstFactor: number
  readonly rules: Readonly<Record<ConstraintId, Constraint>>
  readonly refused: readonly Readonly<Record<Refusal, Exclusion>>[]
  readonly dataVersions: Readonly<Record<string, string>>
  readonly scheduleFor: (option: OptionSpec, categoryIndex: number, atMs: number, isInr: boolean) => FeeSchedule
}

export const sealedBit = 32

export function longestPrefix<T extends { readonly category: string }>(rows: readonly T[], id: string): T | undefined {
  let best: T | undefined
  for (const row of rows) {
    if (id.startsWith(row.category) && (!best || row.category.length > best.category.length)) best = row
  }
  return best
}

function maskOf(grades: string): number {
  let mask = 0
  for (const grade of grades) mask |= grade === 'S' ? sealedBit : 1 << 'ABCDE'.indexOf(grade)
  return mask
}

function optionSpecs(data: DecisionData): OptionSpec[] {
  const specs: Omit<OptionSpec, 'index'>[] = []
  data.channels.channels.forEach((channel, channelIndex) => {
    for (const { route } of channel.routes) {
      const policy = data.policy.routes.find((row) => row.route === route)
      if (!policy) throw new Error(`policy: no row for route ${route}`)
      specs.push({
        route,
        routeIndex: routes.indexOf(route),
        channel,
        channelIndex,
        priceClass: policy.priceClass === null ? -1 : priceClasses.indexOf(policy.priceClass),
        policy,
        ewasteValidToMs:
          channel.ewasteValidTo === null ? Number.NEGATIVE_INFINITY : Date.parse(channel.ewasteValidTo) + 86_400_000,
      })
    }
  })
  // In the order of routes: the ways out that need no sale come last and are valued first.
  return specs.toSorted((a, b) => a.routeIndex - b.routeIndex).map((spec, index) => ({ ...spec, index }))
}

function refusalsOf(rule: Constraint, option: OptionSpec): Record<Refusal, Exclusion> {
  const make = (why: Refusal): Exclusion => ({
    disposition: option.route,
    channel: option.channel.id,
    rule: rule.id,
    ruleVersion: rule.version,
    message: rule.message.replace('{channel}', option.channel.name).replace('{why}', refusals[why]),
  })
  return Object.fromEntries(Object.keys(refusals).map((why) => [why, make(why as Refusal)])) as Record<
    Refusal,
    Exclusion
  >
}

function compile(data: DecisionData, byId: Categories): Compiled {
  const options = optionSpecs(data)
  const categories = [...byId.values()]
  const gradeMasks = new Uint8Array(categories.length * options.length)
  categories.forEach((category, c) => {
    for (const option of options) {
      const accepts = option.channel.routes.find((row) => row.route === option.route)!.accepts
      gradeMasks[c * options.length + option.index] = maskOf(longestPrefix(accepts, category.id)?.grades ?? '')
    }
  })
  const parameters = Object.fromEntries(
    Object.entries(data.policy.parameters).map(([id, row]) => [id, row.value]),
  ) as Record<PolicyParameter, number>
  const gstFactor = 1 + parameters.gst * (1 - parameters.itc)
  const rules = Object.fromEntries(data.constraints.constraints.map((rule) => [rule.id, rule])) as Record<
    ConstraintId,
    Constraint
  >
  const otherIndex = categories.findIndex((category) => category.id === 'other.general.general')
  if (otherIndex < 0) throw new Error('categories: other.general.general is missing')
  return {
    data,
    categories,
    categoryIndex: new Map(categories.map((category, index) => [category.id, index])),
    otherIndex,
    options,
    gradeMasks,
    mrpShare: Float64Array.from(categories, ({ id }) => longestPrefix(data.policy.priceShareOfMrp, id)?.share ?? 1),
    parameters,
    gstFactor,
    rules,
    refused: options.map((option) => refusalsOf(rules['channel.accepts'], option)),
    dataVersions: {
      ...Object.fromEntries(Object.entries(data).map(([name, part]) => [name, part.version])),
      // The map carries no version of its own: its content stands for it.
      categories: `content-${hash32(JSON.stringify(categories)).toString(16)}`,
    },
    scheduleFor: scheduler(data, categories, options.length, gstFactor),
  }
}

/** Schedules are made when first asked for: most pairs of category and channel never meet. */
function scheduler(data: DecisionData, categories: readonly Category[], optionCount: number, gstFactor: number) {
  const epochs = feeEpochs(data.fees.rows)
  const known: (FeeSchedule | undefined)[] = []
  const generic = new Map<number, FeeSchedule>()
  return (option: OptionSpec, categoryIndex: number, atMs: number, isInr: boolean): FeeSchedule => {
    if (!isInr) {
      const made = generic.get(option.index) ?? flatSchedule(option.channel.genericFeeShare)
      generic.set(option.index, made)
      return made
    }
    let epoch = epochs.length - 1
    while (epoch > 0 && epochs[epoch]! > atMs) epoch--
    const at = (epoch * categories.length + categoryIndex) * optionCount + option.index
    const found = known[at]
    if (found) return found
    const table = option.channel.feeTable
    const categoryId = categories[categoryIndex]!.id
    const rows = table === null ? [] : feeRowsAt(data.fees.rows, { table, categoryId, atMs: epochs[epoch]! })
    const made = compileFees(rows, gstFactor)
    known[at] = made
    return made
  }
}

export type Categories = ReadonlyMap<string, Category>

const compiled = new WeakMap<DecisionData, WeakMap<Categories, Compiled>>()

/** Look-up tables for this data, made once: the data are never changed in place. */
export function compiledFor(data: DecisionData, categories: Categories): Compiled {
  const byCategories = compiled.get(data) ?? new WeakMap<Categories, Compiled>()
  compiled.set(data, byCategories)
  const found = byCategories.get(categories)
  if (found) return found
  const made = compile(data, categories)
  byCategories.set(categories, made)
  return made
}
