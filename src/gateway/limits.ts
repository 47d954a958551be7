import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * How long a caller may take with each part of a request. Fastify's and Node's own limits are none, or minutes. What
 * sends or takes slowly is cut within 30 s, the rhythm of the look included.
 */
export const timeouts = {
  /** All headers, from the first byte of the connection. */
  headersMs: 10_000,
  /** Headers and body. 10 MiB within it ask for 3.4 Mbit/s. */
  requestMs: 25_000,
  /** How often Node looks for those two. */
  lookMs: 2_500,
  /** From the headers to the answer. Above the longest wait of a batch, below that of load balancers. */
  handlerMs: 27_000,
  /** A bulk body is answered line by line while it is worked on. */
  bulkMs: 1_800_000,
  /** Nothing sent, nothing taken. */
  silenceMs: 28_000,
  /** For taking an answer of more than `socketBytes`. */
  answerMs: 28_000,
  /** Longer than the 60 s of common load balancers, so that they close first. */
  keepAliveMs: 72_000,
} as const

/** About what the buffers of a socket hold: a smaller answer waits for nobody. */
const socketBytes = 131_072
const connectionsMax = 10_000
const headersMax = 100
const depthMax = 64

export const serverLimits = {
  requestTimeout: timeouts.requestMs,
  handlerTimeout: timeouts.handlerMs,
  connectionTimeout: timeouts.silenceMs,
  keepAliveTimeout: timeouts.keepAliveMs,
  forceCloseConnections: 'idle',
  // What came in before the connection closes is served.
  return503OnClosing: false,
  http: { headersTimeout: timeouts.headersMs, connectionsCheckingInterval: timeouts.lookMs, maxHeaderSize: 16_384 },
  routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
  clientErrorHandler: refuseUnparsed,
} as const

const unparsed: Readonly<Record<string, readonly [status: number, code: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout'],
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'too_large'],
}

/** What is no HTTP, or never becomes it, is told so, and the connection ends. */
function refuseUnparsed(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, code] = unparsed[error.code ?? ''] ?? [400, 'http_malformed']
  const title = STATUS_CODES[status]
  const body = JSON.stringify({ type: `/api/docs/problems#${code}`, title, status, code })
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  socket.destroySoon()
}

/** Ends the connection of who does not take an answer in time. */
export function boundAnswer(response: ServerResponse): void {
  const timer = setTimeout(() => response.destroy(), timeouts.answerMs).unref()
  response.once('close', () => clearTimeout(timer))
}

export function installLimits(app: FastifyInstance): void {
  app.server.maxConnections = connectionsMax
  app.server.maxHeadersCount = headersMax
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
    const isStream = payload !== null && typeof payload === 'object' && 'pipe' in payload
    if (bytes > socketBytes || (isStream && request.routeOptions.handlerTimeout !== timeouts.bulkMs))
      boundAnswer(reply.raw)
    done(null, payload)
  })
}

/** Whether a JSON text nests deeper than anything that we take: what would overflow the stack of who walks it. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isString) {
      if (code === 92) at += 1
      else if (code === 34) isString = false
    } else if (code === 34) isString = true
    else if (code === 123 || code === 91) {
      if (++depth > depthMax) return true
    } else if (code === 125 || code === 93) depth -= 1
  }
  return false
}
