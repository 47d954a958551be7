import type { ServingLevel } from './codes.ts'
import { channelGroups } from './recommendations.ts'
import type { ChannelGroup, DecisionItem } from './recommendations.ts'

/** What a recommendation was made from, as the log keeps it: training, explanations and policy replay start here. */
export type DecisionBasis = {
  /** Without SKU and PIN code, which the return has and no decision looks at. */
  readonly item: DecisionItem
  /** First 16 hex digits of the SHA-256 of the float32 row of features, and first 12 of the feature contract's own. */
  readonly rowHash: string
  readonly contractHash: string
  /** What answered, and what did not; `rules` when nothing could. */
  readonly engine: string
  readonly fellBack: readonly { readonly level: ServingLevel; readonly engine: string; readonly why: string }[]
  /** Conformal group and alpha of the chosen option's interval; null where it was not calibrated. */
  readonly interval: { readonly group: string; readonly alpha: number } | null
  /** Exploration: chance of a uniform draw over all options, and the share of it that the budget left. */
  readonly probeShare: number
  readonly factor: number
}

/** One letter or two a field; what is null or the usual is left out. Letters are never given to another field. */
const plain = {
  atMs: 't',
  categoryId: 'c',
  brandTier: 'b',
  mrpMinor: 'm',
  priceMinor: 'p',
  costMinor: 'k',
  weightKg: 'w',
  volumeLitres: 'v',
  launchedAtMs: 'l',
  soldAtMs: 's',
  reasonCode: 'r',
  returnType: 'rt',
  isOpened: 'o',
  hasAllAccessories: 'aa',
  saleChannel: 'sc',
  isRecalled: 'rc',
  isHazmat: 'hz',
  hasBattery: 'hb',
  isDataBearing: 'db',
  hasBrandRestriction: 'br',
  isVendorReturnable: 'vr',
  daysToExpiry: 'x',
  isOwned: 'ow',
  grade: 'g',
  quarantine: 'q',
  findings: 'f',
  repairEstimateMinor: 're',
  isRepairable: 'rp',
  completeness: 'cp',
  distanceKm: 'd',
  hubBacklogMinutes: 'hm',
  hubMinutesPerDay: 'hd',
  hubCapabilities: 'hc',
  routedByChannel: 'n',
  storedSinceMs: 'ss',
  photoGate: 'pg',
  photoCount: 'pc',
  photoAnomaly: 'pa',
  isPhotoDuplicate: 'pd',
  functionalTest: 'ft',
  reasonCluster: 'rl',
  claimGrade: 'cg',
  transitDays: 'td',
  warrantyDaysLeft: 'wd',
  hubMinuteMinor: 'hp',
} as const satisfies Partial<Record<keyof DecisionItem, string>>
type Plain = keyof typeof plain
const plainFields = Object.entries(plain) as readonly (readonly [Plain, string])[]

/** What a field is when nothing is kept of it; null for all others. */
const usual: Partial<DecisionItem> = {
  brandTier: 'mid',
  returnType: 'customer_return',
  isRecalled: false,
  isHazmat: false,
  hasBrandRestriction: false,
  isVendorReturnable: false,
  isOwned: true,
  findings: [],
  routedByChannel: {},
}
const optional: ReadonlySet<string> = new Set<keyof DecisionItem>([
  'storedSinceMs',
  'photoGate',
  'photoCount',
  'photoAnomaly',
  'isPhotoDuplicate',
  'functionalTest',
  'reasonCluster',
  'claimGrade',
  'transitDays',
  'warrantyDaysLeft',
  'hubMinuteMinor',
])

type ByGroup = readonly (number | null)[] | null
export type PackedBasis = {
  readonly i: Readonly<Record<string, unknown>>
  readonly x: string
  readonly c: string
  readonly e: string
  readonly f?: readonly (readonly [ServingLevel, string, string])[]
  readonly a?: readonly [group: string, alpha: number]
  readonly p?: readonly [probeShare: number, factor: number]
}

function isUsual(name: Plain, value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (name === 'findings') return (value as readonly string[]).length === 0
  if (name === 'routedByChannel') return Object.keys(value).length === 0
  return value === usual[name]
}

function packGroups(counts: Readonly<Record<ChannelGroup, number>> | null): ByGroup {
  return counts === null ? null : channelGroups.map((group) => counts[group])
}

function unpackGroups(counts: ByGroup): Record<ChannelGroup, number> | null {
  if (counts === null) return null
  return Object.fromEntries(channelGroups.map((group, i) => [group, counts[i]])) as Record<ChannelGroup, number>
}

export function packBasis(basis: DecisionBasis): PackedBasis {
  const { item, fellBack, interval } = basis
  const kept: Record<string, unknown> = {}
  for (const [name, letter] of plainFields) if (!isUsual(name, item[name])) kept[letter] = item[name]
  if (item.customer) kept['cu'] = [item.customer.orders365d, item.customer.returnRate365d, item.customer.mismatches]
  if (item.market) {
    const { trend28d, sold28d, stock } = item.market
    kept['mk'] = [trend28d, packGroups(sold28d), packGroups(stock)]
  }
  return {
    i: kept,
    x: basis.rowHash,
    c: basis.contractHash,
    e: basis.engine,
    ...(fellBack.length > 0 && { f: fellBack.map(({ level, engine, why }) => [level, engine, why] as const) }),
    ...(interval !== null && { a: [interval.group, interval.alpha] as const }),
    ...(basis.probeShare > 0 && { p: [basis.probeShare, basis.factor] as const }),
  }
}

/** `known` is what the event says anyway: the return, the point of the decision, its currency. */
export function unpackBasis(
  packed: PackedBasis,
  known: Pick<DecisionItem, 'id' | 'point' | 'currency'>,
): DecisionBasis {
  const { id, point, currency } = known
  const item: Record<string, unknown> = { id, point, currency, sku: null, pickupPincode: null }
  for (const [name, letter] of plainFields) {
    if (letter in packed.i) item[name] = packed.i[letter]
    else if (!optional.has(name)) item[name] = usual[name] ?? null
  }
  const customer = packed.i['cu'] as readonly [number, number, number] | undefined
  if (customer) {
    const [orders365d, returnRate365d, mismatches] = customer
    item['customer'] = { orders365d, returnRate365d, mismatches }
  }
  const market = packed.i['mk'] as readonly [number | null, ByGroup, ByGroup] | undefined
  if (market) {
    item['market'] = { trend28d: market[0], sold28d: unpackGroups(market[1]), stock: unpackGroups(market[2]) }
  }
  return {
    item: item as DecisionItem,
    rowHash: packed.x,
    contractHash: packed.c,
    engine: packed.e,
    fellBack: (packed.f ?? []).map(([level, engine, why]) => ({ level, engine, why })),
    interval: packed.a === undefined ? null : { group: packed.a[0], alpha: packed.a[1] },
    probeShare: packed.p?.[0] ?? 0,
    factor: packed.p?.[1] ?? 1,
  }
}
