import { AsyncLocalStorage } from 'node:async_hooks'
import { AppError } from './errors.ts'

export type CoalescerOptions = {
  readonly batchMax: number
  /** Batches that may be in their transaction at once; two is best where the log has one head (design.md 4). */
  readonly inFlightMax: number
  /** Beyond this the caller is refused at once instead of waiting without bound. */
  readonly queueMax: number
}

export type Coalescer<I, O> = {
  readonly run: (item: I) => Promise<O>
  readonly waiting: () => number
}

/** Long enough for the next request of a caller on the same machine, too short to be noticed. */
const lingerMs = 2

type Waiting<I, O> = {
  readonly item: I
  readonly resolve: (value: O) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers single commands into batches. While batches are in their transactions the next one fills, so a lone
 * command waits for nothing and a flood is written many rows a statement. When a whole batch of several fails,
 * its items run once more one by one, so that one that breaks the transaction harms nobody else.
 */
export function coalesce<I, O>(
  runBatch: (items: readonly I[]) => Promise<readonly O[]>,
  options: CoalescerOptions,
): Coalescer<I, O> {
  const queue: Waiting<I, O>[] = []
  // A batch belongs to none of its callers, so it runs in the context that this was made in.
  const inOwnContext = AsyncLocalStorage.snapshot()
  const running: number[] = []
  let endedSize = 0
  let lingering: NodeJS.Timeout | undefined
  let isScheduled = false

  async function runOne(entry: Waiting<I, O>): Promise<void> {
    try {
      const [answer] = await runBatch([entry.item])
      entry.resolve(answer!)
    } catch (error) {
      entry.reject(error)
    }
  }

  async function runAll(entries: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const answers = await runBatch(entries.map((e) => e.item))
      if (answers.length !== entries.length) {
        throw new Error(`a batch of ${entries.length} was answered by ${answers.length}`)
      }
      entries.forEach((entry, i) => entry.resolve(answers[i]!))
    } catch (error) {
      // The server being away is everybody's trouble; anything else may be one item's.
      const isShared = error instanceof AppError && (error.code === 'unavailable' || error.code === 'overloaded')
      if (entries.length === 1 || isShared) for (const entry of entries) entry.reject(error)
      else for (const entry of entries) await runOne(entry)
    }
  }

  /** Half of what runs, or has just ended, must wait: otherwise small batches would go round beside large ones for ever. */
  function isWorthwhile(): boolean {
    const size = running.length > 0 ? Math.max(...running) : endedSize
    return queue.length * 2 >= size || queue.length >= options.batchMax
  }

  function start(): void {
    isScheduled = false
    while (running.length < options.inFlightMax && queue.length > 0 && isWorthwhile()) {
      const entries = queue.splice(0, options.batchMax)
      running.push(entries.length)
      void runAll(entries).finally(() => {
        running.splice(running.indexOf(entries.length), 1)
        ended(entries.length)
      })
    }
  }

  /** Who was answered may ask again at once: for so long a smaller rest waits for them. */
  function ended(size: number): void {
    endedSize = size
    clearTimeout(lingering)
    if (size > 1) {
      lingering = setTimeout(() => {
        endedSize = 0
        start()
      }, lingerMs)
    }
    start()
  }

  return {
    run: (item) =>
      new Promise((resolve, reject) => {
        if (queue.length >= options.queueMax) {
          reject(new AppError('overloaded', 'too many commands wait; try again soon', { retryAfterSeconds: 1 }))
          return
        }
        queue.push({ item, resolve, reject })
        if (isScheduled) return
        isScheduled = true
        // Requests that arrive in one turn of the event loop share a batch.
        setImmediate(inOwnContext, start)
      }),
    waiting: () => queue.length,
  }
}
