import type { SubmitInput } from '#contracts/commands.ts'
import { limits } from '#contracts/common.ts'
import { importLimits, type OrderLine, type RefusedCell } from '#contracts/imports.ts'
import type { ProductInput } from '#contracts/products.ts'
import {
  mapRow,
  openKeyTable,
  readRows,
  type BoundMapping,
  type FileSurvey,
  type ImportSource,
  type MappedRow,
  type RowFacts,
} from '#services/returns/index.ts'

export type OnLine<T> = { readonly line: number; readonly value: T }

/** Rows that are written together: at most one batch of returns, and a few statements of order lines or products. */
export type Slice = {
  readonly units: readonly OnLine<SubmitInput>[]
  readonly orderLines: readonly OrderLine[]
  readonly products: readonly OnLine<ProductInput>[]
  readonly refusals: readonly RefusedCell[]
  readonly rows: number
  readonly skipped: number
  /** Every line before this one is in this slice or an earlier one. */
  readonly nextLine: number
  readonly bytes: number
}

type Draft = { -readonly [K in 'units' | 'orderLines' | 'products' | 'refusals']: Slice[K][number][] } & {
  rows: number
  skipped: number
  nextLine: number
}

function emptyDraft(nextLine: number): Draft {
  return { units: [], orderLines: [], products: [], refusals: [], rows: 0, skipped: 0, nextLine }
}

/**
 * Cuts a file into slices, in its order. Lines before `fromLine` are read but not handed on: their keys count for the
 * numbering and for repeats.
 */
export async function* slicesOf(
  source: ImportSource,
  survey: FileSurvey,
  bound: BoundMapping,
  facts: RowFacts,
  fromLine: number,
): AsyncGenerator<Slice> {
  const table = openKeyTable()
  let draft = emptyDraft(fromLine)
  for await (const { rows, bytes } of readRows(source, survey)) {
    for (const row of rows) {
      const mapped = mapRow(bound, facts, table, row)
      if (row.line < fromLine) continue
      if (!fits(draft, mapped)) {
        yield { ...draft, bytes }
        draft = emptyDraft(draft.nextLine)
      }
      put(draft, mapped)
    }
  }
  yield { ...draft, bytes: survey.bytes }
}

function fits(draft: Draft, { units }: MappedRow): boolean {
  return (
    draft.units.length + units.length <= limits.batchItems &&
    draft.rows < importLimits.linesPerSlice &&
    draft.products.length < importLimits.productsPerSlice
  )
}

function put(draft: Draft, mapped: MappedRow): void {
  const { line } = mapped
  for (const value of mapped.units) draft.units.push({ line, value })
  if (mapped.orderLine !== null) draft.orderLines.push(mapped.orderLine)
  if (mapped.product !== null) draft.products.push({ line, value: mapped.product })
  for (const refused of mapped.refusals) draft.refusals.push(refused)
  draft.rows += 1
  if (mapped.isSkipped) draft.skipped += 1
  draft.nextLine = mapped.nextLine
}
