import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { importLimits } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import { readWorkbook } from './read-workbook.ts'

/** Bytes that can be read more than once: a file, or a blob. */
export type ImportSource = {
  readonly name: string
  /** Size as stored, packed or not. */
  readonly bytes: number
  readonly open: () => AsyncIterable<Uint8Array>
}

type Signature = { readonly starts: readonly number[]; readonly what: string; readonly advice: string }

const saveAsCsv = 'in Excel choose File, Save as, "CSV UTF-8 (comma delimited)"'
const unpack = 'unpack it first; gzip (.gz) is read as it is'

const refusedFormats: readonly Signature[] = [
  {
    starts: [0x50, 0x4b, 0x03, 0x04],
    what: 'a ZIP archive and no Excel workbook (XLSX)',
    advice: 'unpack it first',
  },
  { starts: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Excel workbook (XLS), or one with a password', advice: saveAsCsv },
  { starts: [0x25, 0x50, 0x44, 0x46], what: 'a PDF document', advice: 'ask for the table as CSV' },
  { starts: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', advice: 'export it as CSV or JSONL' },
  { starts: [0x42, 0x5a, 0x68], what: 'packed with bzip2', advice: unpack },
  { starts: [0x28, 0xb5, 0x2f, 0xfd], what: 'packed with zstd', advice: unpack },
  { starts: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'packed with xz', advice: unpack },
  { starts: [0x37, 0x7a, 0xbc, 0xaf], what: 'a 7-Zip archive', advice: unpack },
  { starts: [0x1f, 0x8b], what: 'packed with gzip twice', advice: 'unpack it once' },
]

/** The bytes of the table itself: unpacked where the content says gzip, refused where it is no text at all. */
export async function* readPlain(source: ImportSource): AsyncGenerator<Buffer> {
  const opened = await peek(source.open())
  const sheet = isZip(opened.head) ? await readWorkbook(await wholeWorkbook(source, opened.all)) : null
  const packed = sheet === null ? opened : await peek(sheet)
  const isGzip = packed.head.length > 2 && packed.head[0] === 0x1f && packed.head[1] === 0x8b
  const plain = isGzip ? await peek(gunzip(source, packed.all)) : packed
  refuseWhatIsNoText(plain.head)
  let total = 0
  for await (const chunk of plain.all) {
    total += chunk.length
    if (total > importLimits.plainBytes) {
      throw new AppError('too_large', `${source.name} holds more than ${importLimits.plainBytes} bytes; split it`)
    }
    yield chunk
  }
}

const isZip = (head: Buffer): boolean => head.subarray(0, 4).equals(Buffer.from([0x50, 0x4b, 0x03, 0x04]))

/** The directory of a workbook stands at its end, so it is read whole. */
async function wholeWorkbook(source: ImportSource, bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > importLimits.workbookBytes) {
      const detail = `${source.name} is larger than ${importLimits.workbookBytes} bytes, the most that is read of a workbook: ${saveAsCsv}`
      throw new AppError('too_large', detail, { problem: 'workbook_too_large' })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refuseWhatIsNoText(head: Buffer): void {
  const found = refusedFormats.find(({ starts }) => starts.every((byte, i) => head[i] === byte))
  if (found !== undefined) {
    throw new AppError('unsupported_media_type', `this is ${found.what}, not CSV or JSONL: ${found.advice}`, {
      problem: 'file_format',
    })
  }
  if (/^\s*<(!doctype|html|table|\?xml)/i.test(head.subarray(0, 200).toString('latin1'))) {
    throw new AppError(
      'unsupported_media_type',
      `this is a web page or XML under another name, not CSV or JSONL: open it and ${saveAsCsv}`,
      {
        problem: 'file_format',
      },
    )
  }
}

async function* gunzip(source: ImportSource, packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacker = createGunzip()
  const input = Readable.from(packed)
  input.on('error', (error) => unpacker.destroy(error))
  input.pipe(unpacker)
  const most = Math.max(source.bytes, 65_536) * importLimits.unpackRatio
  let total = 0
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      total += chunk.length
      if (total > most) {
        throw new AppError(
          'too_large',
          `unpacked it is more than ${importLimits.unpackRatio} times as large: refused`,
          { problem: 'unpack_ratio' },
        )
      }
      yield chunk
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const detail = `the gzip file is broken after ${total} unpacked bytes: get it again`
    throw new AppError('invalid', detail, { problem: 'gzip_broken', cause })
  } finally {
    input.destroy()
    unpacker.destroy()
  }
}

const headBytes = 512

/** The first bytes, and all bytes with them. */
async function peek(bytes: AsyncIterable<Uint8Array>): Promise<{ head: Buffer; all: AsyncIterable<Buffer> }> {
  const iterator = bytes[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let size = 0
  while (size < headBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
    first.push(chunk)
    size += chunk.length
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* first
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
      }
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(first).subarray(0, headBytes), all: all() }
}
