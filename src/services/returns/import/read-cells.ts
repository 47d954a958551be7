import type { ImportMapping, RefusedCell } from '#contracts/imports.ts'
import { importLimits } from '#contracts/imports.ts'
import type { BoundMapping, BoundTarget } from './bind-mapping.ts'
import type { KeyTable } from './key-table.ts'
import {
  parseBoolean,
  parseEan,
  parseMoney,
  parsePhone,
  parsePincode,
  parseQuantity,
  refused,
  parsed,
  type MoneyForm,
  type Parsed,
} from './parse-value.ts'

export type CellValue = string | number | boolean

/** What a row says, by our own names; amounts in minor units of `currency`. */
export type RowValues = {
  readonly values: ReadonlyMap<string, CellValue>
  readonly currency: string
  /** Units that `lineTotal` was shared by; null where the file does not count. */
  readonly quantity: number | null
}

export type CellFacts = { readonly categories: ReadonlySet<string> }

export function refusal(line: number, column: string, code: string, reason: string, value: string): RefusedCell {
  const shown =
    value.length > importLimits.errorValueChars ? `${value.slice(0, importLimits.errorValueChars - 1)}…` : value
  return { line, column, code, reason, value: shown.replaceAll(/\p{Cc}/gu, ' ') }
}

/** The keys of a row, numbered where the mapping says so. They are read for every row, also for one that is refused. */
export function readKeys(
  bound: BoundMapping,
  row: readonly string[],
  line: number,
  isReturn: boolean,
  table: KeyTable,
  refusals: RefusedCell[],
): Map<string, string> {
  const keys = new Map<string, string>()
  for (const target of bound.targets) {
    if (target.target.isKey !== true) continue
    const text = target.read(row) ?? ''
    if (text === '') continue
    const isNumbered = target.rule.ordinal === true
    // The sold row of an order does not take the key of the one that came back.
    const isIdle = !isNumbered && bound.mapping.kind === 'returns' && !isReturn
    if (isIdle) {
      keys.set(target.name, text)
      continue
    }
    const { before, firstLine } = table.note(`${target.name}|${text}`, line)
    if (isNumbered) keys.set(target.name, before === 0 ? text : `${text}~${before + 1}`)
    else if (before === 0) keys.set(target.name, text)
    else if (target.target.isRequired === true) {
      refusals.push(
        refusal(
          line,
          target.column,
          'key_repeated',
          `line ${firstLine} has the same key: two units cannot share one`,
          text,
        ),
      )
    } else keys.set(target.name, text)
  }
  return keys
}

/** Parses the cells of one row; what can't be is put into `refusals`. */
export function readCells(
  bound: BoundMapping,
  targets: readonly BoundTarget[],
  facts: CellFacts,
  row: readonly string[],
  line: number,
  keys: ReadonlyMap<string, string>,
  refusals: RefusedCell[],
): RowValues {
  const texts = new Map<string, string>()
  const byName = new Map<string, BoundTarget>()
  for (const target of targets) {
    byName.set(target.name, target)
    const text = target.target.isKey === true ? (keys.get(target.name) ?? '') : target.read(row)
    if (text !== null && isSheetError(text))
      refuseCell(refusals, target, line, row, 'cell_error', 'the sheet shows an error here: mend its formula')
    else if (text === null)
      refuseCell(refusals, target, line, row, 'value_unknown', 'the mapping does not know this value')
    else if (text !== '') texts.set(target.name, text)
    else if (isMissing(target, keys, refusals)) refuseCell(refusals, target, line, row, 'required', 'must not be empty')
  }
  const values = new Map<string, CellValue>()
  const quantityText = texts.get('quantity')
  const take = (name: string, result: Parsed<CellValue>): void => {
    if (result.ok) values.set(name, result.value)
    else refuseCell(refusals, byName.get(name)!, line, row, result.code, result.reason)
  }
  if (quantityText !== undefined) take('quantity', parseQuantity(quantityText))
  const quantity = (values.get('quantity') as number | undefined) ?? null
  const currency = readCurrency(bound.mapping, texts, take, values)
  for (const [name, text] of texts) {
    if (name === 'quantity' || name === 'currency') continue
    const target = byName.get(name)!
    const form: MoneyForm = { locale: bound.mapping.locale, currency, rounding: target.rule.rounding ?? 'exact' }
    take(name, parseCell(target, text, form, name === 'lineTotal' ? Math.max(1, quantity ?? 1) : 1, facts))
  }
  return { values, currency, quantity }
}

/** What spreadsheets show where a formula failed. */
function isSheetError(text: string): boolean {
  return text.startsWith('#') && /^#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)$/.test(text)
}

function isMissing(target: BoundTarget, keys: ReadonlyMap<string, string>, refusals: readonly RefusedCell[]): boolean {
  if (target.rule.required !== true && target.target.isRequired !== true) return false
  return target.target.isKey !== true || (!keys.has(target.name) && !refusals.some((r) => r.code === 'key_repeated'))
}

function readCurrency(
  mapping: ImportMapping,
  texts: ReadonlyMap<string, string>,
  take: (name: string, result: Parsed<CellValue>) => void,
  values: ReadonlyMap<string, CellValue>,
): string {
  const text = texts.get('currency')?.toUpperCase()
  if (text === undefined) return mapping.currency
  take(
    'currency',
    /^[A-Z]{3}$/.test(text) ? parsed(text) : refused('currency_format', 'not an ISO 4217 code such as INR'),
  )
  return (values.get('currency') as string | undefined) ?? mapping.currency
}

function parseCell(
  target: BoundTarget,
  text: string,
  form: MoneyForm,
  units: number,
  facts: CellFacts,
): Parsed<CellValue> {
  const kind = target.target.form
  switch (kind) {
    case 'money':
      return parseMoney(text, form, units)
    case 'time':
      return target.time!(text)
    case 'day': {
      const time = target.time!(text)
      return time.ok ? parsed(time.value.slice(0, 10)) : time
    }
    case 'ean':
      return parseEan(text)
    case 'pincode':
      return parsePincode(text)
    case 'phone':
      return parsePhone(text)
    case 'boolean':
      return parseBoolean(text)
    case 'quantity':
      return parseQuantity(text)
    case 'category':
      return facts.categories.has(text)
        ? parsed(text)
        : refused('category_unknown', 'no such category of ours; map it in the mapping')
    case 'text':
    case 'code':
    case 'currency':
      return parsed(text)
    default:
      return kind satisfies never
  }
}

export function refuseCell(
  refusals: RefusedCell[],
  target: BoundTarget,
  line: number,
  row: readonly string[],
  code: string,
  reason: string,
): void {
  refusals.push(refusal(line, target.column, code, reason, target.target.isPersonal === true ? '' : target.raw(row)))
}
