import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { AppError } from '#kernel/errors.ts'
import type { Metrics } from '#platform/telemetry/port.ts'

/** One call to an outside system. `operation` names it in errors and metrics: addresses may hold ids and secrets. */
export type HttpCall = {
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the system's base address, with its query. */
  readonly path: string
  /** Sent as JSON, unless it is bytes. */
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** Whether a second time does no harm; of GET that is so. */
  readonly isRepeatable?: boolean
  /** Statuses besides 2xx whose answer the caller wants to read. */
  readonly expected?: readonly number[]
}

export type HttpAnswer<T> = { readonly status: number; readonly body: T }

/** Calls to one outside system. Every failure is `AppError('unavailable')`, its `problem` one of `httpProblems` or `status_<n>`. */
export type Http = {
  readonly json: (call: HttpCall) => Promise<HttpAnswer<unknown>>
  readonly text: (call: HttpCall) => Promise<HttpAnswer<string>>
  readonly bytes: (call: HttpCall) => Promise<HttpAnswer<Uint8Array>>
}

export const httpProblems = ['timeout', 'unreachable', 'reset', 'too_large', 'not_json'] as const

export type HttpSettings = {
  readonly system: string
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly bytesMax: number
  /** Such as credentials; never shown in errors. */
  readonly headers?: Readonly<Record<string, string>>
  readonly metrics: Pick<Metrics, 'observe'>
}

/** A failure that the same call may not meet a moment later. */
export function isTransient(error: unknown): boolean {
  return error instanceof AppError && /^(unreachable|reset|status_(429|500|502|503|504))$/.test(error.problem)
}

// Not `fetch`: it refuses ports of its own list, and the usual port of Feast, 6566, is on it.
const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) }

/** The one way out of this program over HTTP: limited in time and size, no redirects, nothing of the answer in errors. */
export function openHttp(settings: HttpSettings): Http {
  const base = settings.baseUrl.replace(/\/+$/, '')
  const isSecure = base.startsWith('https:')

  async function ask(call: HttpCall): Promise<HttpAnswer<Uint8Array> & { readonly type: string }> {
    const startedAt = performance.now()
    const limit = AbortSignal.timeout(settings.timeoutMs)
    const signal = call.signal === undefined ? limit : AbortSignal.any([call.signal, limit])
    let outcome = 'ok'
    try {
      const response = await send(call, base + call.path, signal)
      const status = response.statusCode ?? 0
      if ((status < 200 || status > 299) && call.expected?.includes(status) !== true) {
        response.destroy()
        throw failure(call, `status_${status}`, `answered ${status}`)
      }
      const body = await readBounded(response, settings.bytesMax, () =>
        failure(call, 'too_large', `answered more than ${settings.bytesMax} bytes`),
      )
      return { status, body, type: response.headers['content-type'] ?? '' }
    } catch (error) {
      const told = error instanceof AppError ? error : transportFailure(call, signal, error)
      outcome = told.problem
      throw told
    } finally {
      settings.metrics.observe('smartreturns_outgoing_seconds', 'Calls to outside systems', since(startedAt), {
        system: settings.system,
        operation: call.operation,
        outcome,
      })
    }
  }

  function send(call: HttpCall, url: string, signal: AbortSignal): Promise<IncomingMessage> {
    const isBytes = call.body instanceof Uint8Array
    const body = call.body === undefined ? null : isBytes ? call.body : Buffer.from(JSON.stringify(call.body))
    const type = isBytes ? 'application/octet-stream' : 'application/json'
    const headers = {
      accept: 'application/json',
      ...(body === null ? {} : { 'content-type': type, 'content-length': String((body as Uint8Array).length) }),
      ...settings.headers,
    }
    return new Promise((resolve, reject) => {
      const options = { method: call.method, headers, signal, agent: isSecure ? agents.https : agents.http }
      const request = (isSecure ? https : http).request(url, options, resolve)
      request.on('error', reject)
      request.end(body)
    })
  }

  function transportFailure(call: HttpCall, signal: AbortSignal, error: unknown): AppError {
    if (signal.aborted) return failure(call, 'timeout', `no answer in time (${settings.timeoutMs} ms at most)`)
    const code = codeOf(error)
    const isReset = code === 'ECONNRESET' || code === 'EPIPE'
    return failure(call, isReset ? 'reset' : 'unreachable', code === null ? 'no connection' : `no connection (${code})`)
  }

  function failure(call: HttpCall, problem: string, detail: string): AppError {
    return new AppError('unavailable', `${settings.system}: ${call.operation} ${detail}`, { problem })
  }

  return {
    json: async (call) => {
      const { status, body, type } = await ask(call)
      if (body.length === 0) return { status, body: null }
      if (!/[/+]json\b/.test(type)) throw failure(call, 'not_json', `answered ${type === '' ? 'no media type' : type}`)
      try {
        return { status, body: JSON.parse(decoder.decode(body)) as unknown }
      } catch {
        throw failure(call, 'not_json', 'answered text that is not JSON')
      }
    },
    text: async (call) => {
      const { status, body } = await ask(call)
      return { status, body: decoder.decode(body) }
    },
    bytes: ask,
  }
}

const decoder = new TextDecoder()

function since(startedAt: number): number {
  return (performance.now() - startedAt) / 1000
}

/** What the operating system or the client says of a failed connection. */
function codeOf(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return null
}

/** Reads no more than it may, whatever length was promised. */
async function readBounded(response: IncomingMessage, bytesMax: number, tooLarge: () => AppError): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = Number(response.headers['content-length'] ?? 0) > bytesMax ? Number.POSITIVE_INFINITY : 0
  if (size > bytesMax) response.destroy()
  // Leaving the loop ends the connection.
  else
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > bytesMax) break
      chunks.push(chunk)
    }
  if (size > bytesMax) throw tooLarge()
  return Buffer.concat(chunks, size)
}
