import { Readable } from 'node:stream'
import type { Blobs } from '#platform/blobs/port.ts'
import type { Cache } from '#platform/cache/port.ts'
import { openCache } from '#platform/cache/through.ts'
import type { Mail, Message } from '#integrations/mail/port.ts'
import { inScopeOfAll } from '#platform/db/scope.ts'
import type { Jobs, JobHandler } from '#platform/jobs/port.ts'
import type { Log, Metrics } from '#platform/telemetry/port.ts'

/** Small engines of ports for tests that are about something else. */

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export function countingMetrics(): Metrics & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>()
  return {
    counts,
    count: (name, _help, _labels, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    observe: () => {},
    gauge: () => {},
    text: () => Promise.resolve(''),
  }
}

export function noCache(): Cache {
  return openCache({
    engine: 'none',
    read: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
    mark: () => Promise.resolve(null),
    remove: () => Promise.resolve(),
    removeTagged: () => Promise.resolve(),
    close: () => Promise.resolve(),
  })
}

export function memoryBlobs(): Blobs & { readonly all: Map<string, Uint8Array> } {
  const all = new Map<string, Uint8Array>()
  return {
    all,
    engine: 'memory',
    write: async (key, bytes) => void all.set(key, bytes instanceof Uint8Array ? bytes : await joined(bytes)),
    read: (key) => Promise.resolve(all.get(key) ?? null),
    stream: (key) => {
      const bytes = all.get(key)
      return Promise.resolve(bytes === undefined ? null : Readable.from([bytes]))
    },
    remove: (key) => Promise.resolve(void all.delete(key)),
    list: (kind) => Readable.from([...all.keys()].filter((key) => kind === undefined || key.startsWith(`${kind}/`))),
    rewrap: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  }
}

/** Runs each job at once, in the call that sends it. */
export function immediateJobs(): Jobs {
  const handlers = new Map<string, JobHandler>()
  return {
    engine: 'immediate',
    work: (kind, handler) => Promise.resolve(void handlers.set(kind, handler)),
    // Who sends a job does not run it: a worker does, bound to nobody's rows.
    send: async (kind, input) => inScopeOfAll(() => handlers.get(kind)?.(input, 'immediate')),
    schedule: () => Promise.resolve(),
    deadLetters: () => Promise.resolve([]),
    replay: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** Letters as they were handed over, with those of transactions that failed later. */
export function memoryMail(): Mail & { readonly sent: Message[] } {
  const sent: Message[] = []
  return {
    sent,
    engine: 'memory',
    send: (_, messages) => {
      sent.push(...messages)
      return Promise.resolve()
    },
    waiting: () =>
      Promise.resolve(
        sent.map(({ to, letter, expiresAt }, index) => ({
          id: String(index),
          to,
          subject: letter.kind,
          text: 'link' in letter ? letter.link : '',
          expiresAt,
        })),
      ),
  }
}
