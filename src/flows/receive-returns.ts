import type { Answer, Command, ReceiveInput } from '#contracts/commands.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { accept, advance, reject, type Outcome } from '#kernel/outcome.ts'
import { distancesTo, viewHubs } from '#services/hubs/index.ts'
import { mayReceive } from '#services/returns/index.ts'
import { runOnReturns, type OnState } from './on-returns.ts'

/** Takes units into our hands at a hub. A unit without a place there needs a free one; another hub's unit needs `reroute`. */
export function receiveReturns(
  ctx: Context,
  commands: readonly Command<ReceiveInput>[],
): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'receive_return', commands, async (items) => {
    const view = await viewHubs(ctx)
    const placed = items.map((item) => placeOf(item))
    // Units before it in the batch take places too.
    const left = new Map(view.free)
    const permitted = await advance(placed, (candidates) =>
      candidates.map(({ item, hubId }) => {
        const may = mayReceive(item.state, { hubId, reroute: item.command.input.reroute ?? false })
        if (!may.ok) return may
        const free = left.get(hubId)
        if (free === undefined) return reject('conflict', 'hub_not_active', 'the hub is paused or closed')
        if (item.state.hubId === hubId) return accept({ item, hubId })
        if (free <= 0) {
          return reject('conflict', 'hub_full', 'the hub has no free place: raise its capacity or send the unit on')
        }
        left.set(hubId, free - 1)
        return accept({ item, hubId })
      }),
    )
    return advance(permitted, async (candidates) => {
      const km = await distancesTo(
        ctx,
        view,
        candidates.map((c) => ({ pincode: c.item.state.pickupPincode, hubId: c.hubId })),
      )
      return candidates.map(({ item, hubId }, i) => {
        const { locationCode, isDamagedOutside } = item.command.input
        const data = {
          hubId,
          distanceKm: km[i]!,
          locationCode: locationCode ?? null,
          isDamagedOutside: isDamagedOutside ?? false,
        }
        return accept([{ type: 'ReturnReceived' as const, data }])
      })
    })
  })
}

function placeOf(item: OnState<ReceiveInput>): Outcome<{ item: OnState<ReceiveInput>; hubId: string }> {
  const { actor, input } = item.command
  const own = actor.hubIds?.length === 1 ? actor.hubIds[0] : undefined
  const hubId = input.hubId ?? own ?? item.state.hubId
  if (hubId === null || hubId === undefined) {
    return reject('invalid', 'hub_missing', 'say at which hub it arrived', [
      { pointer: '/hubId', code: 'required', detail: 'no hub was assigned and you belong to several' },
    ])
  }
  if (actor.hubIds !== null && !actor.hubIds.includes(hubId))
    return reject('not_found', 'hub_unknown', `no such hub: ${hubId}`)
  return accept({ item, hubId })
}
