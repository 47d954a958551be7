import type { Answer, Command } from '#contracts/commands.ts'
import type { ReturnEvent } from '#contracts/events.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { accept, reject, type Outcome } from '#kernel/outcome.ts'
import type { Transaction } from '#platform/db/port.ts'
import { recallAnswers, answerStatements, type NewAnswer, type StoredAnswer } from '#platform/idempotency/batch.ts'
import { lockCapacity } from '#services/hubs/index.ts'
import { lockVersions, type ReturnChange } from '#services/returns/index.ts'
import { changeStatements } from './change-rows.ts'

/** What one accepted command will write, and what it answers. `change: null` writes nothing (a repeat). */
export type Draft<O> = {
  readonly change: ReturnChange | null
  /** Changes of other returns that the same command makes: with `change`, all of them or none. */
  readonly more?: readonly ReturnChange[]
  readonly answer: O
  readonly resourceId: string
}

export type CommandKind = { readonly name: string; readonly status: number; readonly creates: boolean }

type WriteContext = Pick<Context, 'db' | 'events' | 'now' | 'log' | 'metrics'>

/** How often a batch that lost a race (a moved version, a full hub, a taken key) is decided again on fresh facts. */
const attemptsMax = 6

/** Thrown inside the transaction when what was read before it is no longer true. */
class Stale extends Error {}

// Unique keys and checks that only another, concurrent transaction can make us break.
const raceConstraints = new Set([
  'return_items_client_id_client_ref_key',
  'hub_capacity_check',
  'hub_capacity_used_capacity_check',
  'idempotency_keys_pkey',
])

function isRace(error: unknown): boolean {
  if (error instanceof Stale) return true
  if (error instanceof AppError) return error.code === 'conflict'
  const { code, constraint } = error as { code?: string; constraint?: string }
  return (code === '23505' || code === '23514') && constraint !== undefined && raceConstraints.has(constraint)
}

/** The caller did nothing wrong and may come again; that it happened at all is for us to know. */
function lostRace(ctx: WriteContext, kind: CommandKind, cause: unknown): AppError {
  ctx.log.warn({ err: cause, command: kind.name }, 'a batch lost its race at every try')
  if (cause instanceof AppError) return cause
  if ((cause as { constraint?: string }).constraint === 'hub_capacity_check') {
    const detail = 'the hub has no free place: raise its capacity or send the unit on'
    return new AppError('conflict', detail, { cause, problem: 'hub_full' })
  }
  return new AppError('conflict', 'others changed the same records at the same time; try again', {
    cause,
    problem: 'concurrent_change',
    retryAfterSeconds: 1,
  })
}

/**
 * Runs a batch of commands, each at most once for its idempotency key, in order. `draft` reads and decides without a
 * transaction; one short transaction then checks that nothing moved meanwhile, writes read rows, stored answers and
 * events (the log's head last) and commits. A batch that lost a race is drafted again. `at` is the one instant of all
 * that a batch writes: rows must say what their events say.
 */
export async function runCommands<I, O>(
  ctx: WriteContext,
  kind: CommandKind,
  commands: readonly Command<I>[],
  draft: (fresh: readonly Command<I>[], at: Date) => Promise<readonly Outcome<Draft<O>>[]>,
): Promise<Answer<O>[]> {
  for (let attempt = 1; ; attempt++) {
    const known = await knownAnswers<I, O>(ctx, commands)
    const fresh = commands.filter((_, i) => known[i] === null)
    const at = new Date(ctx.now())
    const drafted = fresh.length === 0 ? [] : await draft(fresh, at)
    if (drafted.length !== fresh.length)
      throw new Error(`${kind.name}: ${fresh.length} commands, ${drafted.length} drafts`)
    try {
      await write(ctx, kind, fresh, drafted, at, attempt >= attemptsMax - 1)
    } catch (error) {
      if (!isRace(error)) throw error
      if (attempt >= attemptsMax) throw lostRace(ctx, kind, error)
      ctx.metrics.count('smartreturns_batch_retries_total', 'Batches decided again after a lost race', {
        command: kind.name,
      })
      continue
    }
    let next = 0
    const answers = known.map((answer): Answer<O> => {
      if (answer !== null) return answer
      const outcome = drafted[next++]!
      return { outcome: outcome.ok ? accept(outcome.value.answer) : outcome, isReplayed: false }
    })
    return shareRepeats(commands, answers)
  }
}

const repeatedInBatch = { kind: 'conflict', code: 'repeated_in_batch', detail: '' } as const

function keyOf(command: Command<unknown>): string | null {
  const { idempotency, actor } = command
  return idempotency === null ? null : `${actor.id}|${idempotency.route}|${idempotency.key}`
}

