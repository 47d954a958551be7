import type { FeatureContract } from '#contracts/features.ts'
import type { UnitFacts } from './facts.ts'
import { moneyText } from './reasons.ts'

/** What a reason is about: a code, parameters to word it by in any language, and English. */
export type Words = {
  readonly code: string
  readonly params: Readonly<Record<string, string | number>>
  readonly text: string
}

/** Features that a person takes for one thing. The others stand for themselves. */
const topics: Readonly<Record<string, string>> = {
  category_l1: 'category',
  category_l2: 'category',
  category_l3: 'category',
  mrp_log: 'price',
  price_log: 'price',
  reference_log: 'price',
  weight_kg: 'size',
  volume_l: 'size',
  customer_orders_365d: 'customer',
  customer_return_rate_365d: 'customer',
  customer_mismatches: 'customer',
  photo_count: 'photos',
  photo_gate_passed: 'photos',
  photo_anomaly: 'photos',
  photo_duplicate: 'photos',
  sold_28d_own: 'demand',
  sold_28d_marketplace: 'demand',
  sold_28d_b2b: 'demand',
  stock_own: 'demand',
  stock_marketplace: 'demand',
  stock_b2b: 'demand',
  hub_backlog_min: 'hub_load',
  hub_minutes_per_day: 'hub_load',
  hub_can_repair: 'hub_skills',
  hub_can_wipe: 'hub_skills',
  hub_can_hazmat: 'hub_skills',
  weekday: 'season',
  month: 'season',
  festival_d: 'season',
}

/** Topic of each feature, in the order of the contract. What only a check can tell is one topic until there was one. */
export function topicsOf(contract: FeatureContract, isChecked: boolean): string[] {
  return contract.features.map(({ name, knownAt }) =>
    knownAt === 't1' && !isChecked ? 'not_checked' : (topics[name] ?? name),
  )
}

const spoken = (code: string): string => code.replaceAll('_', ' ')
const whole = (value: number): number => Math.round(value)
const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
const short = (value: number): number => Number(value.toPrecision(2))

type Seen = {
  readonly facts: UnitFacts
  /** Value of a feature; NaN when it is not known. */
  readonly value: (feature: string) => number
  /** Name of a category or ordinal; null when it is not known. */
  readonly name: (feature: string) => string | null
}
type Wording = (seen: Seen) => Omit<Words, 'code'> | null

const words = (text: string, params: Words['params'] = {}) => ({ text, params })

/** `{n}` of one number. */
function counted(feature: string, say: (n: number) => string, round: (value: number) => number = whole): Wording {
  return ({ value }) => {
    const n = value(feature)
    return Number.isNaN(n) ? null : words(say(round(n)), { n: round(n) })
  }
}

function named(feature: string, say: (name: string) => string): Wording {
  return ({ name }) => {
    const found = name(feature)
    return found === null ? null : words(say(spoken(found)), { value: found })
  }
}

function either(feature: string, yes: string, no: string): Wording {
  return ({ value }) => {
    const flag = value(feature)
    return Number.isNaN(flag) ? null : words(flag === 1 ? yes : no, { value: flag === 1 ? 'yes' : 'no' })
  }
}

