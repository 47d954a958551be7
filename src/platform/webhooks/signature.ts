import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { reject, type Outcome } from '#kernel/outcome.ts'

const prefix = 'whsec_'
const secretBytes = 32
const toleranceSeconds = 300

/** Standard Webhooks: `whsec_` and the key in base64. */
export function newWebhookSecret(): string {
  return prefix + randomBytes(secretBytes).toString('base64')
}

function mac(secret: string, id: string, seconds: number, body: Uint8Array | string): Buffer {
  const key = Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64')
  return createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest()
}

export type WebhookHeaders = {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** The headers of one attempt, signed with every live secret, so that a receiver can change over at its own time. */
export function signWebhook(secrets: readonly string[], id: string, atMs: number, body: string): WebhookHeaders {
  const seconds = Math.floor(atMs / 1000)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': secrets.map((secret) => `v1,${mac(secret, id, seconds, body).toString('base64')}`).join(' '),
  }
}

/**
 * Checks a webhook that came in: on its raw bytes, against every live secret, at most 5 minutes old or early. Answers its
 * id; the caller takes each id once (`takeOnce`), or a copy within the 5 minutes would have its effect again.
 */
export function verifyWebhook(
  secrets: readonly string[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Uint8Array,
  nowMs: number,
): Outcome<{ readonly id: string }> {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    const value = headers[name]
    return typeof value === 'string' ? value : ''
  }) as [string, string, string]
  const wrong = (code: string, detail: string) => reject('unauthenticated', code, detail)
  if (!/^[\w-]{1,255}$/.test(id) || !/^\d{1,12}$/.test(time) || signatures === '')
    return wrong('webhook_unsigned', 'webhook-id, webhook-timestamp or webhook-signature is missing or malformed')
  const seconds = Number(time)
  if (Math.abs(nowMs / 1000 - seconds) > toleranceSeconds)
    return wrong('webhook_stale', `webhook-timestamp is more than ${toleranceSeconds} s away`)
  const expected = secrets.map((secret) => mac(secret, id, seconds, body))
  const isGenuine = signatures.split(' ').some((part) => {
    const given = part.startsWith('v1,') ? Buffer.from(part.slice(3), 'base64') : null
    return given !== null && expected.some((own) => own.length === given.length && timingSafeEqual(own, given))
  })
  return isGenuine ? { ok: true, value: { id } } : wrong('webhook_forged', 'no signature is of one of our secrets')
}
