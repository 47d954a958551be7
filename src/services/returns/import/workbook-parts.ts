import { StringDecoder } from 'node:string_decoder'
import { Parser } from 'htmlparser2'
import { AppError } from '#kernel/errors.ts'
import type { ZipEntries } from './zip-entries.ts'

export type Attributes = Readonly<Record<string, string>>
type Handlers = {
  /** Names come without their namespace prefix. */
  readonly open: (name: string, attributes: Attributes) => void
  readonly close?: (name: string) => void
  readonly text?: (text: string) => void
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** The most that Excel puts into one cell. */
export const cellCharsMax = 32_767
/** A tag or comment that is longer was made to fill the memory. */
const silentBytesMax = 1_048_576

/** `text` with more of the same cell. Throws `workbook_too_large` when it is more than a cell can hold. */
export function longer(text: string, more: string): string {
  if (text.length + more.length > cellCharsMax) throw tooLarge(`a cell holds more than ${cellCharsMax} characters`)
  return text + more
}

function tooLarge(what: string): AppError {
  return new AppError('too_large', `${what}: save the sheet as "CSV UTF-8" and hand in that`, {
    problem: 'workbook_too_large',
  })
}

/** Walks the XML of one part. Yields after each chunk, so that what the handlers gathered can be taken. */
export async function* walkPart(zip: ZipEntries, name: string, handlers: Handlers): AsyncGenerator<void> {
  let silentBytes = 0
  const parser = new Parser(
    {
      onopentag: (tag, attributes) => {
        silentBytes = 0
        handlers.open(localName(tag), attributes)
      },
      onclosetag: (tag) => {
        silentBytes = 0
        handlers.close?.(localName(tag))
      },
      ontext: (text) => {
        silentBytes = 0
        handlers.text?.(text)
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  const decoder = new StringDecoder('utf8')
  for await (const chunk of zip.read(name)) {
    silentBytes += chunk.length
    parser.write(decoder.write(chunk))
    if (silentBytes > silentBytesMax) throw tooLarge('a tag of the workbook is longer than any sheet needs')
    yield
  }
  parser.write(decoder.end())
  parser.end()
  yield
}

async function readPart(zip: ZipEntries, name: string, handlers: Handlers): Promise<void> {
  // The walk does the work; what it yields is nothing.
  // oxlint-disable-next-line no-unused-vars
  for await (const _ of walkPart(zip, name, handlers));
}

export type WorkbookParts = {
  /** The part of the first sheet that is shown. */
  readonly sheet: string
  readonly isDate1904: boolean
  readonly strings: readonly string[]
  /** Of each cell style: whether its numbers are days or times. */
  readonly isDateStyle: readonly boolean[]
}

const workbookPart = 'xl/workbook.xml'
/** Texts of a workbook are kept in memory while its sheet is read. */
const stringCharsMax = 100_000_000

export const isWorkbook = (zip: ZipEntries): boolean => zip.has(workbookPart)

export async function readParts(zip: ZipEntries): Promise<WorkbookParts> {
  const { relation, isDate1904 } = await readBook(zip)
  return {
    sheet: await partOf(zip, relation),
    isDate1904,
    strings: zip.has('xl/sharedStrings.xml') ? await readStrings(zip) : [],
    isDateStyle: zip.has('xl/styles.xml') ? await readStyles(zip) : [],
  }
}

async function readBook(zip: ZipEntries): Promise<{ relation: string; isDate1904: boolean }> {
  let relation: string | null = null
  let isDate1904 = false
  await readPart(zip, workbookPart, {
    open: (name, attributes) => {
      if (name === 'workbookPr') isDate1904 = ['1', 'true'].includes(attributes['date1904'] ?? '')
      else if (name === 'sheet' && relation === null && !/hidden/i.test(attributes['state'] ?? ''))
        relation = Object.entries(attributes).find(([key]) => localName(key) === 'id' && key !== 'id')?.[1] ?? null
    },
  })
  if (relation !== null) return { relation, isDate1904 }
  throw new AppError('invalid', 'the workbook has no sheet that is shown', { problem: 'workbook_empty' })
}

async function partOf(zip: ZipEntries, relation: string): Promise<string> {
  let target = ''
  await readPart(zip, 'xl/_rels/workbook.xml.rels', {
    open: (name, attributes) => {
      if (name === 'Relationship' && attributes['Id'] === relation) target = attributes['Target'] ?? ''
    },
  })
  return target.startsWith('/') ? target.slice(1) : `xl/${target}`
}

async function readStrings(zip: ZipEntries): Promise<string[]> {
  const strings: string[] = []
  let text = ''
  let isText = false
  let isReading = false
  let chars = 0
  await readPart(zip, 'xl/sharedStrings.xml', {
    open: (name) => {
      if (name === 'si') text = ''
      // How a word is read aloud stands beside it and is not part of it.
      else if (name === 'rPh') isReading = true
      else if (name === 't') isText = !isReading
    },
    text: (part) => {
      if (isText) text = longer(text, part)
    },
    close: (name) => {
      if (name === 't') isText = false
      else if (name === 'rPh') isReading = false
      else if (name === 'si') {
        chars += text.length
        if (chars > stringCharsMax) throw tooLarge('the workbook holds too much text')
        strings.push(text)
      }
    },
  })
  return strings
}

/** ECMA-376 part 1, 18.8.30: the built-in formats of days and times. */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)

/** Whether a format of cells shows days or times; what stands in quotes, brackets or behind a backslash is no letter of it. */
export function isDateFormat(code: string): boolean {
  const first = code.split(';')[0]!
  const bare = first.replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  return !/general/i.test(bare) && /[ymdhs]/i.test(bare)
}

async function readStyles(zip: ZipEntries): Promise<boolean[]> {
  const formats = new Map<number, string>()
  const styles: boolean[] = []
  let isCells = false
  await readPart(zip, 'xl/styles.xml', {
    open: (name, attributes) => {
      if (name === 'numFmt') formats.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '')
      else if (name === 'cellXfs') isCells = true
      else if (name === 'xf' && isCells) {
        const id = Number(attributes['numFmtId'] ?? 0)
        const own = formats.get(id)
        styles.push(own === undefined ? isBuiltInDate(id) : isDateFormat(own))
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCells = false
    },
  })
  return styles
}
