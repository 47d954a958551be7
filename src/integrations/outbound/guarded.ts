import { lookup } from 'node:dns/promises'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { AppError } from '#kernel/errors.ts'
import type { Metrics } from '#platform/telemetry/port.ts'
import { isLoopbackAddress, isPublicAddress, literalAddress, readUrl, refusedUrl } from './addresses.ts'
import type { Outbound, OutboundAnswer, OutboundCall } from './port.ts'

export type GuardedSettings = {
  /** Tests and development: this machine may be called, and by http. Never anything else that is not public. */
  readonly allowsLoopback: boolean
  readonly metrics: Pick<Metrics, 'count' | 'observe'>
  readonly timeoutMs?: number
  readonly bytesMax?: number
  /** All addresses of a name; the system's resolver when absent. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  /** Certificate authorities besides those that Node knows. */
  readonly ca?: string
}

const defaults = { timeoutMs: 5_000, bytesMax: 1_048_576 } as const

async function systemAddresses(host: string): Promise<string[]> {
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)
}

/**
 * Resolves a name once, refuses unless every address of it is public, and connects to the very addresses that were looked
 * at: a name that is another one a moment later (DNS rebinding) leads nowhere else. A new connection for each call.
 */
export function openGuardedOutbound(settings: GuardedSettings): Outbound {
  const { allowsLoopback, metrics, resolve = systemAddresses } = settings
  const { timeoutMs, bytesMax } = { ...defaults, ...settings }

  async function addressesOf(url: URL): Promise<readonly string[]> {
    const literal = literalAddress(url)
    const addresses = literal === null ? await resolved(url.hostname) : [literal]
    const isFine = (address: string) => isPublicAddress(address) || (allowsLoopback && isLoopbackAddress(address))
    if (addresses.length === 0 || !addresses.every(isFine))
      throw refusedUrl('url_address_refused', `${url.hostname} is no address of the public internet`)
    if (url.protocol === 'http:' && !addresses.every(isLoopbackAddress))
      throw refusedUrl('url_not_https', 'the address must begin with https://')
    return addresses
  }

  async function resolved(host: string): Promise<readonly string[]> {
    try {
      return await within(timeoutMs, resolve(host))
    } catch (error) {
      throw refusedUrl('url_host_unknown', `the name ${host} leads to no address`, error)
    }
  }

  async function looked(text: string): Promise<{ readonly url: URL; readonly addresses: readonly string[] }> {
    try {
      const url = readUrl(text, settings)
      return { url, addresses: await addressesOf(url) }
    } catch (error) {
      const problem = error instanceof AppError ? error.problem : 'defect'
      metrics.count('smartreturns_outbound_refused_total', 'Addresses given by people that are not called', { problem })
      throw error
    }
  }

  async function call(asked: OutboundCall): Promise<OutboundAnswer> {
    const startedAt = performance.now()
    let outcome = 'ok'
    try {
      const { url, addresses } = await looked(asked.url)
      const signal = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt))))
      try {
        const response = await send(asked, url, addresses, signal, settings.ca)
        const body = asked.readsBody ? await readBounded(response, bytesMax) : null
        response.destroy()
        return { status: response.statusCode ?? 0, headers: headersOf(response), body }
      } catch (error) {
        throw error instanceof AppError ? error : failure(error, signal, timeoutMs)
      }
    } catch (error) {
      outcome = error instanceof AppError ? error.problem : 'defect'
      throw error
    } finally {
      metrics.observe(
        'smartreturns_outbound_seconds',
        'Calls to addresses given by people',
        (performance.now() - startedAt) / 1000,
        { outcome },
      )
    }
  }

  return { engine: 'guarded', check: async (text) => void (await looked(text)), call }
}

function send(
  { method, headers, body }: OutboundCall,
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
  ca: string | undefined,
): Promise<IncomingMessage> {
  const pinned = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const toPinned: LookupFunction = (_host, options, done) =>
    options.all === true ? done(null, pinned) : done(null, pinned[0]!.address, pinned[0]!.family)
  const options = {
    method,
    signal,
    agent: false as const,
    lookup: toPinned,
    headers: {
      'user-agent': 'SmartReturns',
      ...headers,
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    },
  }
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? https.request(url, { ...options, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) }, resolve)
        : http.request(url, options, resolve)
    request.on('error', reject)
    request.end(body)
  })
}

async function readBounded(response: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax)
      throw new AppError('unavailable', `it answered more than ${bytesMax} bytes`, { problem: 'too_large' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

function headersOf(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value
      return first === undefined ? [] : [[name, first]]
    }),
  )
}

const certificateCodes = /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_SSL_)/

function failure(error: unknown, signal: AbortSignal, timeoutMs: number): AppError {
  const say = (problem: string, detail: string) => new AppError('unavailable', detail, { problem, cause: error })
  if (signal.aborted) return say('timeout', `no answer in ${timeoutMs} ms`)
  const { code } = error as { code?: string }
  if (code !== undefined && certificateCodes.test(code)) return say('certificate_invalid', `no trusted TLS (${code})`)
  if (code === 'ECONNRESET' || code === 'EPIPE') return say('reset', 'the connection was cut')
  return say('unreachable', code === undefined ? 'no connection' : `no connection (${code})`)
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`it took more than ${ms} ms`)), ms)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
