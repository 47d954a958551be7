import type { Command, CommandActor } from '#contracts/commands.ts'
import { limits } from '#contracts/common.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, reject } from '#kernel/outcome.ts'
import { readLapsed } from '#services/returns/index.ts'
import { runOnReturns } from './on-returns.ts'

type LapseInput = { readonly returnId: string; readonly ifVersion: number | null }

const actor: CommandActor = { kind: 'system', id: 'reservations', role: 'system', hubIds: null, clientIds: null }

/** Gives back the places of units that did not arrive in time; a person must look at them. Answers how many lapsed. */
export async function lapseReservations(ctx: Context): Promise<number> {
  let lapsed = 0
  for (;;) {
    const due = await readLapsed(ctx.db, new Date(ctx.now()), limits.batchItems)
    if (due.length === 0) return lapsed
    const commands = due.map((unit): Command<LapseInput> => ({
      actor,
      requestId: `lapse-${uuidv7(ctx.now())}`,
      idempotency: null,
      input: { returnId: unit.id, ifVersion: unit.version },
    }))
    const answers = await runOnReturns(ctx, 'lapse_reservation', commands, (items) =>
      Promise.resolve(
        items.map(({ state }) =>
          state.hubId !== null && state.receivedAt === null && state.stage === 'hub_assigned'
            ? accept([{ type: 'ReservationLapsed' as const, data: { hubId: state.hubId } }])
            : reject('conflict', 'not_reserved', `${state.lpn} holds no reservation`),
        ),
      ),
    )
    const done = answers.filter((answer) => answer.outcome.ok).length
    lapsed += done
    // What moved on meanwhile is met again at the next run, or not at all.
    if (done === 0) return lapsed
  }
}