/** Null for a command that must run; the stored answer, or a refusal, for one whose key was used before. */
async function knownAnswers<I, O>(
  ctx: Pick<Context, 'db'>,
  commands: readonly Command<I>[],
): Promise<(Answer<O> | null)[]> {
  const keyed = commands.flatMap((c) =>
    c.idempotency === null ? [] : [{ caller: c.actor.id, route: c.idempotency.route, key: c.idempotency.key }],
  )
  if (keyed.length === 0) return commands.map(() => null)
  const stored = new Map((await recallAnswers(ctx.db, keyed)).map((s) => [`${s.caller}|${s.route}|${s.key}`, s]))
  const seen = new Set<string>()
  return commands.map((command) => {
    const key = keyOf(command)
    if (key === null) return null
    const answer = stored.get(key)
    if (answer !== undefined) return answerFrom<O>(command, answer)
    // The second with one key in one batch gets the first's answer, once there is one.
    if (seen.has(key)) return { outcome: { ok: false, rejection: repeatedInBatch }, isReplayed: true }
    seen.add(key)
    return null
  })
}

function answerFrom<O>(command: Command<unknown>, stored: StoredAnswer): Answer<O> {
  if (stored.fingerprint === command.idempotency!.fingerprint)
    return { outcome: accept(stored.answer as O), isReplayed: true }
  const detail = 'this Idempotency-Key was used with another request; take a new key'
  return { outcome: reject('unprocessable', 'idempotency_key_reused', detail), isReplayed: false }
}

function shareRepeats<O>(commands: readonly Command<unknown>[], answers: readonly Answer<O>[]): Answer<O>[] {
  const first = new Map<string, { answer: Answer<O>; fingerprint: string }>()
  return answers.map((answer, i) => {
    const command = commands[i]!
    const key = keyOf(command)
    if (key === null) return answer
    if (answer.outcome.ok || answer.outcome.rejection !== repeatedInBatch) {
      first.set(key, { answer, fingerprint: command.idempotency!.fingerprint })
      return answer
    }
    const earlier = first.get(key)!
    if (earlier.fingerprint === command.idempotency!.fingerprint)
      return { outcome: earlier.answer.outcome, isReplayed: true }
    return answerFrom<O>(command, { caller: '', route: '', key: '', fingerprint: '', status: 0, answer: null })
  })
}

async function write<I, O>(
  ctx: WriteContext,
  kind: CommandKind,
  commands: readonly Command<I>[],
  drafted: readonly Outcome<Draft<O>>[],
  at: Date,
  lockFirst: boolean,
): Promise<void> {
  const changes: ReturnChange[] = []
  const answers: NewAnswer[] = []
  drafted.forEach((outcome, i) => {
    if (!outcome.ok) return
    const { change, more = [], answer, resourceId } = outcome.value
    if (change !== null && change.events.length > 0) changes.push(change)
    changes.push(...more)
    const { idempotency, actor } = commands[i]!
    if (idempotency === null) return
    answers.push({
      caller: actor.id,
      ...idempotency,
      status: kind.status,
      answer,
      resourceId,
      creates: kind.creates && change !== null,
    })
  })
  if (changes.length === 0 && answers.length === 0) return
  // Answers before the counters: what many transactions want is locked last.
  const writes = [...answerStatements(answers, at), ...changeStatements(changes, at.toISOString())]
  const events = changes.flatMap(newEvents)
  if (!lockFirst && events.length > 0 && writes.every((write) => write.name !== undefined)) {
    // Nothing but new rows: one round trip instead of ten.
    await ctx.db.atOnce(writes, ctx.events.statement(events, at))
  } else {
    await ctx.db.transaction(async (tx) => {
      await checkVersions(tx, changes)
      if (lockFirst) await lockCapacity(tx)
      await tx.run(writes)
      await ctx.events.append(tx, events, at)
    })
  }
  ctx.metrics.count('smartreturns_commands_total', 'Commands committed', { command: kind.name }, changes.length)
}

async function checkVersions(tx: Transaction, changes: readonly ReturnChange[]): Promise<void> {
  const existing = changes.flatMap((change) => change.before ?? [])
  const versions = await lockVersions(
    tx,
    existing.map((state) => state.id),
  )
  for (const state of existing) {
    if (versions.get(state.id) !== state.version) throw new Stale(`return ${state.id} moved on`)
  }
}

function newEvents({ before, after, events }: ReturnChange) {
  const from = before?.version ?? 0
  return events.map((event: ReturnEvent, i) => ({
    stream: `return-${after.id}`,
    version: from + i + 1,
    type: event.type,
    data: event.data as Record<string, unknown>,
  }))
}
