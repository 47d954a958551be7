import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { BlobKeys } from '../secrets/port.ts'
import type { Blobs } from './port.ts'

/*
 * One stored file: a header, then chunks. The header names the wrapping key and holds the file's own key under it; each
 * chunk is AES-256-GCM under the file's key, its nonce counts, and the last one is marked, so that no chunk can be
 * moved, left out or cut off unseen (the STREAM construction). Header and chunks are bound to the key of the file.
 */
const magic = Buffer.from('SRB1')
const keyIdChars = 12
const nonceBytes = 12
const keyBytes = 32
const tagBytes = 16
const wrappedBytes = nonceBytes + keyBytes + tagBytes
const headerBytes = magic.length + keyIdChars + wrappedBytes
const chunkBytes = 65_536
const sealedChunkBytes = chunkBytes + tagBytes

const headerContext = (blobKey: string) => Buffer.from(`blob|${blobKey}`)

/** Encrypts what another engine stores. Reads nothing that is not sealed: what an older version left is sealed by `rewrap`. */
export function openSealedBlobs(inner: Blobs, keys: BlobKeys): Blobs {
  async function* sealed(key: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const wrapping = await keys.currentBlobKey()
    const fileKey = randomBytes(keyBytes)
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', wrapping.key, nonce, { authTagLength: tagBytes })
    cipher.setAAD(headerContext(key))
    const wrapped = Buffer.concat([nonce, cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
    yield Buffer.concat([magic, Buffer.from(wrapping.id, 'latin1'), wrapped])
    let index = 0
    for await (const { chunk, isLast } of cut(piecesOf(bytes), chunkBytes))
      yield sealChunk(fileKey, chunk, index++, isLast)
  }

  async function* opened(key: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    const iterator = bytes[Symbol.asyncIterator]()
    try {
      const { head, rest } = await takeHead(iterator)
      const fileKey = await fileKeyOf(key, head)
      let index = 0
      for await (const { chunk, isLast } of cut(rest, sealedChunkBytes))
        yield openChunk(key, fileKey, chunk, index++, isLast)
    } finally {
      await iterator.return?.()
    }
  }

  async function fileKeyOf(key: string, head: Buffer): Promise<Buffer> {
    if (head.length < headerBytes || !head.subarray(0, magic.length).equals(magic)) throw unreadable(key)
    const wrapping = await keys.blobKey(keyIdOf(head))
    if (wrapping === null) throw unreadable(key)
    const wrapped = head.subarray(magic.length + keyIdChars)
    try {
      const decipher = createDecipheriv('aes-256-gcm', wrapping, wrapped.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(headerContext(key))
      decipher.setAuthTag(wrapped.subarray(wrappedBytes - tagBytes))
      return Buffer.concat([decipher.update(wrapped.subarray(nonceBytes, wrappedBytes - tagBytes)), decipher.final()])
    } catch (cause) {
      throw unreadable(key, cause)
    }
  }

  const stream = async (key: string) => {
    const bytes = await inner.stream(key)
    return bytes === null ? null : opened(key, bytes)
  }

  return {
    engine: `${inner.engine}, encrypted`,
    write: (key, bytes) => inner.write(key, sealed(key, bytes)),
    read: async (key) => {
      const chunks = await stream(key)
      if (chunks === null) return null
      const parts: Buffer[] = []
      for await (const chunk of chunks) parts.push(chunk)
      return Buffer.concat(parts)
    },
    stream,
    remove: inner.remove,
    list: inner.list,
    rewrap: async (key) => {
      const bytes = await inner.stream(key)
      if (bytes === null) return false
      const iterator = bytes[Symbol.asyncIterator]()
      const { head, rest } = await takeHead(iterator)
      const isSealed = head.subarray(0, magic.length).equals(magic)
      if (isSealed && keyIdOf(head) === (await keys.currentBlobKey()).id) {
        await iterator.return?.()
        return false
      }
      if (!isSealed) {
        await inner.write(key, sealed(key, joined(head, rest)))
        return true
      }
      await iterator.return?.()
      await inner.write(key, sealed(key, (await stream(key))!))
      return true
    },
    close: inner.close,
  }
}

function unreadable(key: string, cause?: unknown): Error {
  return new Error(`the stored file ${key} is not one that was sealed here, or it was changed`, { cause })
}

const keyIdOf = (head: Buffer) => head.subarray(magic.length, magic.length + keyIdChars).toString('latin1')

/** A file's key serves for this one file, so a counter never repeats a nonce. */
function nonceOf(index: number, isLast: boolean): Buffer {
  if (index > 0xffff_ffff) throw new AppError('too_large', 'a stored file is too large')
  const nonce = Buffer.alloc(nonceBytes)
  nonce.writeUInt32BE(index, 7)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

function sealChunk(key: Buffer, chunk: Buffer, index: number, isLast: boolean): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, isLast), { authTagLength: tagBytes })
  return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()])
}

function openChunk(name: string, key: Buffer, chunk: Buffer, index: number, isLast: boolean): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index, isLast), { authTagLength: tagBytes })
    decipher.setAuthTag(chunk.subarray(chunk.length - tagBytes))
    return Buffer.concat([decipher.update(chunk.subarray(0, chunk.length - tagBytes)), decipher.final()])
  } catch (cause) {
    throw unreadable(name, cause)
  }
}

async function* piecesOf(bytes: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (bytes instanceof Uint8Array) yield bytes
  else yield* bytes
}

async function* joined(head: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* rest
}

/** The header's bytes, and what comes after it; a short file is all header. */
async function takeHead(
  iterator: AsyncIterator<Uint8Array>,
): Promise<{ readonly head: Buffer; readonly rest: AsyncIterable<Uint8Array> }> {
  let start = Buffer.alloc(0)
  while (start.length < headerBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    start = Buffer.concat([start, next.value])
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    yield start.subarray(headerBytes)
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  }
  return { head: start.subarray(0, headerBytes), rest: rest() }
}

/** Pieces of any size as chunks of one; there is always a last one, be it empty. */
async function* cut(
  pieces: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly chunk: Buffer; readonly isLast: boolean }> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const piece of pieces) {
    if (piece.length === 0) continue
    held.push(piece)
    length += piece.length
    if (length <= size) continue
    const all = Buffer.concat(held)
    let at = 0
    for (; all.length - at > size; at += size) yield { chunk: all.subarray(at, at + size), isLast: false }
    held = [all.subarray(at)]
    length = all.length - at
  }
  yield { chunk: Buffer.concat(held), isLast: true }
}
