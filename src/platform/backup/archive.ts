import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { AppError } from '#kernel/errors.ts'
import { openChunks, sealChunks } from '#kernel/sealed-chunks.ts'
import type { MasterKey } from '../secrets/port.ts'
import type { BackupEntry, BackupHead } from './port.ts'

/*
 * One file: the head as a line of JSON, then entries, gzipped and sealed under a key of this backup's own, which the head holds
 * wrapped by the master key. An entry is a line of JSON (path and size) and its bytes; a line with an empty path ends them.
 */
const headMax = 8192
const lineEnd = 10
const keyName = (madeAt: string) => `backup|${madeAt}`

type Keys = Pick<MasterKey, 'wrap' | 'unwrap'>

/** Writes a backup whole or not at all; answers its bytes. */
export async function writeBackup(
  file: string,
  master: Keys,
  head: Omit<BackupHead, 'format' | 'key'>,
  entries: AsyncIterable<BackupEntry>,
): Promise<number> {
  const key = randomBytes(32)
  const first: BackupHead = {
    format: 'smartreturns-backup/1',
    ...head,
    key: await master.wrap(key, keyName(head.madeAt)),
  }
  const draft = `${file}.part`
  async function* sealed(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${JSON.stringify(first)}\n`)
    yield* sealChunks(key, Readable.from(packed(entries), { objectMode: false }).pipe(createGzip({ level: 1 })))
  }
  try {
    await pipeline(sealed, createWriteStream(draft, { mode: 0o600, flags: 'wx' }))
    const handle = await open(draft, 'r+')
    await handle.sync()
    const { size } = await handle.stat()
    await handle.close()
    await rename(draft, file)
    return size
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') await rm(draft, { force: true })
    throw error
  }
}

async function* packed(entries: AsyncIterable<BackupEntry>): AsyncGenerator<Uint8Array> {
  for await (const { path, size, bytes } of entries) {
    yield Buffer.from(`${JSON.stringify({ path, size })}\n`)
    let written = 0
    for await (const chunk of bytes) {
      written += chunk.length
      yield chunk
    }
    if (written !== size) throw new Error(`${path} has ${written} bytes, and ${size} were announced`)
  }
  yield Buffer.from(`${JSON.stringify({ path: '', size: 0 })}\n`)
}

function unreadable(file: string, cause?: unknown): AppError {
  return new AppError('invalid', `${file} is no backup of this program, or it was changed or cut off`, {
    problem: 'backup_unreadable',
    cause,
  })
}

export async function readHead(file: string): Promise<BackupHead & { readonly bytes: number }> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headMax), 0, headMax, 0)
    const end = buffer.subarray(0, bytesRead).indexOf(lineEnd)
    if (end < 0) throw unreadable(file)
    const head = parsed(buffer.subarray(0, end), () => unreadable(file)) as BackupHead
    if (head.format !== 'smartreturns-backup/1') throw unreadable(file)
    return { ...head, bytes: end + 1 }
  } finally {
    await handle.close()
  }
}

function parsed(text: Buffer, fault: () => Error): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    throw fault()
  }
}

/** Hands over every entry in turn, to be read to its end. Throws where anything is not as it was written. */
export async function readBackup(
  file: string,
  master: Keys,
  take: (entry: BackupEntry) => Promise<void>,
): Promise<BackupHead> {
  const head = await readHead(file)
  const key = await master.unwrap(head.key, keyName(head.madeAt))
  const sealed = createReadStream(file, { start: head.bytes })
  const plain = Readable.from(
    openChunks(key, sealed, (cause) => unreadable(file, cause)),
    { objectMode: false },
  )
  const unzipped = createGunzip()
  // An error of either ends the other, and reaches who reads.
  const feeding = pipeline(plain, unzipped)
  feeding.catch(() => undefined)
  const reader = readerOf(unzipped)
  for (;;) {
    const line = await reader.line()
    if (line === null) break
    const { path, size } = parsed(line, () => unreadable(file)) as { path: string; size: number }
    if (path === '') {
      // To the end: the last chunk tells that nothing was cut off.
      await reader.skip()
      await feeding
      return head
    }
    await take({ path, size, bytes: reader.take(size) })
  }
  await feeding
  throw unreadable(file)
}

function readerOf(stream: AsyncIterable<Buffer>) {
  const iterator = stream[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  async function more(): Promise<boolean> {
    const next = await iterator.next()
    if (next.done === true) return false
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value])
    return true
  }
  return {
    line: async (): Promise<Buffer | null> => {
      for (;;) {
        const end = held.indexOf(lineEnd)
        if (end >= 0) {
          const line = held.subarray(0, end)
          held = held.subarray(end + 1)
          return line
        }
        if (held.length > headMax || !(await more())) return null
      }
    },
    take: async function* (size: number): AsyncGenerator<Buffer> {
      for (let left = size; left > 0;) {
        if (held.length === 0 && !(await more())) throw new Error(`${left} bytes are missing`)
        const chunk = held.subarray(0, left)
        held = held.subarray(chunk.length)
        left -= chunk.length
        yield chunk
      }
    },
    skip: async () => {
      do held = Buffer.alloc(0)
      while (await more())
    },
  }
}
