import type { RecommendRequest } from '#contracts/ai.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import type { Actor, Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, advance, reject, type Outcome } from '#kernel/outcome.ts'
import { readKnownUnits, type KnownUnit } from './known-store.ts'
import { readDepth, recommendUnits } from './recommend-dispositions.ts'

type Described = { readonly request: RecommendRequest; readonly unit: KnownUnit | null }

/** Recommends for described or known units and records nothing. One answer a request, in order. */
export async function recommendOnly(
  ctx: Context,
  actor: Actor,
  requests: readonly RecommendRequest[],
): Promise<Outcome<RecommendationBody>[]> {
  const known = await readKnownUnits(ctx.db, actor, requests)
  const described = requests.map((request, i): Outcome<Described> => {
    const unit = known[i]!
    if (request.returnId !== undefined && unit === null)
      return reject('not_found', 'return_unknown', `no such return: ${request.returnId}`)
    const categoryId = request.categoryId ?? unit?.categoryId
    if (categoryId === undefined || !ctx.reference.categories.has(categoryId)) {
      const detail =
        categoryId === undefined ? 'say what it is: returnId, sku or categoryId' : `no such category: ${categoryId}`
      return reject('invalid', 'category_unknown', detail, [
        { pointer: '/categoryId', code: 'category_unknown', detail },
      ])
    }
    return accept({ request, unit })
  })
  return advance(described, async (items) => {
    const nowMs = ctx.now()
    const depth = await readDepth(
      ctx,
      items.map(({ unit }) => ({ clientId: unit?.clientId ?? '', sku: unit?.clientId ? (unit.sku ?? null) : null })),
    )
    const recommended = await recommendUnits(
      ctx,
      items.map((item) => decisionItem(item, nowMs, depth.get(`${item.unit?.clientId}|${item.unit?.sku}`) ?? {})),
    )
    return recommended.map(({ body }) => accept(body))
  })
}

function perThousand(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : value / 1000
}

function decisionItem(
  { request, unit }: Described,
  nowMs: number,
  routedByChannel: Readonly<Record<string, number>>,
): DecisionItem {
  const grade = request.grade ?? unit?.grade ?? null
  return {
    id: unit?.id ?? uuidv7(nowMs),
    point: grade === null ? 't0' : 't1',
    atMs: nowMs,
    currency: request.price?.currency ?? request.mrp?.currency ?? unit?.currency ?? 'INR',
    categoryId: (request.categoryId ?? unit?.categoryId)!,
    sku: request.sku ?? unit?.sku ?? null,
    brandTier: unit?.brandTier ?? 'mid',
    mrpMinor: request.mrp?.amount ?? unit?.mrpMinor ?? null,
    priceMinor: request.price?.amount ?? unit?.priceMinor ?? null,
    costMinor: unit?.costMinor ?? null,
    weightKg: perThousand(unit?.weightGrams),
    volumeLitres: perThousand(unit?.volumeMl),
    launchedAtMs: unit?.launchedOn ? Date.parse(unit.launchedOn) : null,
    soldAtMs: unit?.orderedAt?.getTime() ?? null,
    reasonCode: request.reasonCode ?? unit?.reasonCode ?? 'unknown',
    reasonCluster: unit?.reasonCluster ?? null,
    returnType: request.returnType ?? unit?.returnType ?? 'customer_return',
    isOpened: request.isOpened ?? unit?.isOpened ?? null,
    hasAllAccessories: null,
    saleChannel: unit?.saleChannel ?? null,
    pickupPincode: request.pickupPincode ?? unit?.pickupPincode ?? null,
    isRecalled: unit?.isRecalled ?? false,
    isHazmat: unit?.isHazmat ?? false,
    hasBattery: unit?.hasBattery ?? null,
    isDataBearing: unit?.isDataBearing ?? null,
    hasBrandRestriction: unit?.hasBrandRestriction ?? false,
    isVendorReturnable: unit?.isVendorReturnable ?? false,
    daysToExpiry: null,
    isOwned: unit?.acceptance !== 'rejected',
    grade,
    quarantine: null,
    findings: unit?.findings ?? [],
    repairEstimateMinor: request.repairEstimateMinor ?? unit?.repairMinor ?? null,
    isRepairable: unit?.isRepairable ?? null,
    completeness: unit?.completeness ?? null,
    distanceKm: unit?.hubDistanceKm ?? null,
    hubBacklogMinutes: null,
    hubMinutesPerDay: null,
    hubCapabilities: null,
    routedByChannel,
  }
}
