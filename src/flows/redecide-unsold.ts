import { sellingRoutes } from '#contracts/codes.ts'
import type { Command, CommandActor } from '#contracts/commands.ts'
import { limits } from '#contracts/common.ts'
import { packRecommendation } from '#contracts/packed-recommendation.ts'
import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, advance, reject, type Outcome } from '#kernel/outcome.ts'
import { readBodies, readDepth, readUnsold, recommendUnits } from '#services/recommendation/index.ts'
import type { ReturnState } from '#services/returns/index.ts'
import { runOnReturns, type OnState } from './on-returns.ts'

type RedecideInput = { readonly returnId: string; readonly ifVersion: number | null }
type Known = { readonly item: OnState<RedecideInput>; readonly unit: DecisionItem }

const actor: CommandActor = { kind: 'system', id: 'unsold', role: 'system', hubIds: null, clientIds: null }

/**
 * Recommends anew for units that nobody bought within the horizon that was planned for them (decision point t2); where another
 * way is better by now, a person is asked to decide again. Answers how many were looked at.
 */
export async function redecideUnsold(ctx: Context): Promise<number> {
  const horizons = ctx.reference.decision.policy.routes
    .filter(({ route }) => (sellingRoutes as readonly string[]).includes(route))
    .map(({ route, processingDays, horizonDays }) => ({ route, days: processingDays + horizonDays }))
  let redecided = 0
  let afterId: string | null = null
  for (;;) {
    const due: { id: string; version: number }[] = await readUnsold(ctx.db, horizons, {
      at: new Date(ctx.now()),
      afterId,
      limit: limits.batchItems,
    })
    if (due.length === 0) return redecided
    afterId = due.at(-1)!.id
    const commands = due.map((unit): Command<RedecideInput> => ({
      actor,
      requestId: `unsold-${uuidv7(ctx.now())}`,
      idempotency: null,
      input: { returnId: unit.id, ifVersion: unit.version },
    }))
    const answers = await runOnReturns(ctx, 'redecide_unsold', commands, (items) => redecide(ctx, items))
    redecided += answers.filter((answer) => answer.outcome.ok).length
  }
}

async function redecide(ctx: Context, items: readonly OnState<RedecideInput>[]) {
  const bodies = await readBodies(
    ctx.db,
    items.flatMap(({ state }) => state.recommendationId ?? []),
  )
  const known = items.map((item): Outcome<Known> => {
    const { state } = item
    const basis = state.recommendationId === null ? null : bodies.get(state.recommendationId)?.basis
    if (state.stage !== 'disposition') return reject('conflict', 'not_decided', `${state.lpn} is ${state.stage}`)
    if (!basis) return reject('conflict', 'basis_unknown', `${state.lpn}: what its advice was made from is not kept`)
    return accept({ item, unit: basis.item })
  })
  return advance(known, async (units) => {
    const states = units.map(({ item }) => item.state)
    const depth = await readDepth(ctx, states)
    const nowMs = ctx.now()
    const recommended = await recommendUnits(
      ctx,
      units.map(({ unit }, i): DecisionItem => {
        const routed = depth.get(`${states[i]!.clientId}|${states[i]!.sku}`) ?? {}
        return { ...unit, point: 't2', atMs: nowMs, routedByChannel: withoutItself(routed, states[i]!) }
      }),
    )
    return recommended.map(({ body, basis }, i) =>
      accept([
        {
          type: 'DispositionRecommended' as const,
          data: { recommendationId: uuidv7(nowMs), body: packRecommendation(asked(body, states[i]!), basis) },
        },
      ]),
    )
  })
}

/** A unit is no rival of its own sale. */
function withoutItself(routed: Readonly<Record<string, number>>, state: ReturnState): Record<string, number> {
  const channel = state.dispositionChannel ?? ''
  const others = (routed[channel] ?? 0) - 1
  return channel in routed ? { ...routed, [channel]: Math.max(0, others) } : routed
}

/** While the decided way is still the best nobody is asked, but for what a rule asks. */
function asked(body: RecommendationBody, state: ReturnState): RecommendationBody {
  const isOther = body.disposition !== state.disposition || body.channel !== state.dispositionChannel
  const reviewReasons = isOther
    ? [...body.reviewReasons, 'unsold_past_horizon']
    : body.reviewReasons.filter((reason) => reason.startsWith('constraint:'))
  return { ...body, needsReview: reviewReasons.length > 0, reviewReasons }
}
