import type { Answer, CancelInput, Command, ReviewInput } from '#contracts/commands.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import { noCancelReason } from '#contracts/return-steps.ts'
import { notePlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { accept } from '#kernel/outcome.ts'
import { mayCancel, mayResolveReview } from '#services/returns/index.ts'
import { runOnReturns } from './on-returns.ts'
import { sealNotes } from './seal-notes.ts'

/** Cancels units that never came into our hands; their place at the hub is free again. */
export function cancelReturns(
  ctx: Context,
  commands: readonly Command<CancelInput>[],
): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'cancel_return', commands, async (items) => {
    // In one's own words it may name somebody.
    const notes = await sealNotes(
      ctx,
      items,
      ({ reason }) => (reason === noCancelReason ? undefined : reason),
      (id) => notePlace(id, 'cancellation'),
    )
    return items.map(({ state }, i) => {
      const may = mayCancel(state)
      return may.ok ? accept([{ type: 'ReturnCancelled' as const, data: { noteSealed: notes[i]! } }]) : may
    })
  })
}

/** A person's answer to what the rules could not decide: approve lets it go on, reject refuses the return. */
export function reviewReturns(
  ctx: Context,
  commands: readonly Command<ReviewInput>[],
): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'review_return', commands, async (items) => {
    const notes = await sealNotes(
      ctx,
      items,
      (input) => input.note,
      (id) => notePlace(id, 'review'),
    )
    return items.map(({ command, state }, i) => {
      const may = mayResolveReview(state)
      return may.ok
        ? accept([{ type: 'ReviewResolved' as const, data: { verdict: command.input.verdict, noteSealed: notes[i]! } }])
        : may
    })
  })
}
