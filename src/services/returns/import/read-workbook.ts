import { importLimits } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import { isWorkbook, longer, readParts, walkPart, type Attributes, type WorkbookParts } from './workbook-parts.ts'
import { openZip, type ZipEntries } from './zip-entries.ts'

/** XML is some ten times as large as its archive: no sheet of the largest workbook that is read comes near. */
const unpackedBytesMax = 536_870_912

/**
 * The first sheet that is shown of an Excel workbook (XLSX, ECMA-376) as CSV in UTF-8, its rows on the lines that have their
 * numbers. Days and times become ISO text, formulas the values that were last worked out. Null where the archive is no workbook.
 * Throws `workbook_broken`, `workbook_empty`, `workbook_too_large`,
 * `record_too_long`, `unpack_ratio`: what stands in memory is bounded at every step.
 */
export async function readWorkbook(bytes: Buffer): Promise<AsyncGenerator<Buffer> | null> {
  const unpackedMax = Math.min(unpackedBytesMax, Math.max(bytes.length, 65_536) * importLimits.unpackRatio)
  const zip = await openZip(bytes, unpackedMax)
  if (isWorkbook(zip)) return rowsOf(zip)
  zip.close()
  return null
}

async function* rowsOf(zip: ZipEntries): AsyncGenerator<Buffer> {
  try {
    const parts = await readParts(zip)
    const sheet = gatherRows(parts)
    for await (const _ of walkPart(zip, parts.sheet, sheet)) {
      const text = sheet.take()
      if (text !== '') yield Buffer.from(text)
    }
  } finally {
    zip.close()
  }
}

type Cell = { readonly column: number; readonly type: string; readonly style: number; value: string }

const rowsMax = 1_048_576

/** Turns the tags of a sheet into lines. A cell's row is where the file says, for empty rows are left out of it. */
function gatherRows(parts: WorkbookParts) {
  let lines = ''
  let line = 0
  let cells: string[] = []
  let cell: Cell | null = null
  let isValue = false
  let width = 0

  function openRow(attributes: Attributes): void {
    const number = attributes['r'] === undefined ? line + 1 : Number(attributes['r'])
    if (!Number.isInteger(number) || number <= line || number > rowsMax)
      throw new AppError('invalid', 'the rows of the workbook are out of order: save it again', {
        problem: 'workbook_broken',
      })
    lines += '\n'.repeat(number - line - 1)
    line = number
    cells = []
  }

  function openCell(attributes: Attributes): void {
    const column = attributes['r'] === undefined ? cells.length : columnOf(attributes['r'])
    if (column >= importLimits.columns)
      throw new AppError('invalid', `row ${line} has more than ${importLimits.columns} columns`, {
        problem: 'too_many_columns',
      })
    cell = { column, type: attributes['t'] ?? 'n', style: Number(attributes['s'] ?? 0), value: '' }
  }

  function closeRow(): void {
    while (cells.length > 0 && (cells.at(-1) ?? '') === '') cells.pop()
    // As wide as the header, so that cells left empty at the end are empty and not missing.
    if (width === 0) width = cells.length
    const row = Array.from({ length: Math.max(width, cells.length) }, (_, i) => quoted(cells[i] ?? '')).join(',')
    if (row.length > importLimits.recordChars)
      throw new AppError('too_large', `row ${line} is longer than ${importLimits.recordChars} characters`, {
        problem: 'record_too_long',
      })
    lines += cells.length === 0 ? '\n' : `${row}\n`
  }

  return {
    open: (name: string, attributes: Attributes) => {
      if (name === 'row') openRow(attributes)
      else if (name === 'c') openCell(attributes)
      else if (name === 'v' || name === 't') isValue = cell !== null
    },
    text: (text: string) => {
      if (isValue && cell !== null) cell.value = longer(cell.value, text)
    },
    close: (name: string) => {
      if (name === 'v' || name === 't') isValue = false
      else if (name === 'c' && cell !== null) {
        cells[cell.column] = textOf(cell, parts)
        cell = null
      } else if (name === 'row') closeRow()
    },
    take: () => {
      const text = lines
      lines = ''
      return text
    },
  }
}

/** `BC12` is column 54, counted from zero. */
function columnOf(reference: string): number {
  let column = 0
  for (const letter of /^[A-Z]{1,3}/.exec(reference)?.[0] ?? 'A') column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

/** One line: a break inside a cell would move the numbers of all rows behind it. */
function quoted(text: string): string {
  return text === '' ? '' : `"${text.replaceAll(/[\r\n]+/g, ' ').replaceAll('"', '""')}"`
}

function textOf({ type, style, value }: Cell, { strings, isDateStyle, isDate1904 }: WorkbookParts): string {
  if (type === 's') return strings[Number(value)] ?? ''
  if (type === 'b') return value === '1' ? 'true' : 'false'
  if (type !== 'n' || value === '') return value
  const number = Number(value)
  if (!Number.isFinite(number)) return value
  return isDateStyle[style] === true ? isoOf(number, isDate1904) : plainNumber(number)
}

/** Excel keeps 15 digits; what stands behind them is an error of binary fractions. */
function plainNumber(number: number): string {
  const rounded = Number(number.toPrecision(15))
  return Math.abs(rounded) >= 1e21 || (rounded !== 0 && Math.abs(rounded) < 1e-6)
    ? rounded.toFixed(20).replace(/\.?0+$/, '')
    : String(rounded)
}

const dayMs = 86_400_000

/** A serial number as the day, the time, or both. In the system of 1900 that year has a 29 February, which never was. */
export function isoOf(serial: number, isDate1904: boolean): string {
  const days = isDate1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial
  const at = new Date(Date.UTC(1899, 11, 30) + Math.round((days * dayMs) / 1000) * 1000)
  if (Number.isNaN(at.getTime())) return plainNumber(serial)
  const iso = at.toISOString().slice(0, 19)
  if (serial > 0 && serial < 1) return iso.slice(11)
  return iso.endsWith('T00:00:00') ? iso.slice(0, 10) : iso
}
