import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Command, CommandActor, SubmitInput } from '#contracts/commands.ts'
import { importLimits, noCounts, type ImportCounts, type RefusedCell } from '#contracts/imports.ts'
import type { ReturnReceipt } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { reject, type Rejection } from '#kernel/outcome.ts'
import {
  inferCategories,
  recordOrderLines,
  recordProducts,
  refusal,
  validateReturns,
  type BoundMapping,
} from '#services/returns/index.ts'
import type { OnLine, Slice } from './import-slices.ts'
import { submitReturns } from './submit-returns.ts'

/** What a slice came to: what to add to the counts, and the rows that could not be recorded. */
export type SliceResult = { readonly counts: ImportCounts; readonly refusals: readonly RefusedCell[] }

export type SliceWriter = (slice: Slice) => Promise<SliceResult>

type Task = {
  readonly clientId: string
  readonly actor: CommandActor
  readonly importId: string
  readonly bound: BoundMapping
}

const retriesMax = 6
const retryBaseMs = 100
/** More rows than this that break the batch they are in are no accident of the rows. */
const breakersMax = 5

/** Writes slices for good: order lines first, because the returns of the slice are judged by them. */
export function openSliceWriter(ctx: Context, task: Task): SliceWriter {
  let breakers = 0
  const submit = async (commands: readonly Command<SubmitInput>[]): Promise<Answer<ReturnReceipt>[]> => {
    try {
      return await patiently(() => submitReturns(ctx, commands))
    } catch (error) {
      if (error instanceof AppError || breakers >= breakersMax) throw error
      if (commands.length === 1) {
        breakers += 1
        ctx.log.error({ err: error, requestId: commands[0]!.requestId }, 'a row of an import could not be recorded')
        const outcome = reject(
          'conflict',
          'not_recorded',
          'this row broke its batch; the log has the reason under its request id',
        )
        return [{ outcome, isReplayed: false }]
      }
      // One row that breaks the batch harms nobody else: each half is tried by itself.
      const half = commands.length >> 1
      return [...(await submit(commands.slice(0, half))), ...(await submit(commands.slice(half)))]
    }
  }
  return async (slice) => {
    if (slice.products.length > 0) return writeProducts(ctx, task, slice)
    const orderLines = await writeOrderLines(ctx, task.clientId, slice)
    const commands = slice.units.map((unit) => commandOf(task, unit))
    const answers = commands.length === 0 ? [] : await submit(commands)
    return resultOf(slice, task.bound, answers.map(seenAnswer), {
      orderLines,
      orderLinesUnchanged: slice.orderLines.length - orderLines,
    })
  }
}

/** Judges slices as if they were written, and writes nothing. */
export function openSliceJudge(ctx: Context, task: Task): SliceWriter {
  return async (slice) => {
    // Sealing a customer would make a key: the judgement needs none.
    const commands = slice.units.map((unit) => {
      const { customer: _, ...value } = unit.value
      return commandOf(task, { ...unit, value })
    })
    const intakes = commands.length === 0 ? [] : await patiently(() => validateReturns(ctx, commands))
    const seen = intakes.map((outcome): Seen =>
      outcome.ok
        ? { repeated: outcome.value.known !== null, verdict: outcome.value.acceptance, rejection: null }
        : { repeated: false, verdict: 'rejected', rejection: outcome.rejection },
    )
    return resultOf(slice, task.bound, seen, { orderLines: slice.orderLines.length, products: slice.products.length })
  }
}

/** Waits out a server that is away or busy; anything else is told at once. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const isPassing = error instanceof AppError && ['unavailable', 'overloaded', 'conflict'].includes(error.code)
      if (!isPassing || tries >= retriesMax) throw error
      await pause(retryBaseMs * 2 ** tries)
    }
  }
}

function commandOf({ actor, importId }: Task, { line, value }: OnLine<SubmitInput>): Command<SubmitInput> {
  return { actor, requestId: `${importId}:${line}`, idempotency: null, input: value }
}

async function writeOrderLines(
  ctx: Pick<Context, 'db' | 'now'>,
  clientId: string,
  { orderLines }: Slice,
): Promise<number> {
  let written = 0
  for (let i = 0; i < orderLines.length; i += importLimits.linesPerStatement) {
    const chunk = orderLines.slice(i, i + importLimits.linesPerStatement)
    written += await patiently(() => recordOrderLines(ctx.db, clientId, chunk, new Date(ctx.now())))
  }
  return written
}

async function writeProducts(ctx: Context, { actor, importId, bound }: Task, slice: Slice): Promise<SliceResult> {
  const from = { actor, requestId: `${importId}:${slice.products[0]!.line}` }
  const inputs = await inferCategories(
    ctx,
    slice.products.map((product) => product.value),
  )
  const outcomes = await patiently(() => ctx.db.transaction((tx) => recordProducts(ctx, tx, from, inputs)))
  const refusals = outcomes.flatMap((outcome, i) =>
    outcome.ok ? [] : [refusalOf(slice.products[i]!.line, bound, outcome.rejection)],
  )
  const products = outcomes.filter((outcome) => outcome.ok && outcome.value.change !== 'none').length
  const result = resultOf(slice, bound, [], {
    products,
    productsUnchanged: outcomes.length - refusals.length - products,
  })
  const { counts } = result
  return {
    counts: { ...counts, refused: counts.refused + refusals.length },
    refusals: [...result.refusals, ...refusals],
  }
}

type Seen = {
  readonly repeated: boolean
  readonly verdict: 'accepted' | 'manual_review' | 'rejected'
  readonly rejection: Rejection | null
}

function seenAnswer({ outcome }: Answer<ReturnReceipt>): Seen {
  if (!outcome.ok) return { repeated: false, verdict: 'rejected', rejection: outcome.rejection }
  const { repeated, acceptance, needsReview } = outcome.value
  return {
    repeated,
    verdict: acceptance === 'rejected' ? 'rejected' : needsReview ? 'manual_review' : 'accepted',
    rejection: null,
  }
}

function resultOf(slice: Slice, bound: BoundMapping, seen: readonly Seen[], more: Partial<ImportCounts>): SliceResult {
  const refusals = [...slice.refusals]
  let [accepted, needsReview, rejected, repeated] = [0, 0, 0, 0]
  seen.forEach(({ rejection, verdict, repeated: isRepeated }, i) => {
    if (rejection !== null) refusals.push(refusalOf(slice.units[i]!.line, bound, rejection))
    else if (isRepeated) repeated += 1
    else if (verdict === 'rejected') rejected += 1
    else {
      accepted += 1
      if (verdict === 'manual_review') needsReview += 1
    }
  })
  const refused = new Set(refusals.map((r) => r.line)).size
  const { rows, skipped, units } = slice
  return {
    counts: {
      ...noCounts,
      rows,
      skipped,
      units: units.length,
      accepted,
      needsReview,
      rejected,
      repeated,
      refused,
      ...more,
    },
    refusals,
  }
}

function refusalOf(line: number, bound: BoundMapping, rejection: Rejection): RefusedCell {
  const field = rejection.errors?.[0]?.pointer.split('/')[1]
  const column = bound.targets.find((target) => target.name === field)?.column ?? ''
  return refusal(line, column, rejection.code, rejection.detail, '')
}

export function addCounts(a: ImportCounts, b: ImportCounts): ImportCounts {
  const sum = { ...a }
  for (const name of Object.keys(noCounts) as (keyof ImportCounts)[]) sum[name] = a[name] + b[name]
  return sum
}
