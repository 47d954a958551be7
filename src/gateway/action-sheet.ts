import { createRequire } from 'node:module'
import { toBuffer } from 'bwip-js/node'
import PDFDocument from 'pdfkit'
import { dispositions } from '#contracts/code-lists.ts'

/** The printed commands of a bench: what is scanned instead of a key being pressed. */

export type SheetLanguage = 'en' | 'hi'
type Words = Readonly<Record<SheetLanguage, string>>
type Entry = { readonly code: string; readonly words: Words }

const answer = (place: number): Entry => ({
  code: `SR*ANSWER*${place}`,
  words: { en: `Answer ${place}`, hi: `उत्तर ${place}` },
})
const routes: Readonly<Record<(typeof dispositions)[number], Words>> = {
  restock: { en: 'Restock', hi: 'वापस स्टॉक में' },
  open_box: { en: 'Open box', hi: 'खुला डिब्बा' },
  refurbish: { en: 'Refurbish', hi: 'मरम्मत' },
  resell: { en: 'Resell', hi: 'फिर से बिक्री' },
  vendor: { en: 'To the vendor', hi: 'विक्रेता को' },
  liquidate: { en: 'Liquidate', hi: 'थोक निपटान' },
  parts: { en: 'Parts', hi: 'पुर्ज़े' },
  donate: { en: 'Donate', hi: 'दान' },
  recycle: { en: 'Recycle', hi: 'पुनर्चक्रण' },
  destroy: { en: 'Destroy', hi: 'नष्ट करें' },
  return_to_customer: { en: 'Back to the customer', hi: 'ग्राहक को वापस' },
  hold: { en: 'Hold', hi: 'रोकें' },
}

export const sheetEntries: readonly Entry[] = [
  ...[1, 2, 3, 4].map(answer),
  { code: 'SR*ACCEPT', words: { en: 'Accept the advice', hi: 'सुझाव स्वीकारें' } },
  { code: 'SR*HOLD', words: { en: 'Hold: ask the lead', hi: 'रोकें: मुखिया से पूछें' } },
  { code: 'SR*UNDO', words: { en: 'Undo the last', hi: 'पिछला वापस लें' } },
  { code: 'SR*PRINT', words: { en: 'Print the label again', hi: 'लेबल फिर छापें' } },
  { code: 'SR*PHOTO', words: { en: 'Take a photo', hi: 'फ़ोटो लें' } },
  { code: 'SR*SEALED', words: { en: 'The seal is unbroken', hi: 'सील टूटी नहीं है' } },
  ...dispositions
    .filter((route) => route !== 'hold')
    .map((route) => ({ code: `SR*DISP*${route.toUpperCase()}`, words: routes[route] })),
]

const page = { width: 595, height: 842, margin: 34, gap: 9, columns: 3, cellHeight: 80 } as const
const title: Words = { en: 'Station actions', hi: 'स्टेशन के आदेश' }
const bench: Words = { en: 'Bench card', hi: 'बेंच कार्ड' }

const require = createRequire(import.meta.url)
const devanagari = require
  .resolve('@fontsource/noto-sans-devanagari/600.css')
  .replace(/600\.css$/, 'files/noto-sans-devanagari-devanagari-600-normal.woff')

/** One A4 sheet, Code 128 over its words; with a bench its own card stands first. */
export async function drawActionSheet(language: SheetLanguage, benchCode: string | null): Promise<Buffer> {
  const entries = [...(benchCode === null ? [] : [{ code: benchCode, words: bench }]), ...sheetEntries]
  const pictures = await Promise.all(entries.map(({ code }) => bars(code)))
  const document = new PDFDocument({ size: [page.width, page.height], margin: page.margin, info: { Title: title.en } })
  const chunks: Buffer[] = []
  document.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve) => document.on('end', resolve))
  document.registerFont('words', language === 'hi' ? devanagari : 'Helvetica-Bold')
  heading(document, language)
  const cellWidth = (page.width - 2 * page.margin - (page.columns - 1) * page.gap) / page.columns
  entries.forEach((entry, place) => {
    const x = page.margin + (place % page.columns) * (cellWidth + page.gap)
    const y = 78 + Math.floor(place / page.columns) * (page.cellHeight + page.gap)
    document.roundedRect(x, y, cellWidth, page.cellHeight, 6).lineWidth(0.6).stroke('#9aa59f')
    document.image(pictures[place]!, x + 8, y + 6, { fit: [cellWidth - 16, 38], align: 'center' })
    say(document, entry.words[language], { x, y: y + 46, width: cellWidth, size: 12 })
    document.font('Courier').fontSize(8).fillColor('#52615a')
    document.text(entry.code, x + 4, y + 65, { width: cellWidth - 8, align: 'center', lineBreak: false })
  })
  document.end()
  await ended
  return Buffer.concat(chunks)
}

function heading(document: PDFKit.PDFDocument, language: SheetLanguage): void {
  document.font('Helvetica-Bold').fontSize(18).fillColor('#135446').text('SmartReturns', page.margin, 36)
  say(document, title[language], { x: page.width - page.margin - 220, y: 40, width: 220, size: 14, align: 'right' })
}

type Place = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly size: number
  readonly align?: 'center' | 'right'
}

/** The Devanagari font holds no digits and no Latin: such runs are set in Helvetica beside it. */
function say(document: PDFKit.PDFDocument, text: string, { x, y, width, size, align = 'center' }: Place): void {
  const runs = text.match(/[\u0900-\u097f\s]+|[^\u0900-\u097f\s]+/g) ?? []
  const fontOf = (run: string) => (/[\u0900-\u097f]/.test(run) ? 'words' : 'Helvetica-Bold')
  document.fillColor('#17211c').fontSize(size)
  const widths = runs.map((run) => document.font(fontOf(run)).widthOfString(run))
  const all = widths.reduce((sum, one) => sum + one, 0)
  let at = align === 'center' ? x + (width - all) / 2 : x + width - all
  runs.forEach((run, i) => {
    document.font(fontOf(run)).fontSize(size).text(run, at, y, { lineBreak: false })
    at += widths[i]!
  })
}

function bars(text: string): Promise<Buffer> {
  return toBuffer({ bcid: 'code128', text, scale: 2, height: 10, backgroundcolor: 'FFFFFF', paddingwidth: 10 })
}
