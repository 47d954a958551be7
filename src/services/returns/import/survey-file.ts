import { createHash } from 'node:crypto'
import type { ImportMapping, TextEncoding } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import { splitCsv } from './csv-records.ts'
import { openDecoder, refuseBinary, watchEncoding, type EncodingFinding } from './decode-text.ts'
import { flatten } from './json-records.ts'
import { readPlain, type ImportSource } from './source.ts'

/** What a file is, from one pass over all of it. */
export type FileSurvey = {
  readonly name: string
  readonly sha256: string
  /** Unpacked. */
  readonly bytes: number
  /** Line ends: at least as many as rows. */
  readonly lines: number
  readonly format: 'csv' | 'jsonl'
  readonly delimiter: string | null
  readonly hasBareReturns: boolean
  readonly encoding: EncodingFinding
  /** Names of the columns; of JSONL the keys of the first objects. */
  readonly header: readonly string[]
  readonly headerLine: number
}

export type Declared = { readonly delimiter?: ImportMapping['delimiter']; readonly encoding?: TextEncoding | undefined }

const sampleBytes = 262_144

/** Reads the whole file once: its hash, its size, its encoding (a byte that is no UTF-8 may come late), its shape. */
export async function surveyFile(source: ImportSource, declared: Declared = {}): Promise<FileSurvey> {
  const hash = createHash('sha256')
  const watch = watchEncoding(declared.encoding)
  const sample: Buffer[] = []
  let bytes = 0
  let lines = 0
  for await (const chunk of readPlain(source)) {
    hash.update(chunk)
    watch.see(chunk)
    if (bytes < sampleBytes) sample.push(Buffer.from(chunk.subarray(0, sampleBytes - bytes)))
    bytes += chunk.length
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1
  }
  if (bytes === 0) throw new AppError('invalid', `${source.name} is empty`, { problem: 'file_empty' })
  const encoding = watch.conclude()
  const decoder = openDecoder(encoding.encoding)
  const text = sample.map((chunk) => decoder.write(chunk)).join('')
  refuseBinary(text)
  return {
    name: source.name,
    sha256: hash.digest('hex'),
    bytes,
    lines,
    encoding,
    ...shapeOf(text, declared, bytes <= sampleBytes),
  }
}

type Shape = Pick<FileSurvey, 'format' | 'delimiter' | 'hasBareReturns' | 'header' | 'headerLine'>

/** Format, delimiter and header, from the beginning of the text. */
export function shapeOf(text: string, declared: Declared, isWhole: boolean): Shape {
  const begin = text.trimStart()
  if (begin === '') throw new AppError('invalid', 'the file has no rows', { problem: 'file_empty' })
  if (begin.startsWith('{'))
    return { format: 'jsonl', delimiter: null, hasBareReturns: false, header: keysOf(text, isWhole), headerLine: 0 }
  if (begin.startsWith('[') && /^\[\s*[{\]]/.test(begin)) {
    throw new AppError(
      'unsupported_media_type',
      'this is one JSON array: write one object a line (JSONL), e.g. with jq -c ".[]"',
      { problem: 'file_format' },
    )
  }
  const hasBareReturns = text.includes('\r') && !text.includes('\n')
  const lines = hasBareReturns ? text.replaceAll('\r', '\n') : text
  const delimiter = declared.delimiter ?? sniffDelimiter(lines)
  const splitter = splitCsv(delimiter)
  const [first] = [...splitter.push(lines), ...(isWhole ? splitter.end() : [])]
  if (first === undefined || first.fault !== null) {
    throw new AppError(
      'invalid',
      `the header cannot be read: ${first?.fault?.reason ?? 'no line ends in its first part'}`,
      { problem: 'header_broken' },
    )
  }
  return {
    format: 'csv',
    delimiter,
    hasBareReturns,
    header: first.values.map((name) => name.trim()),
    headerLine: first.line,
  }
}

function keysOf(text: string, isWhole: boolean): string[] {
  const keys = new Set<string>()
  const lines = text.split('\n')
  // The last line of a sample may be cut.
  for (const line of isWhole ? lines : lines.slice(0, -1)) {
    try {
      const parsed: unknown = JSON.parse(line)
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
        for (const key of flatten(parsed).keys()) keys.add(key)
    } catch {
      // A broken line is reported with its number when the rows are read; it names no keys.
      continue
    }
  }
  return [...keys]
}

const candidates = [',', ';', '\t', '|'] as const

/** The delimiter that cuts the first rows into equally many cells; of two such, the one that makes more of them. */
export function sniffDelimiter(text: string): string {
  const told = /^sep=([,;\t|])\r?\n/i.exec(text)?.[1]
  if (told !== undefined) return told
  let best = { delimiter: ',', score: 0 }
  for (const delimiter of candidates) {
    const widths = splitWidths(text, delimiter)
    const header = widths[0] ?? 1
    if (header < 2) continue
    const same = widths.filter((width) => width === header).length / widths.length
    const score = same * 100 + Math.min(header, 50) / 50
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

function splitWidths(text: string, delimiter: string): number[] {
  const lines = text.split('\n', 50)
  const splitter = splitCsv(delimiter)
  const rows = splitter.push(lines.join('\n'))
  return rows.map((row) => (row.fault?.code === 'quote_broken' ? 0 : row.values.length))
}
