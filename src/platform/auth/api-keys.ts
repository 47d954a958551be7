import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function base62(length: number): string {
  let text = ''
  while (text.length < length) {
    // 248 = 4 x 62: bytes above it would favour the first letters.
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += alphabet[byte % 62]
  }
  return text
}

function crc(text: string): string {
  let value = crc32(text)
  let out = ''
  for (let i = 0; i < 6; i++) {
    out = alphabet[value % 62] + out
    value = Math.floor(value / 62)
  }
  return out
}

/** The key with its checksum, so that a typing error and a search for leaked keys need no look-up. */
export function withChecksum(body: string): string {
  return `${body}_${crc(body)}`
}

export type NewKey = { readonly id: string; readonly text: string; readonly secretHash: Buffer }
export type ReadKey = { readonly environment: 'live' | 'test'; readonly id: string; readonly secretHash: Buffer }

/** `sr_<live|test>_<8 id>_<32 random base62>_<crc>`: only the id and a SHA-256 of the secret are kept. */
export function newApiKey(environment: 'live' | 'test'): NewKey {
  const id = base62(8)
  const secret = base62(32)
  const body = `sr_${environment}_${id}_${secret}`
  return { id, text: withChecksum(body), secretHash: createHash('sha256').update(secret).digest() }
}

/** Reads a key; null when its shape or its checksum is wrong, so that a typing error costs no look-up. */
export function readApiKey(text: string): ReadKey | null {
  const match = /^(sr_(live|test)_([0-9A-Za-z]{8})_([0-9A-Za-z]{32}))_([0-9A-Za-z]{6})$/.exec(text)
  if (match === null || withChecksum(match[1]!) !== text) return null
  return {
    environment: match[2] as 'live' | 'test',
    id: match[3]!,
    secretHash: createHash('sha256').update(match[4]!).digest(),
  }
}

export function isSameSecret(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
