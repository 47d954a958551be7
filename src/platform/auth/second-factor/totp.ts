import { createHmac, timingSafeEqual } from 'node:crypto'

/** What every authenticator app takes without asking (RFC 6238): SHA-1, six digits, thirty seconds. */
const stepSeconds = 30
const digits = 6
/** A clock may be one step off, in either direction. */
const stepsOff = 1

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      text += alphabet[(value >>> (bits - 5)) & 31]
      bits -= 5
    }
    value &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + alphabet[(value << (5 - bits)) & 31]
}

export function stepAt(atMs: number): number {
  return Math.floor(atMs / 1000 / stepSeconds)
}

export function codeOf(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = mac[mac.length - 1]! & 15
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits
  return String(number).padStart(digits, '0')
}

/** The step that this code is of; null when it is of none near now, or of one that was used before. */
export function matchStep(
  secret: Uint8Array,
  code: string,
  when: { readonly nowMs: number; readonly lastStep: number },
): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const now = stepAt(when.nowMs)
  let found: number | null = null
  // All are compared, so that the time tells nothing.
  for (let step = now - stepsOff; step <= now + stepsOff; step++) {
    const isSame = timingSafeEqual(Buffer.from(codeOf(secret, step)), Buffer.from(code))
    if (isSame && step > when.lastStep) found = step
  }
  return found
}

/** The address that authenticator apps read from a QR code. All else is what they take anyway, and would make it denser. */
export function otpauthUri(account: string, secret: string): string {
  const label = `${encodeURIComponent('SmartReturns')}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${secret}&issuer=SmartReturns`
}
