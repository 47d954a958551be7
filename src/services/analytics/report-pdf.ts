import { createRequire } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'
import PDFDocument from 'pdfkit'
import { AppError } from '#kernel/errors.ts'
import { formatCount, formatInstant, type PdfColumn, type PdfKind } from './pdf-columns.ts'

export type PdfHead = {
  readonly from: string
  readonly to: string
  readonly filters: readonly string[]
  readonly asOf: Date
}

/** Nobody reads more on paper; a file of rows takes any number. */
export const pdfRowsMax = 5000

const page = { width: 842, height: 595, margin: 32 } as const
const size = { title: 18, small: 8, cell: 8 } as const
const rowHeight = 15
const gap = 6
const colours = { ink: '#17211c', soft: '#52615a', line: '#c9d2cc', brand: '#135446', ground: '#eef3f0' } as const
const bottom = page.height - page.margin - 18

const require = createRequire(import.meta.url)
const files = require.resolve('@fontsource/noto-sans-devanagari/400.css').replace(/400\.css$/, 'files/')
const fonts = {
  devanagari: `${files}noto-sans-devanagari-devanagari-400-normal.woff`,
  latin: `${files}noto-sans-devanagari-latin-400-normal.woff`,
  latinBold: `${files}noto-sans-devanagari-latin-600-normal.woff`,
} as const

type Rows = AsyncIterable<readonly Readonly<Record<string, unknown>>[]>
type Drawing = { readonly document: PDFKit.PDFDocument; readonly columns: readonly Placed[]; y: number }
type Placed = PdfColumn & { readonly x: number; readonly width: number }

/**
 * A report on A4 sheets: what it is of and how it is meant, the rows with their heads on every sheet, sums, page numbers.
 * Throws `too_large` with `report_too_long` beyond `pdfRowsMax` rows. `count` is told after each batch.
 */
export async function drawReport(
  kind: PdfKind,
  head: PdfHead,
  rows: Rows,
  count: (rows: number) => Promise<void>,
): Promise<{ content: Buffer; rows: number }> {
  const document = new PDFDocument({
    size: [page.width, page.height],
    margin: 0,
    bufferPages: true,
    info: { Title: `${kind.title} ${head.from} to ${head.to}`, Creator: 'SmartReturns', CreationDate: head.asOf },
  })
  const chunks: Buffer[] = []
  document.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => document.once('end', resolve).once('error', reject))
  for (const [name, file] of Object.entries(fonts)) document.registerFont(name, file)
  const drawing: Drawing = { document, columns: place(kind.columns), y: page.margin }
  drawHead(drawing, kind, head)
  drawTitles(drawing)
  const sums = kind.columns.map(() => new Map<string, number>())
  let drawn = 0
  for await (const batch of rows) {
    if (drawn + batch.length > pdfRowsMax) throw tooLong()
    for (const row of batch) {
      drawRow(drawing, (column) => column.cell(row), drawn % 2 === 1)
      kind.columns.forEach(({ sum }, i) => {
        if (sum === undefined) return
        const { unit, value } = sum.of(row)
        sums[i]!.set(unit, (sums[i]!.get(unit) ?? 0) + value)
      })
      drawn += 1
      // A turn for whatever else waits.
      if (drawn % 50 === 0) await turn()
    }
    await count(drawn)
  }
  drawSums(drawing, sums, drawn)
  drawFeet(document, head)
  document.end()
  await ended
  return { content: Buffer.concat(chunks), rows: drawn }
}

export function tooLong(): AppError {
  const detail = `a report on paper takes at most ${pdfRowsMax} rows: take a shorter period, a filter, or the format csv`
  return new AppError('too_large', detail, { problem: 'report_too_long' })
}

function place(columns: readonly PdfColumn[]): Placed[] {
  const all = columns.reduce((sum, { weight }) => sum + weight, 0)
  const room = page.width - 2 * page.margin
  let x: number = page.margin
  return columns.map((column) => {
    const width = (room * column.weight) / all
    const placed = { ...column, x, width: width - gap }
    x += width
    return placed
  })
}

function drawHead(drawing: Drawing, kind: PdfKind, { from, to, filters, asOf }: PdfHead): void {
  const { document } = drawing
  const width = page.width - 2 * page.margin
  document.fillColor(colours.brand).font('latinBold').fontSize(size.title)
  document.text(kind.title, page.margin, drawing.y, { lineBreak: false })
  document.fillColor(colours.soft).font('latinBold').fontSize(11)
  document.text('SmartReturns', page.margin, drawing.y + 5, { width, align: 'right' })
  drawing.y += 30
  const about = [
    `Period: ${from} to ${to} (India, both days included)`,
    `Filters: ${filters.length === 0 ? 'none' : filters.join(', ')}`,
    `As of ${formatInstant(asOf)} (India); source: the rows of this installation at that moment`,
  ]
  document.font('latin').fontSize(9)
  for (const line of about) {
    write(document, line, { x: page.margin, y: drawing.y, width })
    drawing.y += 14
  }
  document.fillColor(colours.soft).font('latin').fontSize(9)
  document.text(kind.meaning, page.margin, drawing.y + 2, { width })
  drawing.y = document.y + 10
}

