import type { Answer, Command, FeedbackInput } from '#contracts/commands.ts'
import { dispositionSchema } from '#contracts/codes.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import { notePlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, reject } from '#kernel/outcome.ts'
import { outcomeFacts, readBodies } from '#services/recommendation/index.ts'
import { runOnReturns } from './on-returns.ts'
import { sealNotes } from './seal-notes.ts'

type Target = FeedbackInput & { readonly ifVersion: null }

/** Keeps what people and outcomes say of a recommendation; labels for training, not truth. */
export function giveFeedback(
  ctx: Context,
  commands: readonly Command<FeedbackInput>[],
): Promise<Answer<ReturnChanged>[]> {
  const targeted = commands.map((command) => ({ ...command, input: { ...command.input, ifVersion: null } }))
  return runOnReturns<Target>(ctx, 'give_feedback', targeted, async (items) => {
    const notes = await sealNotes(
      ctx,
      items,
      (input) => input.note,
      (id) => notePlace(id, 'feedback'),
    )
    const known = await readBodies(
      ctx.db,
      items.flatMap((i) => (i.command.input.recommendationId === '' ? [] : i.command.input.recommendationId)),
    )
    return items.map(({ command, state }, i) => {
      const { input } = command
      const recommendationId = input.recommendationId === '' ? state.recommendationId : input.recommendationId
      if (recommendationId === null)
        return reject('conflict', 'nothing_recommended', `${state.lpn}: nothing was recommended for it`)
      const ofReturn = recommendationId === state.recommendationId || known.get(recommendationId)?.returnId === state.id
      if (!ofReturn)
        return reject(
          'not_found',
          'recommendation_unknown',
          `no such recommendation of ${state.lpn}: ${recommendationId}`,
        )
      const facts = input.outcome === undefined ? null : outcomeFacts(state, input.outcome, ctx.now())
      if (facts !== null && !facts.ok) return facts
      const data = {
        feedbackId: uuidv7(ctx.now()),
        recommendationId,
        kind: input.kind,
        disposition: input.disposition === undefined ? null : dispositionSchema.parse(input.disposition),
        reasonCode: input.reasonCode ?? null,
        realisedValueMinor: input.realisedValueMinor ?? null,
        ...(facts === null ? {} : { outcome: facts.value }),
        ...(input.appraisals === undefined
          ? {}
          : { appraisals: input.appraisals.map((a) => ({ ...a, channel: a.channel ?? null })) }),
        noteSealed: notes[i]!,
      }
      return accept([{ type: 'FeedbackRecorded' as const, data }])
    })
  })
}
