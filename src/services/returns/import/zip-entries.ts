import type { Readable } from 'node:stream'
import { fromBuffer, type Entry, type ZipFile } from 'yauzl'
import { AppError } from '#kernel/errors.ts'

/** The parts of a ZIP archive, read one by one; what they unpack to is counted together. */
export type ZipEntries = {
  readonly has: (name: string) => boolean
  /** Throws `unpack_ratio` when all that was read grows beyond the bound. */
  readonly read: (name: string) => AsyncGenerator<Buffer>
  readonly close: () => void
}

const entriesMax = 2000

function broken(cause: unknown): AppError {
  const detail = 'the workbook is broken: open it, save it again, and hand in the new file'
  return new AppError('invalid', detail, { problem: 'workbook_broken', cause })
}

/** Opens an archive that is in memory. `unpackedMax` bounds the sum of all that is unpacked. */
export async function openZip(bytes: Buffer, unpackedMax: number): Promise<ZipEntries> {
  const { zip, entries } = await readDirectory(bytes)
  let unpacked = 0
  async function* read(name: string): AsyncGenerator<Buffer> {
    const entry = entries.get(name)
    if (entry === undefined) throw broken(new Error(`no part ${name}`))
    const stream = await openEntry(zip, entry)
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        unpacked += chunk.length
        if (unpacked > unpackedMax) {
          const detail =
            'unpacked the workbook is far larger than it may be: save the sheet as "CSV UTF-8" and hand in that'
          throw new AppError('too_large', detail, { problem: 'unpack_ratio' })
        }
        yield chunk
      }
    } catch (error) {
      throw error instanceof AppError ? error : broken(error)
    } finally {
      stream.destroy()
    }
  }
  return { has: (name) => entries.has(name), read, close: () => zip.close() }
}

function readDirectory(bytes: Buffer): Promise<{ zip: ZipFile; entries: Map<string, Entry> }> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error !== null) {
        reject(broken(error))
        return
      }
      const entries = new Map<string, Entry>()
      zip.on('error', (failure) => reject(broken(failure)))
      zip.on('entry', (entry: Entry) => {
        entries.set(entry.fileName, entry)
        if (entries.size > entriesMax) reject(broken(new Error('too many parts')))
        else zip.readEntry()
      })
      zip.on('end', () => resolve({ zip, entries }))
      zip.readEntry()
    })
  })
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream)
      else reject(broken(error))
    })
  })
}
