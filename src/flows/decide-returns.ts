import type { Answer, Command, DecideInput } from '#contracts/commands.ts'
import type { Disposition } from '#contracts/codes.ts'
import type { ReturnEvent } from '#contracts/events.ts'
import type { RecommendationBody } from '#contracts/recommendations.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import { notePlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, reject, type Outcome } from '#kernel/outcome.ts'
import { readBodies } from '#services/recommendation/index.ts'
import { mayDecide, type ReturnState } from '#services/returns/index.ts'
import { runOnReturns, type OnState } from './on-returns.ts'
import { sealNotes } from './seal-notes.ts'

/** What can be decided whatever the model says: the unit waits, or goes back to its owner. */
const peoplesRoutes: readonly Disposition[] = ['hold', 'return_to_customer']

/** Accepts the recommendation of checked units or overrides it with a reason; what a rule excludes stays excluded. */
export function decideReturns(
  ctx: Context,
  commands: readonly Command<DecideInput>[],
): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'decide_return', commands, async (items) => {
    const ids = items.flatMap((item) => item.state.recommendationId ?? [])
    const bodies = await readBodies(ctx.db, ids)
    const notes = await sealNotes(
      ctx,
      items,
      (input) => input.note,
      (id) => notePlace(id, 'decision'),
    )
    const nowMs = ctx.now()
    return items.map((item, i) => {
      const body = item.state.recommendationId === null ? undefined : bodies.get(item.state.recommendationId)?.body
      return decideOne(item, body ?? null, notes[i]!, nowMs)
    })
  })
}

function decideOne(
  { command, state, disposition: current }: OnState<DecideInput>,
  body: RecommendationBody | null,
  noteSealed: string | null,
  nowMs: number,
): Outcome<readonly ReturnEvent[]> {
  const chosen = choose(state, command.input, body)
  if (!chosen.ok) return chosen
  const { disposition, channel, expectedValueMinor } = chosen.value
  const may = mayDecide(state, current === null ? null : { ...current, requires: [] }, {
    disposition,
    hasSeen: command.input.ifVersion !== null,
  })
  if (!may.ok) return may
  const isRecommended = disposition === state.recommendedDisposition && channel === state.recommendedChannel
  const reasonCode = command.input.reasonCode ?? null
  if (!isRecommended && reasonCode === null) {
    return reject(
      'unprocessable',
      'reason_code_missing',
      `${state.lpn}: ${disposition} is not what was recommended: give a reasonCode`,
      [{ pointer: '/reasonCode', code: 'required', detail: 'needed for an override' }],
    )
  }
  const events: ReturnEvent[] = [
    {
      type: 'DispositionDecided',
      data: {
        dispositionId: uuidv7(nowMs),
        disposition,
        channel,
        source: isRecommended ? 'accepted' : 'overridden',
        reasonCode: isRecommended ? null : reasonCode,
        noteSealed,
        recommendationId: state.recommendationId,
        expectedValueMinor,
        ...(command.input.locationCode === undefined ? {} : { locationCode: command.input.locationCode }),
      },
    },
  ]
  if (state.recommendationId !== null) {
    events.push({
      type: 'FeedbackRecorded',
      data: {
        feedbackId: uuidv7(nowMs),
        recommendationId: state.recommendationId,
        kind: isRecommended ? 'accepted' : 'overridden',
        disposition,
        reasonCode: isRecommended ? null : reasonCode,
        realisedValueMinor: null,
        noteSealed: null,
      },
    })
  }
  const refund = refundDue(state, disposition, nowMs)
  return accept(refund === null ? events : [...events, refund])
}

type Choice = {
  readonly disposition: Disposition
  readonly channel: string
  readonly expectedValueMinor: number | null
}

function choose(state: ReturnState, input: DecideInput, body: RecommendationBody | null): Outcome<Choice> {
  const disposition = input.disposition ?? state.recommendedDisposition
  if (disposition === null)
    return reject('conflict', 'nothing_recommended', `${state.lpn}: nothing was recommended: name a disposition`)
  if (peoplesRoutes.includes(disposition))
    return accept({ disposition, channel: input.channel ?? 'none', expectedValueMinor: null })
  const options = body?.options.filter((option) => option.disposition === disposition) ?? []
  const option = input.channel === undefined ? options[0] : options.find((o) => o.channel === input.channel)
  if (option !== undefined)
    return accept({ disposition, channel: option.channel, expectedValueMinor: option.value.mean })
  const excluded = body?.excluded.find(
    (e) =>
      e.disposition === disposition &&
      (e.channel === null || input.channel === undefined || e.channel === input.channel),
  )
  if (excluded !== undefined) {
    return reject(
      'unprocessable',
      'excluded_by_rule',
      `${state.lpn}: ${disposition} is excluded by ${excluded.rule}: ${excluded.message}`,
    )
  }
  const channels = options.map((o) => o.channel)
  return reject(
    'unprocessable',
    'not_an_option',
    channels.length > 0
      ? `${state.lpn}: ${disposition} has no channel ${input.channel}; it has ${channels.join(', ')}`
      : `${state.lpn}: ${disposition} is not among its options`,
  )
}

/** The customer is owed the price once, when an accepted customer return is decided; not for what was sent in its stead. */
function refundDue(state: ReturnState, disposition: Disposition, nowMs: number): ReturnEvent | null {
  if (state.moneyState !== 'previewed' || state.acceptance !== 'accepted') return null
  if (disposition === 'return_to_customer' || disposition === 'hold' || state.grade === 'Q') return null
  if (state.priceMinor === null || state.priceMinor === 0) return null
  return {
    type: 'LedgerPosted',
    data: {
      tx: uuidv7(nowMs),
      cause: 'refund_due',
      entries: [
        { account: 'refunds_expense', amountMinor: state.priceMinor },
        { account: 'refunds_payable', amountMinor: -state.priceMinor },
      ],
    },
  }
}
