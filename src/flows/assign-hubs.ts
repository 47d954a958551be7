import type { Answer, AssignInput, Command } from '#contracts/commands.ts'
import type { ReturnEvent } from '#contracts/events.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { accept, advance, reject, type Outcome } from '#kernel/outcome.ts'
import { chooseHubs, locateHubs, viewHubs } from '#services/hubs/index.ts'
import { mayAssign, needsOfReturns, reservedUntil } from '#services/returns/index.ts'
import { runOnReturns, type OnState } from './on-returns.ts'

/** Assigns, or assigns anew, a hub to units that have not arrived: the named one, or the cheapest capable one with a free place. */
export function assignReturns(
  ctx: Context,
  commands: readonly Command<AssignInput>[],
): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'assign_hub', commands, async (items) => {
    const permitted = items.map((item): Outcome<OnState<AssignInput>> => {
      const may = mayAssign(item.state)
      return may.ok ? accept(item) : may
    })
    return advance(permitted, async (ready) => {
      const view = await viewHubs(ctx)
      const units = await needsOfReturns(
        ctx,
        ready.map((item) => item.state),
      )
      const located = await locateHubs(ctx, view, units)
      const wanted = located.map((l, i) => {
        const { hubId } = ready[i]!.command.input
        return hubId === null ? l : { ...l, candidates: l.candidates.filter((c) => c.hubId === hubId) }
      })
      // A refused wish leaves the unit where it is; a search that finds nothing gives its place back.
      const held = ready.map(({ state, command }) =>
        state.hubId === null ? null : { hubId: state.hubId, isKept: command.input.hubId !== null },
      )
      const choices = chooseHubs(wanted, view.free, held)
      const nowMs = ctx.now()
      return choices.map((choice, i): Outcome<ReturnEvent[]> => {
        const { state, command } = ready[i]!
        if (choice.kind === 'none') {
          if (command.input.hubId !== null) {
            const why = located[i]!.refused.find((r) => r.hubId === command.input.hubId)?.refusedBy ?? choice.reason
            return reject('conflict', 'hub_cannot_take', `${state.lpn}: the hub cannot take it (${why})`)
          }
          return accept([{ type: 'HubNotFound', data: { reason: choice.reason, candidates: choice.candidates } }])
        }
        const data = {
          hubId: choice.hub.hubId,
          distanceKm: choice.hub.distanceKm,
          costMinor: choice.hub.costMinor,
          reason: command.input.hubId === null ? choice.reason : 'chosen by a person',
          candidates: choice.candidates,
          reservedUntil: reservedUntil(nowMs),
        }
        return accept([{ type: 'HubAssigned', data }])
      })
    })
  })
}
