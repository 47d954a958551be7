import type { Answer, CheckInput, Command, ReviseInput } from '#contracts/commands.ts'
import type { ReturnEvent } from '#contracts/events.ts'
import { packRecommendation } from '#contracts/packed-recommendation.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { rubricKey } from '#contracts/reference.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import { checkNotePlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, advance, reject, rejectStale, type Outcome } from '#kernel/outcome.ts'
import { viewHubs, type HubView } from '#services/hubs/index.ts'
import { checkItems, functionalTest, readCurrentChecks, type CheckedItem } from '#services/quality/index.ts'
import { readDepth, recommendUnits } from '#services/recommendation/index.ts'
import { mayCheck, mayRevise, needsOfReturns, type ReturnState, type UnitNeeds } from '#services/returns/index.ts'
import { runOnReturns, type OnState } from './on-returns.ts'
import { sealNotes } from './seal-notes.ts'

type Permitted<I> = { readonly item: OnState<I>; readonly checkId: string; readonly checkVersion: number }

/** Grades received units by their rubric and recommends anew with the grade known (t1). */
export function checkReturns(ctx: Context, commands: readonly Command<CheckInput>[]): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'check_return', commands, async (items) => {
    const permitted = items.map((item): Outcome<Permitted<CheckInput>> => {
      const may = mayCheck(item.state, item.command.input.ifVersion !== null)
      return may.ok ? accept({ item, checkId: uuidv7(ctx.now()), checkVersion: 1 }) : may
    })
    return advance(permitted, (ready) => gradeAndRecommend(ctx, ready))
  })
}

/** Corrects a check: the grade is computed again, a decision made on the old one is taken back, the advice is given anew. */
export function reviseChecks(
  ctx: Context,
  commands: readonly Command<ReviseInput>[],
): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'revise_check', commands, async (items) => {
    const checks = await readCurrentChecks(
      ctx.db,
      items.map((item) => item.state.id),
    )
    const permitted = items.map((item): Outcome<Permitted<ReviseInput>> => {
      const { checkId, ifCheckVersion } = item.command.input
      const check = checks.get(item.state.id)
      if (check === undefined || check.id !== checkId) {
        return reject(
          'conflict',
          'check_superseded',
          `${item.state.lpn}: this check is history, another one is current`,
        )
      }
      if (ifCheckVersion !== null && ifCheckVersion !== check.version) {
        return rejectStale('check', check.version, ifCheckVersion)
      }
      const may = mayRevise(item.state, item.disposition === null ? null : { ...item.disposition, requires: [] })
      return may.ok ? accept({ item, checkId, checkVersion: check.version + 1 }) : may
    })
    return advance(permitted, (ready) => gradeAndRecommend(ctx, ready))
  })
}

async function gradeAndRecommend<I extends CheckInput>(
  ctx: Context,
  ready: readonly Permitted<I>[],
): Promise<Outcome<readonly ReturnEvent[]>[]> {
  const graded = await checkItems(
    ctx,
    ready.map(({ item }) => ({ request: item.command.input, categoryId: item.state.categoryId })),
  )
  const paired = graded.map((outcome, i) =>
    outcome.ok ? accept({ checked: outcome.value, permitted: ready[i]! }) : outcome,
  )
  return advance(paired, async (checks) => {
    const items = checks.map((c) => c.permitted.item)
    const states = items.map((item) => item.state)
    const notes = await sealNotes(
      ctx,
      items,
      (input) => input.note,
      (_, i) => checkNotePlace(checks[i]!.permitted.checkId),
    )
    const [hubs, needs, depth] = [await viewHubs(ctx), await needsOfReturns(ctx, states), await readDepth(ctx, states)]
    const nowMs = ctx.now()
    const recommended = await recommendUnits(
      ctx,
      checks.map(({ checked }, i) => {
        const state = states[i]!
        const routed = depth.get(`${state.clientId}|${state.sku}`) ?? {}
        const rubric = ctx.reference.rubricsByRevision.get(rubricKey(checked.rubricId, checked.rubricRevision))
        return {
          ...decisionItem(state, checked, needs[i]!, hubs, routed, nowMs),
          functionalTest: rubric === undefined ? null : functionalTest(rubric, checked.answers),
        }
      }),
    )
    return checks.map(({ checked, permitted: { checkId, checkVersion } }, i): Outcome<readonly ReturnEvent[]> =>
      accept([
        { type: 'QualityChecked', data: { checkId, checkVersion, ...checked, noteSealed: notes[i]! } },
        {
          type: 'DispositionRecommended',
          data: {
            recommendationId: uuidv7(nowMs),
            body: packRecommendation(recommended[i]!.body, recommended[i]!.basis),
          },
        },
      ]),
    )
  })
}

function decisionItem(
  state: ReturnState,
  checked: CheckedItem,
  needs: UnitNeeds,
  view: HubView,
  routedByChannel: Readonly<Record<string, number>>,
  nowMs: number,
): DecisionItem {
  const hub = view.hubs.find((h) => h.id === state.hubId)
  const { product } = needs
  return {
    id: state.id,
    point: 't1',
    atMs: nowMs,
    currency: state.currency,
    categoryId: state.categoryId,
    sku: state.sku,
    brandTier: product.brandTier,
    mrpMinor: state.mrpMinor,
    priceMinor: state.priceMinor,
    costMinor: product.costMinor,
    weightKg: checked.weightGrams === null ? product.weightKg : checked.weightGrams / 1000,
    volumeLitres: product.volumeLitres,
    launchedAtMs: product.launchedAtMs,
    soldAtMs: state.orderedAt === null ? null : Date.parse(state.orderedAt),
    reasonCode: state.reasonCode,
    reasonCluster: state.reasonCluster,
    returnType: state.returnType,
    isOpened: checked.isSealed ? false : (state.isOpened ?? true),
    hasAllAccessories: checked.completeness === null ? null : checked.completeness >= 1,
    saleChannel: state.saleChannel,
    pickupPincode: state.pickupPincode,
    isRecalled: product.isRecalled,
    isHazmat: product.isHazmat,
    hasBattery: product.hasBattery,
    isDataBearing: product.isDataBearing,
    hasBrandRestriction: product.hasBrandRestriction,
    isVendorReturnable: product.isVendorReturnable,
    daysToExpiry: null,
    isOwned: state.acceptance !== 'rejected',
    grade: checked.grade,
    quarantine: checked.quarantine,
    findings: checked.findings,
    repairEstimateMinor: checked.repairMinor,
    isRepairable: checked.isRepairable,
    completeness: checked.completeness,
    // The way in is paid for by now; what still has to be driven starts at the hub.
    distanceKm: state.hubDistanceKm,
    hubBacklogMinutes: hub === undefined ? null : hub.usedCapacity * needs.category.processingMinutes,
    hubMinutesPerDay: hub?.minutesPerDay ?? null,
    hubCapabilities: hub?.capabilities ?? null,
    routedByChannel,
    storedSinceMs: state.receivedAt === null ? null : Date.parse(state.receivedAt),
    photoCount: checked.photos.length,
  }
}
