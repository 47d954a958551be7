import { isUtf8 } from 'node:buffer'
import { StringDecoder } from 'node:string_decoder'
import type { TextEncoding } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'

/** What the bytes of a whole file say about their encoding. */
export type EncodingWatch = {
  readonly see: (chunk: Buffer) => void
  readonly conclude: () => EncodingFinding
}
export type EncodingFinding = {
  readonly encoding: TextEncoding
  /** True when some bytes are none of the encoding: their rows are refused one by one. */
  readonly isDamaged: boolean
  readonly note: string | null
}

/** The byte order mark, or zero bytes where UTF-16 has them in text of few languages. */
function utf16Of(head: Buffer): TextEncoding | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const sample = head.subarray(0, 512)
  let even = 0
  let odd = 0
  sample.forEach((byte, i) => {
    if (byte !== 0) return
    if (i % 2 === 0) even += 1
    else odd += 1
  })
  if (odd > sample.length * 0.3 && even <= sample.length * 0.05) return 'utf-16le'
  if (even > sample.length * 0.3 && odd <= sample.length * 0.05) return 'utf-16be'
  return null
}

/** Length of the trailing bytes that may be the beginning of a sequence which the next chunk ends. */
function openTail(chunk: Buffer): number {
  for (let back = 1; back <= 3 && back <= chunk.length; back++) {
    const byte = chunk[chunk.length - back]!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0
  }
  return 0
}

/**
 * Looks at every byte, because one that is no UTF-8 may come late. A file that is mostly good UTF-8 stays UTF-8 and
 * its bad rows are named; one without a single good sequence is taken for windows-1252, and that is said.
 */
export function watchEncoding(declared: TextEncoding | undefined): EncodingWatch {
  let head = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  let good = 0
  let bad = 0
  let utf16: TextEncoding | null | undefined
  return {
    see: (chunk) => {
      if (head.length < 512) {
        head = Buffer.concat([head, chunk.subarray(0, 512)])
        utf16 = head.length >= 2 ? utf16Of(head) : null
      }
      if (utf16) return
      const bytes = tail.length === 0 ? chunk : Buffer.concat([tail, chunk])
      const open = openTail(bytes)
      tail = Buffer.from(bytes.subarray(bytes.length - open))
      const whole = bytes.subarray(0, bytes.length - open)
      const leads = countLeads(whole)
      const replaced = isUtf8(whole) ? 0 : whole.toString('utf8').split('\uFFFD').length - 1
      bad += replaced
      good += Math.max(0, leads - replaced)
    },
    conclude: () => {
      if (tail.length > 0) bad += 1
      return judgeEncoding(declared, utf16 ?? null, good, bad)
    },
  }
}

/** Bytes above ASCII that are no continuation of another. */
function countLeads(bytes: Buffer): number {
  let count = 0
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= 0xc0) count += 1
  return count
}

function judgeEncoding(
  declared: TextEncoding | undefined,
  utf16: TextEncoding | null,
  good: number,
  bad: number,
): EncodingFinding {
  if (declared !== undefined) {
    const isUtf = declared === 'utf-8'
    return { encoding: declared, isDamaged: isUtf ? bad > 0 : true, note: isUtf && bad > 0 ? damaged(bad) : null }
  }
  if (utf16 !== null)
    return { encoding: utf16, isDamaged: true, note: `read as ${utf16.toUpperCase()} (Excel calls it "Unicode text")` }
  if (bad === 0) return { encoding: 'utf-8', isDamaged: false, note: null }
  if (good > 0 && good >= bad) return { encoding: 'utf-8', isDamaged: true, note: damaged(bad) }
  const note =
    'not valid UTF-8: read as windows-1252; look whether names have their accents, and export as UTF-8 if not'
  return { encoding: 'windows-1252', isDamaged: true, note }
}

function damaged(bad: number): string {
  return `${bad} byte sequences are not valid UTF-8: their rows are refused`
}

export type TextDecoding = { readonly write: (chunk: Buffer) => string; readonly end: () => string }

/** Bytes to text across chunk borders. What is none of the encoding becomes U+FFFD. */
export function openDecoder(encoding: TextEncoding): TextDecoding {
  let isFirst = true
  const withoutMark = (text: string) => {
    if (!isFirst || text.length === 0) return text
    isFirst = false
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  }
  if (encoding === 'utf-8') {
    const decoder = new StringDecoder('utf8')
    return { write: (chunk) => withoutMark(decoder.write(chunk)), end: () => withoutMark(decoder.end()) }
  }
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  return {
    write: (chunk) => withoutMark(decoder.decode(chunk, { stream: true })),
    end: () => withoutMark(decoder.decode()),
  }
}

/** Text that shows that the bytes were no text: control characters, or what windows-1252 leaves undefined. */
export function damageOf(
  text: string,
  { encoding, isDamaged }: EncodingFinding,
): { code: string; reason: string } | null {
  if (text.includes('\0'))
    return { code: 'nul_byte', reason: 'a NUL byte stands in this row: the file was cut or is binary' }
  if (isDamaged && text.includes('\uFFFD'))
    return { code: 'bad_encoding', reason: 'bytes of this row are no text in the encoding of the file' }
  if (encoding === 'windows-1252' && /[\x81\x8d\x8f\x90\x9d]/.test(text))
    return { code: 'bad_encoding', reason: 'bytes of this row are no windows-1252' }
  return null
}

export function refuseBinary(text: string): void {
  let control = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 && code !== 9 && code !== 10 && code !== 13) control += 1
  }
  if (control > 8 && control > text.length * 0.02) {
    throw new AppError('unsupported_media_type', 'this is a binary file, not CSV or JSONL', { problem: 'file_format' })
  }
}
