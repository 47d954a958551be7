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

/** The one way out of this program over HTTP: limited in time and size, no redirects, nothing of the answer in errors. */
export function openHttp(settings: HttpSettings): Http {
  const base = settings.baseUrl.replace(/\/+$/, '')

  async function ask(call: HttpCall): Promise<HttpAnswer<Uint8Array> & { readonly type: string }> {
    const startedAt = performance.now()
    const limit = AbortSignal.timeout(settings.timeoutMs)
    const signal = call.signal === undefined ? limit : AbortSignal.any([call.signal, limit])
    const isBytes = call.body instanceof Uint8Array
    let outcome = 'ok'
    try {
      const response = await fetch(base + call.path, {
        method: call.method,
        redirect: 'error',
        signal,
        headers: {
          accept: 'application/json',
          ...(call.body === undefined
            ? {}
            : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
          ...settings.headers,
        },
        ...(call.body === undefined
          ? {}
          : { body: isBytes ? (call.body as Uint8Array<ArrayBuffer>) : JSON.stringify(call.body) }),
      })
      if (!response.ok && call.expected?.includes(response.status) !== true) {
        await response.body?.cancel()
        throw failure(call, `status_${response.status}`, `answered ${response.status}`)
      }
      const body = await readBounded(response, settings.bytesMax, () =>
        failure(call, 'too_large', `answered more than ${settings.bytesMax} bytes`),
      )
      return { status: response.status, body, type: response.headers.get('content-type') ?? '' }
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

  function transportFailure(call: HttpCall, signal: AbortSignal, error: unknown): AppError {
    if (signal.aborted) return failure(call, 'timeout', `no answer in time (${settings.timeoutMs} ms at most)`)
    const code = codeOf(error)
    const isReset = code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE'
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
async function readBounded(response: Response, bytesMax: number, tooLarge: () => AppError): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array()
  const promised = Number(response.headers.get('content-length') ?? 0)
  if (promised > bytesMax) {
    await response.body.cancel()
    throw tooLarge()
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    // Leaving the loop cancels the stream.
    if (size > bytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}
