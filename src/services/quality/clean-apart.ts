import { Worker } from 'node:worker_threads'
import { AppError } from '#kernel/errors.ts'
import { reject, type Outcome } from '#kernel/outcome.ts'
import { photoLimits, type CleanPhoto } from './photos.ts'

export type ApartSettings = {
  readonly workersMax?: number
  /** Uploads that may wait for a worker; more are refused. */
  readonly waitingMax?: number
  readonly timeoutMs?: number
  readonly script?: URL
}

const defaults = {
  workersMax: 2,
  waitingMax: 16,
  // Above the limit of the decoder itself: this one ends what the decoder's does not.
  timeoutMs: photoLimits.timeoutSeconds * 1000 + 3_000,
  script: new URL('photo-worker.ts', import.meta.url),
}

type Cleaned = Outcome<CleanPhoto>

/**
 * Takes photos apart in threads of their own, away from the one that serves requests. A thread that takes too long, runs out
 * of memory or breaks is ended, its photo refused, and the next photo gets a fresh one. Idle threads do not keep the process.
 */
export function openPhotoWorkers(settings: ApartSettings = {}) {
  const { workersMax, waitingMax, timeoutMs, script } = { ...defaults, ...settings }
  const idle: Worker[] = []
  const waiting: ((worker: Worker) => void)[] = []
  let made = 0

  function start(): Worker {
    made += 1
    return new Worker(script, {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 },
    })
  }

  async function take(): Promise<Worker> {
    const free = idle.pop()
    if (free !== undefined) return free
    if (made < workersMax) return start()
    if (waiting.length >= waitingMax)
      throw new AppError('overloaded', 'too many photos are at work; try again soon', { retryAfterSeconds: 2 })
    return new Promise((resolve) => waiting.push(resolve))
  }

  function give(worker: Worker | null): void {
    if (worker === null) made -= 1
    const next = waiting.shift()
    if (next !== undefined) next(worker ?? start())
    else if (worker !== null) idle.push(worker)
  }

  return async function clean(upload: Uint8Array): Promise<Cleaned> {
    const worker = await take()
    worker.ref()
    // A copy of its own: the upload may be a part of a larger buffer.
    const bytes = new Uint8Array(upload)
    let timer: NodeJS.Timeout | undefined
    const { promise, resolve } = Promise.withResolvers<Cleaned | 'broken' | 'late'>()
    const broken = () => resolve('broken')
    worker.once('message', resolve).once('error', broken).once('exit', broken)
    timer = setTimeout(() => resolve('late'), timeoutMs)
    worker.postMessage(bytes, [bytes.buffer])
    const result = await promise
    clearTimeout(timer)
    worker.off('message', resolve).off('error', broken).off('exit', broken)
    if (typeof result === 'object') {
      worker.unref()
      give(worker)
      return result.ok ? { ok: true, value: { ...result.value, bytes: Buffer.from(result.value.bytes) } } : result
    }
    worker.on('error', () => {})
    void worker.terminate()
    give(null)
    return result === 'late'
      ? reject('invalid', 'photo_timeout', `the photo took over ${Math.round(timeoutMs / 1000)} s to read`)
      : reject('invalid', 'photo_corrupt', 'the photo cannot be read')
  }
}

/** The workers of this process; the first photo starts the first. */
export const cleanApart = openPhotoWorkers()
