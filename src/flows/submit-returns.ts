import type { Answer, Command, SubmitInput } from '#contracts/commands.ts'
import { limits } from '#contracts/common.ts'
import type { ReturnReceipt } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { advance } from '#kernel/outcome.ts'
import { assignHubs, locateIntakes, viewHubs } from '#services/hubs/index.ts'
import { recommendIntakes } from '#services/recommendation/index.ts'
import { draftReturns, judgePlaces, validateReturns } from '#services/returns/index.ts'
import { runCommands } from './run-commands.ts'

/**
 * Takes in units: validated, recommended, given a hub and recorded with their events in one transaction a batch.
 * One answer a command, in order. A unit known by its client reference is answered with its present state.
 */
export async function submitReturns(
  ctx: Context,
  commands: readonly Command<SubmitInput>[],
): Promise<Answer<ReturnReceipt>[]> {
  if (commands.length > limits.batchItems) {
    throw new AppError('too_large', `at most ${limits.batchItems} returns in one batch, got ${commands.length}`)
  }
  return runCommands(ctx, { name: 'submit_return', status: 201, creates: true }, commands, async (fresh, at) => {
    const [hubs, validated] = await Promise.all([viewHubs(ctx), validateReturns(ctx, fresh)])
    const located = await advance(validated, (items) => locateIntakes(ctx, hubs, items))
    const placed = await advance(located, judgePlaces)
    const recommended = await advance(placed, (items) => recommendIntakes(ctx, items))
    const assigned = await advance(recommended, (items) => assignHubs(hubs, items))
    return advance(assigned, (items) => draftReturns(ctx, items, at))
  })
}
