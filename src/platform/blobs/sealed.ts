import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { openChunks, sealChunks } from '#kernel/sealed-chunks.ts'
import type { BlobKeys } from '../secrets/port.ts'
import type { Blobs } from './port.ts'

/*
 * One stored file: a header, then chunks sealed under the file's own key. The header names the wrapping key and holds the
 * file's key under it, bound to the name of the file.
 */
const magic = Buffer.from('SRB1')
const keyIdChars = 12
const nonceBytes = 12
const keyBytes = 32
const tagBytes = 16
const wrappedBytes = nonceBytes + keyBytes + tagBytes
const headerBytes = magic.length + keyIdChars + wrappedBytes

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
    yield* sealChunks(fileKey, piecesOf(bytes))
  }

  async function* opened(key: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    const iterator = bytes[Symbol.asyncIterator]()
    try {
      const { head, rest } = await takeHead(iterator)
      const fileKey = await fileKeyOf(key, head)
      yield* openChunks(fileKey, rest, (cause) => unreadable(key, cause))
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
