import { randomFillSync } from 'node:crypto'

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
const checkAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*'

/** ISO 7064 MOD 37,2 check character: finds every single wrong character and every transposed pair. */
export function checkCharacter(code: string): string {
  let sum = 0
  for (const char of code) {
    const value = checkAlphabet.indexOf(char)
    if (value < 0 || value > 35) throw new Error(`not a code character: ${char}`)
    sum = ((sum + value) * 2) % 37
  }
  return checkAlphabet[(38 - sum) % 37]!
}

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

export type CodeReading = { readonly kind: 'lpn' | 'rma'; readonly code: string; readonly isIntact: boolean }

/**
 * Reads what a scanner or a person gave as one of our own codes: case, spaces and hyphens do not matter.
 * `null` when it has not the shape of one; `isIntact: false` when the check character says it was misread.
 */
export function readOwnCode(text: string): CodeReading | null {
  const bare = text.toUpperCase().replaceAll(/[\s-]/g, '')
  const match = /^(LP|RMA)([0-9A-Z]{9,11})$/.exec(bare)
  if (!match) return null
  const kind = match[1] === 'LP' ? 'lpn' : 'rma'
  const rest = match[2]!
  if (rest.length !== (kind === 'lpn' ? 11 : 9)) return null
  const body = rest.slice(0, -1)
  return { kind, code: `${match[1]}-${rest}`, isIntact: checkCharacter(match[1] + body) === rest.at(-1) }
}
