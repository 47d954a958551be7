import { createCipheriv, createDecipheriv } from 'node:crypto'
import { AppError } from './errors.ts'

/*
 * Bytes of any length under a key of their own: chunks of AES-256-GCM whose nonce counts, and of which the last one is marked, so
 * that no chunk can be moved, left out or cut off unseen (the STREAM construction).
 */
const nonceBytes = 12
const tagBytes = 16
const chunkBytes = 65_536
const sealedChunkBytes = chunkBytes + tagBytes

/** `key` must serve for these bytes alone: the nonces begin at zero. */
export async function* sealChunks(key: Buffer, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let index = 0
  for await (const { chunk, isLast } of cut(bytes, chunkBytes)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index++, isLast), { authTagLength: tagBytes })
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()])
  }
}

/** What `sealChunks` was given; throws what `unreadable` makes where a byte is another one, or missing. */
export async function* openChunks(
  key: Buffer,
  sealed: AsyncIterable<Uint8Array>,
  unreadable: (cause: unknown) => Error,
): AsyncGenerator<Buffer> {
  let index = 0
  for await (const { chunk, isLast } of cut(sealed, sealedChunkBytes)) {
    let plain: Buffer
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index++, isLast), { authTagLength: tagBytes })
      decipher.setAuthTag(chunk.subarray(chunk.length - tagBytes))
      plain = Buffer.concat([decipher.update(chunk.subarray(0, chunk.length - tagBytes)), decipher.final()])
    } catch (cause) {
      throw unreadable(cause)
    }
    yield plain
  }
}

function nonceOf(index: number, isLast: boolean): Buffer {
  if (index > 0xffff_ffff) throw new AppError('too_large', 'more than can be sealed under one key')
  const nonce = Buffer.alloc(nonceBytes)
  nonce.writeUInt32BE(index, 7)
  nonce[11] = isLast ? 1 : 0
  return nonce
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
