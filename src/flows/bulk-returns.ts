import type { Command, CommandActor, SubmitInput } from '#contracts/commands.ts'
import { limits } from '#contracts/common.ts'
import type { ImportMapping, RefusedCell } from '#contracts/imports.ts'
import { returnRequestSchema, type ReturnReceipt } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { inScopeOfAll } from '#platform/db/scope.ts'
import { AppError } from '#kernel/errors.ts'
import { reject, type Outcome } from '#kernel/outcome.ts'
import {
  bindMapping,
  mapRow,
  openKeyTable,
  readObjects,
  readRows,
  type FileSurvey,
  type ImportSource,
  type ReadObject,
} from '#services/returns/index.ts'
import { submitReturns } from './submit-returns.ts'
import { patiently } from './write-slice.ts'

export type BulkRequest = {
  readonly actor: CommandActor
  readonly requestId: string
  readonly clientId: string | undefined
  /** Only for CSV; JSON lines are requests of our API as they are. */
  readonly mapping: ImportMapping | null
}

export type BulkRow = { readonly line: number; readonly outcome: Outcome<ReturnReceipt> }

type Row = { readonly line: number; readonly units: readonly SubmitInput[]; readonly refusal: Outcome<never> | null }

/** Two batches at once: one is written while the other is judged. */
const batchesAtOnce = 2

/** Takes in a body of many returns and answers every unit, in order, while later ones are still at work. */
export async function* submitBulk(
  ctx: Context,
  source: ImportSource,
  survey: FileSurvey,
  request: BulkRequest,
): AsyncGenerator<readonly BulkRow[]> {
  const working: Promise<PromiseSettledResult<BulkRow[]>[]>[] = []
  const settle = async (): Promise<BulkRow[]> => {
    const [settled] = await working.shift()!
    if (settled?.status !== 'fulfilled') throw settled?.reason
    return settled.value
  }
  const rows = survey.format === 'jsonl' ? jsonRows(source, survey, request) : csvRows(ctx, source, survey, request)
  try {
    for await (const batch of batchesOf(rows)) {
      if (working.length >= batchesAtOnce) yield await settle()
      working.push(Promise.allSettled([submitRows(ctx, batch, request)]))
    }
    while (working.length > 0) yield await settle()
  } finally {
    // Also where the caller went away: what is at work ends before its context does.
    await Promise.all(working)
  }
}

async function submitRows(ctx: Context, rows: readonly Row[], request: BulkRequest): Promise<BulkRow[]> {
  const commands = rows.flatMap(({ line, units }) =>
    units.map((input): Command<SubmitInput> => ({
      actor: request.actor,
      requestId: `${request.requestId}:${line}`,
      idempotency: null,
      input,
    })),
  )
  const answers = commands.length === 0 ? [] : await inScopeOfAll(() => patiently(() => submitReturns(ctx, commands)))
  let next = 0
  return rows.flatMap(({ line, units, refusal }): BulkRow[] =>
    refusal !== null ? [{ line, outcome: refusal }] : units.map(() => ({ line, outcome: answers[next++]!.outcome })),
  )
}

async function* batchesOf(rows: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = []
  let [units, count] = [0, 0]
  for await (const more of rows) {
    for (const row of more) {
      count += 1
      if (count > limits.bulkRows)
        throw new AppError('too_large', `at most ${limits.bulkRows} rows in one body`, { problem: 'too_many_rows' })
      if (batch.length > 0 && (units + row.units.length > limits.batchItems || batch.length >= limits.batchItems)) {
        yield batch
        batch = []
        units = 0
      }
      batch.push(row)
      units += row.units.length
    }
  }
  if (batch.length > 0) yield batch
}

async function* jsonRows(
  source: ImportSource,
  survey: FileSurvey,
  request: BulkRequest,
): AsyncGenerator<readonly Row[]> {
  for await (const objects of readObjects(source, survey)) yield objects.map((object) => jsonRow(object, request))
}

function jsonRow({ line, value, fault }: ReadObject, { clientId }: BulkRequest): Row {
  if (fault !== null) return { line, units: [], refusal: reject('invalid', fault.code, fault.reason) }
  const result = returnRequestSchema.safeParse(value)
  if (result.success) return { line, units: [{ clientId, ...result.data, source: 'api' }], refusal: null }
  const errors = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: `/${key}`,
          code: 'unknown_field',
          detail: `no such field: ${key.slice(0, 80)}`,
        }))
      : [{ pointer: issue.path.map((part) => `/${String(part)}`).join(''), code: issue.code, detail: issue.message }],
  )
  return {
    line,
    units: [],
    refusal: reject(
      'invalid',
      'invalid',
      `${errors.length} ${errors.length === 1 ? 'field is' : 'fields are'} not valid`,
      errors,
    ),
  }
}

async function* csvRows(
  ctx: Pick<Context, 'reference' | 'now'>,
  source: ImportSource,
  survey: FileSurvey,
  request: BulkRequest,
): AsyncGenerator<readonly Row[]> {
  const { mapping, actor } = request
  const clientId = request.clientId ?? (actor.clientIds?.length === 1 ? actor.clientIds[0] : undefined)
  if (mapping === null) throw new AppError('invalid', 'a CSV body needs a mapping', { problem: 'mapping_missing' })
  if (mapping.kind !== 'returns' || mapping.orderLines !== 'none') {
    throw new AppError(
      'unprocessable',
      `the mapping ${mapping.name} makes more than returns; hand the file in at /api/imports`,
      { problem: 'mapping_kind' },
    )
  }
  if (clientId === undefined)
    throw new AppError('invalid', 'say whose units they are: ?clientId=', { problem: 'client_missing' })
  const bound = bindMapping(mapping, survey.header)
  const facts = { categories: new Set(ctx.reference.categories.keys()), clientId, nowMs: ctx.now() }
  const table = openKeyTable()
  for await (const { rows } of readRows(source, survey)) {
    yield rows.flatMap((raw): Row[] => {
      const row = mapRow(bound, facts, table, raw)
      if (row.refusals.length > 0) return [{ line: row.line, units: [], refusal: refusalOf(row.refusals) }]
      return row.isSkipped
        ? []
        : [{ line: row.line, units: row.units.map((unit) => ({ ...unit, source: 'api' as const })), refusal: null }]
    })
  }
}

function refusalOf(cells: readonly RefusedCell[]): Outcome<never> {
  const errors = cells.map(({ column, code, reason }) => ({ pointer: `/${column}`, code, detail: reason }))
  const [first] = cells
  return reject(
    'invalid',
    cells.length === 1 ? first!.code : 'invalid',
    errors.map((error) => `${error.pointer.slice(1)}: ${error.detail}`).join('; '),
    errors,
  )
}
