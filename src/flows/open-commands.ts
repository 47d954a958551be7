import type { Commands } from '#contracts/commands.ts'
import { limits } from '#contracts/common.ts'
import type { Context } from '#context.ts'
import { coalesce } from '#kernel/coalescer.ts'
import { assignReturns } from './assign-hubs.ts'
import { cancelReturns, reviewReturns } from './cancel-returns.ts'
import { checkReturns, reviseChecks } from './check-returns.ts'
import { decideReturns } from './decide-returns.ts'
import { giveFeedback } from './give-feedback.ts'
import { receiveReturns } from './receive-returns.ts'
import { executeDispositions } from './settle-returns.ts'
import { submitReturns } from './submit-returns.ts'
import { withdrawDecisions } from './withdraw-decisions.ts'

/** Two batches in their transactions at once were best on two cores, against 1, 3 and 4 (design.md 4). */
const options = { batchMax: Math.min(128, limits.batchItems), inFlightMax: 2, queueMax: 4000 } as const

/** The write side of one process: every verb gathers its single commands into batches. */
export function openCommands(ctx: Context): Commands {
  const submit = coalesce((batch: Parameters<typeof submitReturns>[1]) => submitReturns(ctx, batch), options)
  const receive = coalesce((batch: Parameters<typeof receiveReturns>[1]) => receiveReturns(ctx, batch), options)
  const check = coalesce((batch: Parameters<typeof checkReturns>[1]) => checkReturns(ctx, batch), options)
  const revise = coalesce((batch: Parameters<typeof reviseChecks>[1]) => reviseChecks(ctx, batch), options)
  const decide = coalesce((batch: Parameters<typeof decideReturns>[1]) => decideReturns(ctx, batch), options)
  const withdraw = coalesce((batch: Parameters<typeof withdrawDecisions>[1]) => withdrawDecisions(ctx, batch), options)
  const execute = coalesce(
    (batch: Parameters<typeof executeDispositions>[1]) => executeDispositions(ctx, batch),
    options,
  )
  const cancel = coalesce((batch: Parameters<typeof cancelReturns>[1]) => cancelReturns(ctx, batch), options)
  const review = coalesce((batch: Parameters<typeof reviewReturns>[1]) => reviewReturns(ctx, batch), options)
  const assign = coalesce((batch: Parameters<typeof assignReturns>[1]) => assignReturns(ctx, batch), options)
  const feedback = coalesce((batch: Parameters<typeof giveFeedback>[1]) => giveFeedback(ctx, batch), options)
  const all = [submit, receive, check, revise, decide, withdraw, execute, cancel, review, assign, feedback]
  return {
    submitReturn: submit.run,
    receiveReturn: receive.run,
    checkReturn: check.run,
    reviseCheck: revise.run,
    decideReturn: decide.run,
    withdrawDecision: withdraw.run,
    executeDisposition: execute.run,
    cancelReturn: cancel.run,
    reviewReturn: review.run,
    assignHub: assign.run,
    giveFeedback: feedback.run,
    waiting: () => all.reduce((sum, coalescer) => sum + coalescer.waiting(), 0),
  }
}
