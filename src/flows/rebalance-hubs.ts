import type { Answer, Command } from '#contracts/commands.ts'
import { byOf } from '#contracts/events.ts'
import {
  movesMax,
  type Move,
  type Rebalanced,
  type RebalanceCommit,
  type RebalancePreview,
} from '#contracts/rebalance.ts'
import type { Actor, Context } from '#context.ts'
import { AppError, type FieldError } from '#kernel/errors.ts'
import { accept } from '#kernel/outcome.ts'
import { chooseHubs, locateHubs, plannedLoads, planMoves, readMovableIds, viewHubs } from '#services/hubs/index.ts'
import {
  changeOf,
  mayAssign,
  needsOfReturns,
  readStates,
  reservedUntil,
  type ReturnState,
} from '#services/returns/index.ts'
import { maySee } from './on-returns.ts'
import { runCommands, type Draft } from './run-commands.ts'

/** Units on their way that one plan looks at, oldest first. */
const consideredMax = 1000
const currency = 'INR'

/** Moves that would save, as a dry run: nothing is written. */
export async function previewRebalance(ctx: Context, actor: Actor): Promise<RebalancePreview> {
  const view = await viewHubs(ctx)
  const ids = await readMovableIds(ctx.db, actor.hubIds, consideredMax)
  const states = (await readStates(ctx.db, ids)).filter((state) => maySee(actor, state) && mayAssign(state).ok)
  const located = await locateHubs(ctx, view, await needsOfReturns(ctx, states))
  const units = states.flatMap(({ id, hubId, receivedAt }, i) =>
    hubId === null ? [] : [{ id, hubId, isReceived: receivedAt !== null, located: located[i]! }],
  )
  const planned = planMoves(units, view.free, movesMax)
  const byId = new Map(states.map((state) => [state.id, state]))
  const moves = planned.map(({ unitId, passedOver, ...move }): Move => {
    const { lpn, version } = byId.get(unitId)!
    const reason =
      passedOver === 0 ? 'cheapest capable hub now' : `cheapest with a free place; ${passedOver} cheaper full`
    return { returnId: unitId, lpn, version, ...move, reason }
  })
  return {
    moves,
    savingMinor: moves.reduce((sum, move) => sum + move.savingMinor, 0),
    currency,
    considered: units.length,
    loads: plannedLoads(view, planned),
  }
}

/**
 * Makes the moves of a plan: all of them or none, in one transaction, one event a unit. A plan that is not true any
 * more is refused, and the refusal names every move that it is about.
 */
export async function commitRebalance(ctx: Context, command: Command<RebalanceCommit>): Promise<Answer<Rebalanced>> {
  const kind = { name: 'rebalance_hubs', status: 200, creates: false }
  const [answer] = await runCommands(ctx, kind, [command], (fresh, at) =>
    Promise.all(fresh.map(async (one) => accept(await draft(ctx, one, at)))),
  )
  return answer!
}

async function draft(ctx: Context, command: Command<RebalanceCommit>, at: Date): Promise<Draft<Rebalanced>> {
  const { moves } = command.input
  const found = new Map(
    (
      await readStates(
        ctx.db,
        moves.map((move) => move.returnId),
      )
    ).map((state) => [state.id, state]),
  )
  const faults: FieldError[] = []
  const fault = (i: number, code: string, detail: string) => faults.push({ pointer: `/moves/${i}`, code, detail })
  const seen = new Set<string>()
  const ready = moves.flatMap((move, i) => {
    const state = found.get(move.returnId)
    if (state === undefined || !maySee(command.actor, state)) {
      fault(i, 'return_unknown', `no such return: ${move.returnId}`)
      return []
    }
    const wrong = wrongNow(state, move, seen)
    seen.add(move.returnId)
    if (wrong === null) return [{ i, move, state }]
    fault(i, ...wrong)
    return []
  })
  const view = await viewHubs(ctx)
  const codes = new Map(view.hubs.map(({ id, code }) => [id, code]))
  const located = await locateHubs(
    ctx,
    view,
    await needsOfReturns(
      ctx,
      ready.map(({ state }) => state),
    ),
  )
  // As the plan: a place that a move sets free is not given away, so each unit asks for a place of its own.
  const wanted = located.map((one, n) => ({
    ...one,
    candidates: one.candidates.filter(({ hubId }) => hubId === ready[n]!.move.toHubId),
  }))
  const choices = chooseHubs(wanted, view.free)
  let savingMinor = 0
  const changes = ready.flatMap(({ i, move, state }, n) => {
    const choice = choices[n]!
    if (choice.kind === 'none') {
      const to = codes.get(move.toHubId) ?? move.toHubId
      if (choice.reason === 'no_capacity') fault(i, 'hub_full', `${to} has no free place left for ${state.lpn}`)
      else fault(i, 'hub_cannot_take', `${to} cannot take ${state.lpn}`)
      return []
    }
    const costNow = located[n]!.candidates.find(({ hubId }) => hubId === move.fromHubId)?.costMinor
    savingMinor += (costNow ?? choice.hub.costMinor) - choice.hub.costMinor
    const data = {
      by: byOf(command.actor),
      requestId: command.requestId,
      hubId: choice.hub.hubId,
      distanceKm: choice.hub.distanceKm,
      costMinor: choice.hub.costMinor,
      reason: `moved from ${codes.get(move.fromHubId) ?? 'another hub'} by a rebalance`,
      candidates: choice.candidates,
      reservedUntil: reservedUntil(at.getTime()),
    }
    return [changeOf(state, state.id, [{ type: 'HubAssigned', data }], at.toISOString())]
  })
  if (faults.length > 0) throw outOfDate(faults)
  const moved = changes.map(({ after: { id, lpn, hubId, version } }) => ({ id, lpn, hubId: hubId!, version }))
  const [change, ...more] = changes
  return { change: change!, more, answer: { moved, savingMinor, currency }, resourceId: moved[0]!.id }
}

/** What of a unit is otherwise than its move says; null when nothing is. */
function wrongNow(
  state: ReturnState,
  move: RebalanceCommit['moves'][number],
  seen: ReadonlySet<string>,
): [code: string, detail: string] | null {
  if (seen.has(move.returnId)) return ['named_twice', `${state.lpn} is named twice`]
  if (move.fromHubId === move.toHubId) return ['same_hub', `${state.lpn} would stay where it is`]
  const may = mayAssign(state)
  if (!may.ok) return [may.rejection.code, may.rejection.detail]
  if (state.hubId !== move.fromHubId) return ['hub_changed', `${state.lpn} was sent to another hub meanwhile`]
  if (state.version !== move.version) return ['version_stale', `${state.lpn} was changed meanwhile`]
  return null
}

function outOfDate(faults: readonly FieldError[]): AppError {
  const others = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`
  return new AppError('conflict', `the plan is out of date: ${faults[0]!.detail}${others}`, {
    problem: 'plan_out_of_date',
    errors: faults,
  })
}
