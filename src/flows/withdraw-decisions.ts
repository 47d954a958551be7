import type { Answer, Command, WithdrawInput } from '#contracts/commands.ts'
import type { ReturnEvent } from '#contracts/events.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, type Outcome } from '#kernel/outcome.ts'
import { mayWithdraw } from '#services/returns/index.ts'
import { runOnReturns, type OnState } from './on-returns.ts'

/** Takes back decisions that are only planned, and with them the refund that they made due. */
export function withdrawDecisions(
  ctx: Context,
  commands: readonly Command<WithdrawInput>[],
): Promise<Answer<ReturnChanged>[]> {
  return runOnReturns(ctx, 'withdraw_decision', commands, (items) => {
    const nowMs = ctx.now()
    return Promise.resolve(items.map((item) => withdrawOne(item, nowMs)))
  })
}

function withdrawOne(
  { command, state, disposition: current }: OnState<WithdrawInput>,
  nowMs: number,
): Outcome<readonly ReturnEvent[]> {
  const may = mayWithdraw(state, current === null ? null : { ...current, requires: [] }, {
    dispositionId: command.input.dispositionId ?? null,
    isOwn: current !== null && current.decidedBy === command.actor.id,
    hasSeen: command.input.ifVersion !== null,
  })
  if (!may.ok) return may
  const withdrawn: ReturnEvent = { type: 'DecisionWithdrawn', data: { dispositionId: current!.id } }
  if (state.moneyState !== 'due' || state.refundMinor === 0) return accept([withdrawn])
  return accept([
    withdrawn,
    {
      type: 'LedgerPosted',
      data: {
        tx: uuidv7(nowMs),
        cause: 'refund_withdrawn',
        entries: [
          { account: 'refunds_expense', amountMinor: -state.refundMinor },
          { account: 'refunds_payable', amountMinor: state.refundMinor },
        ],
      },
    },
  ])
}