const wordings: Readonly<Record<string, Wording>> = {
  not_checked: () => words('Not checked yet'),
  category: ({ facts }) => words(`Category: ${facts.category.name}`, { category: facts.category.id }),
  brand_tier: named('brand_tier', (tier) => `Brand: ${tier}`),
  price: ({ facts }) => {
    if (facts.reference === null) return null
    const minor = whole(facts.reference / (facts.paisePerMinor ?? 1))
    return words(`Reference price ${moneyText(minor, facts.item.currency)}`, { minor, currency: facts.item.currency })
  },
  size: ({ value }) => {
    const [kg, litres] = [short(value('weight_kg')), short(value('volume_l'))]
    return Number.isNaN(kg + litres) ? null : words(`Weighs ${kg} kg, takes ${litres} l`, { kg, litres })
  },
  model_age_d: counted('model_age_d', (n) => `Model is ${plural(n, 'day')} old`),
  days_since_sale_d: counted('days_since_sale_d', (n) => `Bought ${plural(n, 'day')} ago`),
  has_battery: either('has_battery', 'Holds a battery', 'Holds no battery'),
  is_data_bearing: either('is_data_bearing', 'Stores personal data', 'Stores no personal data'),
  hygiene_class: named('hygiene_class', (name) => `Hygiene class: ${name}`),
  hazard_class: named('hazard_class', (name) => `Hazard class: ${name}`),
  warranty_left_d: counted('warranty_left_d', (n) => `${plural(n, 'day')} of warranty left`),
  reason_code: named('reason_code', (name) => `Customer says: ${name}`),
  reason_cluster: named('reason_cluster', (name) => `Customer wrote about: ${name}`),
  sale_channel: named('sale_channel', (name) => `Sold through ${name}`),
  claim_grade: named('claim_grade', (grade) => `Customer claims grade ${grade}`),
  transit_d: counted('transit_d', (n) => `${plural(n, 'day')} on the way`),
  is_opened: either('is_opened', 'Package was opened', 'Package was not opened'),
  accessories: counted(
    'accessories',
    (n) => `${n} % of the accessories are there`,
    (share) => whole(100 * share),
  ),
  is_rto: either('is_rto', 'Never accepted by the buyer', 'Accepted by the buyer before'),
  customer: ({ value }) => {
    const [orders, rate] = [value('customer_orders_365d'), whole(100 * value('customer_return_rate_365d'))]
    if (Number.isNaN(orders + rate)) return null
    return words(`Customer: ${plural(orders, 'order')} in a year, ${rate} % returned`, { orders, rate })
  },
  photos: ({ value }) => {
    const n = value('photo_count')
    return Number.isNaN(n) ? null : words(`${plural(n, 'photo')} of the check`, { n })
  },
  grade: named('grade', (grade) => `Grade ${grade}`),
  functional_test: named('functional_test', (name) => `Functional test: ${name}`),
  repair_estimate_log: ({ facts }) => {
    const { repairEstimateMinor: minor, currency } = facts.item
    return minor === null ? null : words(`Repair estimate ${moneyText(minor, currency)}`, { minor, currency })
  },
  price_trend_28d: ({ value }) => {
    const n = short(100 * value('price_trend_28d'))
    if (Number.isNaN(n)) return null
    return words(
      n === 0
        ? 'Prices of its kind are steady'
        : `Prices of its kind ${n < 0 ? 'fall' : 'rise'} ${Math.abs(n)} % a day`,
      { n },
    )
  },
  demand: ({ value }) => {
    const sum = (prefix: string) =>
      ['own', 'marketplace', 'b2b'].reduce((total, group) => total + (value(`${prefix}_${group}`) || 0), 0)
    const isKnown = ['sold_28d_own', 'sold_28d_marketplace', 'sold_28d_b2b'].some((name) => !Number.isNaN(value(name)))
    if (!isKnown) return null
    const [sold, stock] = [sum('sold_28d'), sum('stock')]
    const level = sold >= stock ? 'strong' : 'weak'
    const heading = level === 'strong' ? 'Strong resale demand' : 'Weak resale demand'
    return words(`${heading}: ${sold} sold in 28 days, ${stock} in stock`, { level, sold, stock })
  },
  hub_load: ({ value }) => {
    const days = short(value('hub_backlog_min') / value('hub_minutes_per_day'))
    return Number.isFinite(days) ? words(`Hub has ${plural(days, 'day')} of work waiting`, { days }) : null
  },
  distance_km: counted('distance_km', (n) => `${n} km to the hub`),
  hub_skills: () => words('What the hub can do'),
  season: counted('festival_d', (n) => `Time of year: ${plural(n, 'day')} to a festival`),
}

/** A finding that was made, or was looked for and not found. */
function findingWords(topic: string, seen: Seen): Words {
  const what = spoken(topic.replace(/^finding_/, ''))
  const isFound = seen.value(topic) === 1
  return {
    code: topic,
    params: { value: isFound ? 'yes' : 'no' },
    text: isFound ? `Found: ${what}` : `No ${what} found`,
  }
}

/** Words for a topic of one unit, with what it is in this unit. */
export function wordsFor(topic: string, contract: FeatureContract, facts: UnitFacts, row: Float32Array): Words {
  const places = new Map(contract.features.map((feature, place) => [feature.name, place]))
  const value = (feature: string): number => row[places.get(feature) ?? row.length] ?? Number.NaN
  const name = (feature: string): string | null => {
    const found = contract.features[places.get(feature) ?? -1]
    return found !== undefined && 'values' in found ? (found.values[value(feature)] ?? null) : null
  }
  const seen = { facts, value, name }
  if (topic.startsWith('finding_')) return findingWords(topic, seen)
  const found = wordings[topic]?.(seen) ?? null
  if (found !== null) return { code: topic, ...found }
  return { code: `${topic}.unknown`, params: {}, text: `Not known: ${spoken(topic.replace(/_(d|log|28d)$/, ''))}` }
}

/** `reason: ₹120 for` or `against` an option. */
export function withAmount(text: string, amount: number, currency: string, option: string): string {
  return `${text}: ${moneyText(amount, currency)} ${amount >= 0 ? 'for' : 'against'} ${option}`
}
