import type { Answer, Command, CommandActor } from '#contracts/commands.ts'
import { byOf, type ReturnEvent } from '#contracts/events.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { advance, accept, reject, rejectStale, type Outcome } from '#kernel/outcome.ts'
import {
  changeOf,
  readCurrentDispositions,
  readStates,
  type DispositionRow,
  type ReturnState,
} from '#services/returns/index.ts'
import { runCommands, type Draft } from './run-commands.ts'

/** A command with the unit it is about, as it stood when it was read. */
export type OnState<I> = {
  readonly command: Command<I>
  readonly state: ReturnState
  readonly disposition: DispositionRow | null
}

export type Decision<I> = (items: readonly OnState<I>[]) => Promise<readonly Outcome<readonly ReturnEvent[]>[]>

type Target = { readonly returnId: string; readonly ifVersion: number | null }

/** A unit whose client or hub the actor may not see is, for him, not there. */
export function maySee(actor: CommandActor, state: ReturnState): boolean {
  const isOwnClient = actor.clientIds === null || actor.clientIds.includes(state.clientId)
  const isOwnHub = actor.hubIds === null || state.hubId === null || actor.hubIds.includes(state.hubId)
  return isOwnClient && isOwnHub
}

/**
 * Runs commands on existing returns. Several for one return are decided in order, each on what the one before left:
 * they go in rounds, and each round is one batch.
 */
export async function runOnReturns<I extends Target>(
  ctx: Context,
  name: string,
  commands: readonly Command<I>[],
  decide: Decision<I>,
): Promise<Answer<ReturnChanged>[]> {
  const answers: (Answer<ReturnChanged> | null)[] = commands.map(() => null)
  for (const round of rounds(commands)) {
    const batch = round.map((i) => commands[i]!)
    const answered = await runCommands(ctx, { name, status: 200, creates: false }, batch, (fresh, at) =>
      draft(ctx, fresh, decide, at),
    )
    round.forEach((place, i) => (answers[place] = answered[i]!))
  }
  return answers as Answer<ReturnChanged>[]
}

function rounds(commands: readonly Command<Target>[]): number[][] {
  const seen = new Map<string, number>()
  const out: number[][] = []
  commands.forEach((command, i) => {
    const round = seen.get(command.input.returnId) ?? 0
    seen.set(command.input.returnId, round + 1)
    ;(out[round] ??= []).push(i)
  })
  return out
}

async function draft<I extends Target>(
  ctx: Context,
  commands: readonly Command<I>[],
  decide: Decision<I>,
  at: Date,
): Promise<Outcome<Draft<ReturnChanged>>[]> {
  const found = await findStates(ctx, commands)
  const decided = await advance(found, async (items) => {
    const outcomes = await decide(items)
    return items.map((item, i): Outcome<{ item: OnState<I>; events: readonly ReturnEvent[] }> => {
      const outcome = outcomes[i]
      if (outcome === undefined) throw new Error('a decision answers every item')
      return outcome.ok ? accept({ item, events: outcome.value }) : outcome
    })
  })
  return advance(decided, (drafts) =>
    drafts.map(({ item, events }) => {
      const meta = {
        by: byOf(item.command.actor),
        requestId: item.command.requestId,
      }
      const signed = events.map((event) => ({ ...event, data: { ...meta, ...event.data } }) as ReturnEvent)
      const change = changeOf(item.state, item.state.id, signed, at.toISOString())
      return accept({ change, answer: changedOf(change.after), resourceId: item.state.id })
    }),
  )
}

async function findStates<I extends Target>(
  ctx: Pick<Context, 'db'>,
  commands: readonly Command<I>[],
): Promise<Outcome<OnState<I>>[]> {
  const ids = commands.map((c) => c.input.returnId)
  const states = new Map((await readStates(ctx.db, ids)).map((state) => [state.id, state]))
  const decided = [...states.values()].filter((s) => s.dispositionId !== null).map((s) => s.id)
  const dispositions =
    decided.length === 0 ? new Map<string, DispositionRow>() : await readCurrentDispositions(ctx.db, decided)
  return commands.map((command) => {
    const { returnId, ifVersion } = command.input
    const state = states.get(returnId)
    if (state === undefined || !maySee(command.actor, state))
      return reject('not_found', 'return_unknown', `no such return: ${returnId}`)
    if (ifVersion !== null && ifVersion !== state.version) {
      return rejectStale('return', state.version, ifVersion)
    }
    return accept({ command, state, disposition: dispositions.get(returnId) ?? null })
  })
}

export function changedOf(state: ReturnState): ReturnChanged {
  return {
    id: state.id,
    lpn: state.lpn,
    stage: state.stage,
    custody: state.custody,
    acceptance: state.acceptance,
    needsReview: state.needsReview,
    reviewReasons: [...state.reviewReasons],
    hubId: state.hubId,
    grade: state.grade,
    recommendation:
      state.recommendationId === null
        ? null
        : {
            id: state.recommendationId,
            disposition: state.recommendedDisposition!,
            channel: state.recommendedChannel!,
            value: { amount: state.recommendedValueMinor!, currency: state.currency },
            confidence: state.recommendedConfidence,
          },
    disposition: state.disposition,
    dispositionId: state.dispositionId,
    qualityCheckId: state.qualityCheckId,
    version: state.version,
  }
}
