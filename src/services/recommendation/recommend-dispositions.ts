import type { DecisionBasis } from '#contracts/decision-basis.ts'
import type { LocatedIntake, RecommendedIntake } from '#contracts/intake.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { accept, type Outcome } from '#kernel/outcome.ts'
import { compiledFor } from './compile.ts'
import { decideInSlices } from './decide-in-slices.ts'
import { readState } from './decision-state-store.ts'
import { featureRows, rowHashes } from './features.ts'
import { readRoutedByChannel } from './store.ts'

type RecommendContext = Pick<Context, 'db' | 'inference' | 'reference' | 'now' | 'metrics' | 'log'>

/** Market depth looks back this far (decision-model 4, D_k). */
const depthMs = 28 * 86_400_000

/** A recommendation with what it was made from. */
export type Recommended = { readonly body: RecommendationBody; readonly basis: DecisionBasis }

/** Recommends for every unit of the batch by one inference call; on a model that can't answer, by rules alone, and says so. */
export async function recommendUnits(ctx: RecommendContext, items: readonly DecisionItem[]): Promise<Recommended[]> {
  if (items.length === 0) return []
  const { decision, categories, features } = ctx.reference
  const rows = featureRows(compiledFor(decision, categories), features, items)
  const [state, batch] = await Promise.all([readState(ctx), predict(ctx, items, rows)])
  const decided = await decideInSlices(items, batch, decision, categories, state)
  const hashes = rowHashes(rows, features.features.length)
  return decided.map(({ body, trace }, i) => ({
    body,
    basis: {
      item: items[i]!,
      rowHash: hashes[i]!,
      contractHash: features.hash.slice(0, 12),
      engine: batch?.engine ?? 'rules',
      fellBack: batch?.fellBack ?? [],
      interval: trace?.interval ?? null,
      probeShare: trace?.probeShare ?? 0,
      factor: trace?.factor ?? 1,
    },
  }))
}

async function predict(ctx: RecommendContext, items: readonly DecisionItem[], rows: Float32Array) {
  try {
    return await ctx.inference.predict({ items, rows })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const engine = ctx.inference.info()[0]?.engine ?? 'none'
    ctx.log.warn({ engine, reason: error.message }, 'no prediction: deciding by rules alone')
    ctx.metrics.count('smartreturns_inference_fallbacks_total', 'Batches decided without a model', { engine })
    return null
  }
}

/** Units of each SKU routed to each channel lately, keyed `client|sku`. */
export async function readDepth(
  ctx: Pick<Context, 'db' | 'now'>,
  units: readonly { readonly clientId: string; readonly sku: string | null }[],
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const known = units.filter((unit) => unit.sku !== null)
  const since = new Date(ctx.now() - depthMs)
  return readRoutedByChannel(
    ctx.db,
    known.map((u) => u.clientId),
    known.map((u) => u.sku!),
    since,
  )
}

/** The intake step: the provisional recommendation at t0, the grade not yet known. */
export async function recommendIntakes(
  ctx: RecommendContext,
  items: readonly LocatedIntake[],
): Promise<Outcome<RecommendedIntake>[]> {
  const wanted = items.filter((item) => item.known === null && item.acceptance !== 'rejected')
  const depth = await readDepth(ctx, wanted)
  const nowMs = ctx.now()
  const recommended = await recommendUnits(
    ctx,
    wanted.map((item) => decisionItem(item, nowMs, depth.get(`${item.clientId}|${item.sku}`))),
  )
  const byId = new Map(wanted.map((item, i) => [item.id, recommended[i]!]))
  return items.map((item) => {
    const { body = null, basis = null } = byId.get(item.id) ?? {}
    return accept({ ...item, recommendation: body, basis })
  })
}

function decisionItem(
  item: LocatedIntake,
  nowMs: number,
  routed: Readonly<Record<string, number>> | undefined,
): DecisionItem {
  const hub = item.located.candidates[0]
  return {
    id: item.id,
    point: 't0',
    atMs: nowMs,
    currency: item.currency,
    categoryId: item.categoryId,
    sku: item.sku,
    brandTier: item.product.brandTier,
    mrpMinor: item.mrpMinor,
    priceMinor: item.priceMinor,
    costMinor: item.costMinor,
    weightKg: item.product.weightKg,
    volumeLitres: item.product.volumeLitres,
    launchedAtMs: item.product.launchedAtMs,
    soldAtMs: item.orderedAt === null ? null : Date.parse(item.orderedAt),
    reasonCode: item.reasonCode,
    reasonCluster: item.reasonCluster,
    returnType: item.returnType,
    isOpened: item.isOpened,
    hasAllAccessories: null,
    saleChannel: item.saleChannel,
    pickupPincode: item.pickupPincode,
    isRecalled: item.product.isRecalled,
    isHazmat: item.product.isHazmat,
    hasBattery: item.product.hasBattery,
    isDataBearing: item.product.isDataBearing,
    hasBrandRestriction: item.product.hasBrandRestriction,
    isVendorReturnable: item.product.isVendorReturnable,
    daysToExpiry: null,
    isOwned: true,
    grade: null,
    quarantine: null,
    findings: [],
    repairEstimateMinor: null,
    isRepairable: null,
    completeness: null,
    distanceKm: hub?.distanceKm ?? null,
    // Rounded, for the log keeps it with every unit.
    hubBacklogMinutes: hub === undefined ? null : Math.round(hub.waitDays * hub.minutesPerDay),
    hubMinutesPerDay: hub?.minutesPerDay ?? null,
    hubCapabilities: hub?.capabilities ?? null,
    routedByChannel: routed ?? {},
  }
}
