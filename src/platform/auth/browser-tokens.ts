import { errors, jwtVerify, SignJWT } from 'jose'
import { randomUUID } from 'node:crypto'

export const deviceDays = 365
export const ticketSeconds = 600
const issuer = 'smartreturns'

/** What has been shown so far on the way in: the first factor. It opens nothing by itself. */
export type Ticket = {
  readonly userId: string
  /** A change of rights or password makes the ticket worthless. */
  readonly epoch: number
  readonly method: 'password' | 'company'
  readonly step: 'second_factor' | 'second_factor_setup'
}

/** Tokens that only we read: signed by a key of 256 bits (HS256), each kind by its own type and audience. */
export type BrowserTokens = {
  /** What a browser keeps to be known as one that this user has signed in from. */
  readonly signDevice: (userId: string, nowMs: number) => Promise<string>
  /** The id of a device of this user; null for anything else. */
  readonly readDevice: (token: string, userId: string, nowMs: number) => Promise<string | null>
  readonly signTicket: (ticket: Ticket, nowMs: number) => Promise<string>
  readonly readTicket: (token: string, nowMs: number) => Promise<Ticket | null>
}

const kinds = {
  device: { typ: 'device+jwt', audience: 'smartreturns-device' },
  ticket: { typ: 'ticket+jwt', audience: 'smartreturns-ticket' },
} as const

export function openBrowserTokens(key: Uint8Array): BrowserTokens {
  if (key.length < 32) throw new Error('a key of at least 256 bits is needed')

  const sign = (
    kind: keyof typeof kinds,
    claims: { readonly subject: string; readonly more: Record<string, unknown>; readonly until: number },
  ) =>
    new SignJWT({ ...claims.more })
      .setProtectedHeader({ alg: 'HS256', typ: kinds[kind].typ })
      .setIssuer(issuer)
      .setAudience(kinds[kind].audience)
      .setSubject(claims.subject)
      .setJti(randomUUID())
      .setExpirationTime(claims.until)
      .sign(key)

  /** Null for anything but a good token of ours: no failure, only no privilege. */
  const read = async (kind: keyof typeof kinds, token: string, nowMs: number) => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        typ: kinds[kind].typ,
        issuer,
        audience: kinds[kind].audience,
        currentDate: new Date(nowMs),
        requiredClaims: ['sub', 'exp', 'jti'],
      })
      return payload
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }

  return {
    signDevice: (userId, nowMs) =>
      sign('device', { subject: userId, more: {}, until: Math.floor(nowMs / 1000) + deviceDays * 86_400 }),
    readDevice: async (token, userId, nowMs) => {
      const payload = await read('device', token, nowMs)
      return payload === null || payload.sub !== userId ? null : payload.jti!
    },
    signTicket: ({ userId, epoch, method, step }, nowMs) =>
      sign('ticket', {
        subject: userId,
        more: { epo: epoch, met: method, stp: step },
        until: Math.floor(nowMs / 1000) + ticketSeconds,
      }),
    readTicket: async (token, nowMs) => {
      const payload = await read('ticket', token, nowMs)
      if (payload === null) return null
      // Signed by us, so of the shape that we gave them.
      const { epo, met, stp } = payload as { epo: number; met: Ticket['method']; stp: Ticket['step'] }
      return { userId: payload.sub!, epoch: epo, method: met, step: stp }
    },
  }
}
