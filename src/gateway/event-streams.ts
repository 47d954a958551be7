import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import { AppError } from '#kernel/errors.ts'

/** Streams of one process, and of one caller: each holds a connection. */
const streamsMax = 500
const streamsOfOneMax = 12
/** Below the 28 s after which a silent connection is cut, and the 60 s of common proxies. */
const heartbeatMs = 10_000
/** What a reader has not taken. Above it the reader is cut, and comes back by itself. */
const waitingBytesMax = 1_048_576
/** After which a browser that lost its stream asks again. */
const retryMs = 2000

export type EventStream = {
  readonly send: (message: { readonly id: string; readonly event: string; readonly data: unknown }) => void
  readonly end: () => void
}

export type EventStreams = {
  /** Takes over the connection of a request. Throws where there are too many already. */
  readonly open: (
    request: FastifyRequest,
    reply: FastifyReply,
    on: { readonly beat: () => Promise<boolean>; readonly close: () => void },
  ) => EventStream
  readonly count: () => number
  readonly closeAll: () => void
}

/** The id of the last message that a listener saw: its browser tells it by itself, a page that begins anew in the query. */
export function lastEventId(request: FastifyRequest): string {
  const header = request.headers['last-event-id']
  const asked = (request.query as { readonly lastEventId?: string }).lastEventId
  return (Array.isArray(header) ? header[0] : header) ?? asked ?? ''
}

/** Server-sent events: bounded, with a heartbeat at which each listener's right to listen is asked again. */
export function openEventStreams(): EventStreams {
  const open = new Map<ServerResponse, { readonly caller: string; readonly end: () => void }>()
  return {
    open: (request, reply, on) => {
      if (!(request.headers.accept ?? '').includes('text/event-stream')) {
        const detail = 'this route is a stream of events: send Accept: text/event-stream'
        throw new AppError('invalid', detail, { problem: 'event_stream_only' })
      }
      const caller = request.actor.id
      const own = [...open.values()].filter((one) => one.caller === caller).length
      if (open.size >= streamsMax || own >= streamsOfOneMax) {
        const whose = own >= streamsOfOneMax ? 'you have' : 'there are'
        throw new AppError('overloaded', `${whose} too many open streams; close one, or try again soon`, {
          problem: 'streams_full',
          retryAfterSeconds: 10,
        })
      }
      const { raw } = reply
      const headers = { ...reply.getHeaders() } as Record<string, string>
      reply.hijack()
      raw.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        // A stream that has ended is no idle connection that the end of the server would wait for.
        connection: 'close',
      })
      raw.write(`retry: ${retryMs}\n\n`)
      const put = (text: string) => {
        if (raw.writableLength > waitingBytesMax) raw.destroy()
        else if (!raw.writableEnded) raw.write(text)
      }
      const end = () => void raw.end()
      const beat = setInterval(() => {
        put(': still here\n\n')
        on.beat().then(
          (may) => may || end(),
          () => end(),
        )
      }, heartbeatMs)
      open.set(raw, { caller, end })
      raw.once('close', () => {
        clearInterval(beat)
        open.delete(raw)
        on.close()
      })
      raw.on('error', () => raw.destroy())
      return {
        send: ({ id, event, data }) => put(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
        end,
      }
    },
    count: () => open.size,
    closeAll: () => {
      for (const { end } of open.values()) end()
    },
  }
}