function drawTitles(drawing: Drawing): void {
  const { document, columns, y } = drawing
  document.rect(page.margin, y, page.width - 2 * page.margin, rowHeight + 2).fill(colours.ground)
  document.fillColor(colours.ink).fontSize(size.cell)
  for (const column of columns) {
    write(document, column.title, { x: column.x, y: y + 4, width: column.width, column, latin: 'latinBold' })
  }
  drawing.y += rowHeight + 4
}

function drawRow(
  drawing: Drawing,
  cellOf: (column: Placed) => string,
  isShaded: boolean,
  latin: Latin = 'latin',
): void {
  const { document, columns } = drawing
  if (drawing.y + rowHeight > bottom) {
    document.addPage()
    drawing.y = page.margin
    drawTitles(drawing)
  }
  const { y } = drawing
  if (isShaded) document.rect(page.margin, y, page.width - 2 * page.margin, rowHeight).fill('#f7f9f7')
  document.fillColor(colours.ink).fontSize(size.cell)
  for (const column of columns) {
    const text = cellOf(column)
    if (text !== '') write(document, text, { x: column.x, y: y + 3, width: column.width, column, latin })
  }
  drawing.y += rowHeight
}

function drawSums(drawing: Drawing, sums: readonly ReadonlyMap<string, number>[], rows: number): void {
  const { document, columns } = drawing
  if (rows === 0) {
    document.fillColor(colours.soft).fontSize(10)
    write(document, 'No rows in this period.', { x: page.margin, y: drawing.y + 6, width: 400 })
    return
  }
  document.moveTo(page.margin, drawing.y + 1).lineTo(page.width - page.margin, drawing.y + 1)
  document.lineWidth(0.8).stroke(colours.line)
  drawing.y += 3
  const units = [...new Set(sums.flatMap((sum) => [...sum.keys()].filter((unit) => unit !== '')))].toSorted()
  // One line of sums for each currency; what has no currency stands in the first.
  const lines = units.length === 0 ? [''] : units
  lines.forEach((unit, line) => {
    const label = units.length > 1 ? `Sum of ${formatCount(rows)} rows, ${unit}` : `Sum of ${formatCount(rows)} rows`
    const cells = new Map(
      columns.map((column, i): [Placed, string] => {
        const own = sums[i]!
        const value = own.get(unit) ?? (line === 0 ? own.get('') : undefined)
        return [column, column.sum === undefined || value === undefined ? '' : column.sum.write(value, unit)]
      }),
    )
    const firstSum = columns.findIndex((column) => cells.get(column) !== '')
    const room = firstSum <= 0 ? 200 : columns[firstSum - 1]!.x + columns[firstSum - 1]!.width - page.margin
    drawRow(drawing, (column) => cells.get(column)!, false, 'latinBold')
    write(document, label, { x: page.margin, y: drawing.y - rowHeight + 3, width: room, latin: 'latinBold' })
  })
}

function drawFeet(document: PDFKit.PDFDocument, { asOf }: PdfHead): void {
  const { count } = document.bufferedPageRange()
  for (let i = 0; i < count; i++) {
    document.switchToPage(i)
    document.fillColor(colours.soft).fontSize(size.small)
    const y = page.height - page.margin - 4
    write(document, `SmartReturns, ${formatInstant(asOf)}`, { x: page.margin, y, width: 300 })
    const number = { x: page.width - page.margin - 200, y, width: 200, isRight: true }
    write(document, `Page ${i + 1} of ${count}`, number)
  }
}

type Latin = 'latin' | 'latinBold'
type Box = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly column?: Pick<PdfColumn, 'isNumber'>
  readonly isRight?: boolean
  readonly latin?: Latin
}

const graphemes = new Intl.Segmenter('en')
const devanagari = /[\u0900-\u097f\u20b9]/
const runsOf = (text: string): string[] => text.match(/[\u0900-\u097f\u20b9]+|[^\u0900-\u097f\u20b9]+/g) ?? []

/** One line in its box: letters of both scripts in their fonts, cut with an ellipsis where it is too long. */
function write(document: PDFKit.PDFDocument, given: string, box: Box): void {
  const { x, y, width, column, latin = 'latin' } = box
  const text = given.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
  const widthOf = (part: string) =>
    runsOf(part).reduce((sum, run) => sum + setFont(document, run, latin).widthOfString(run), 0)
  let shown = text
  if (widthOf(text) > width) {
    const letters = Array.from(graphemes.segment(text), ({ segment }) => segment)
    let [fits, breaks] = [0, letters.length]
    while (breaks - fits > 1) {
      const middle = (fits + breaks) >> 1
      if (widthOf(`${letters.slice(0, middle).join('')}…`) <= width) fits = middle
      else breaks = middle
    }
    shown = `${letters.slice(0, fits).join('')}…`
  }
  const isRight = box.isRight === true || column?.isNumber === true
  let at = isRight ? x + width - widthOf(shown) : x
  for (const run of runsOf(shown)) {
    setFont(document, run, latin).text(run, at, y, { lineBreak: false })
    at += document.widthOfString(run)
  }
}

function setFont(document: PDFKit.PDFDocument, run: string, latin: Latin): PDFKit.PDFDocument {
  return document.font(devanagari.test(run) ? 'devanagari' : latin)
}
