import { randomFillSync } from 'node:crypto'
import { checkCharacter } from './codes.ts'

const pool = Buffer.alloc(4096)
let used = pool.length
let lastMs = 0
let sequence = 0

function random(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.subarray(used - bytes, used)
}

const hex: string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A UUIDv7 (RFC 9562) for the instant `atMs`; ids made by one process in one millisecond still sort in order. */
export function uuidv7(atMs: number): string {
  if (atMs > lastMs) {
    lastMs = atMs
    sequence = random(2).readUInt16BE() & 0x7ff
  } else {
    sequence += 1
    if (sequence > 0xfff) {
      lastMs += 1
      sequence = 0
    }
  }
  const ms = lastMs
  const tail = random(8)
  const high = Math.floor(ms / 2 ** 16)
  const low = ms % 2 ** 16
  const h = (n: number) => hex[n]!
  return (
    h((high >>> 24) & 255) +
    h((high >>> 16) & 255) +
    h((high >>> 8) & 255) +
    h(high & 255) +
    '-' +
    h(low >>> 8) +
    h(low & 255) +
    '-' +
    h(0x70 | (sequence >>> 8)) +
    h(sequence & 255) +
    '-' +
    h(0x80 | (tail[0]! & 0x3f)) +
    h(tail[1]!) +
    '-' +
    h(tail[2]!) +
    h(tail[3]!) +
    h(tail[4]!) +
    h(tail[5]!) +
    h(tail[6]!) +
    h(tail[7]!)
  )
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Crockford base 32: no I, L, O, U, so that a code survives being read aloud or typed. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
function randomCode(length: number): string {
  let code = ''
  const bytes = random(length)
  for (let i = 0; i < length; i++) code += alphabet[bytes[i]! & 31]
  return code
}

// A check character of '*' is drawn again: it is awkward in file names and on keyboards.
function codeWithCheck(prefix: string, length: number): string {
  for (;;) {
    const body = randomCode(length)
    const check = checkCharacter(prefix + body)
    if (check !== '*') return `${prefix}-${body}${check}`
  }
}

/** Licence plate of one unit: `LP-` + 10 random characters + check character (50 bits: no collision worth fearing). */
export function newLpn(): string {
  return codeWithCheck('LP', 10)
}

/** Return merchandise authorisation, shared by the units of one request: `RMA-` + 8 characters + check character. */
export function newRmaNumber(): string {
  return codeWithCheck('RMA', 8)
}
