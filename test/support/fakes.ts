import type { Blobs } from '#platform/blobs/port.ts'
import type { Cache } from '#platform/cache/port.ts'
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
  return {
    engine: 'none',
    read: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

export function memoryBlobs(): Blobs {
  const blobs = new Map<string, Uint8Array>()
  return {
    engine: 'memory',
    write: (key, bytes) => Promise.resolve(void blobs.set(key, bytes)),
    read: (key) => Promise.resolve(blobs.get(key) ?? null),
    remove: (key) => Promise.resolve(void blobs.delete(key)),
    close: () => Promise.resolve(),
  }
}

/** Runs each job at once, in the call that sends it. */
export function immediateJobs(): Jobs {
  const handlers = new Map<string, JobHandler>()
  return {
    engine: 'immediate',
    work: (kind, handler) => Promise.resolve(void handlers.set(kind, handler)),
    send: async (kind, input) => handlers.get(kind)?.(input, 'immediate'),
    schedule: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
