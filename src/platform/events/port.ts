import type { Statement, Transaction } from '../db/port.ts'

/** An event to be appended. `stream` is `<kind>-<id>`; `version` counts from 1 within it. */
export type NewEvent = {
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** An event of the log. `seq` is contiguous over the whole log and fixed at append. */
export type StoredEvent = NewEvent & { readonly seq: number; readonly at: Date }

export type EventLog = {
  /**
   * Appends under `log_head`, the last lock of the transaction: gives the next contiguous `seq` and extends the hash
   * chain. Throws `AppError('conflict')` when a stream already has one of the versions.
   */
  readonly append: (tx: Transaction, events: readonly NewEvent[], at: Date) => Promise<void>
  /** What `append` runs, for writes that go to the server at once. At least one event. */
  readonly statement: (events: readonly NewEvent[], at: Date) => Statement
  /** Events with `seq` above the cursor, in order; of these types only, when they are named. */
  readonly read: (afterSeq: number, limit: number, types?: readonly string[]) => Promise<StoredEvent[]>
  /** The `seq` of the last event; 0 where there is none. */
  readonly head: () => Promise<number>
  /** All events of one stream, oldest first. */
  readonly readStream: (stream: string) => Promise<StoredEvent[]>
}

/**
 * Gets batches in log order. What it writes through `tx` commits together with its place in the log, so its effect in
 * the database is exactly once; anything else that it does may happen again.
 */
export type Subscriber = {
  readonly name: string
  /** Only these types are handed over; all when absent. */
  readonly types?: readonly string[]
  readonly handle: (tx: Transaction, events: readonly StoredEvent[]) => Promise<void>
}

/** How far a subscriber is behind the end of the log. */
export type RelayLag = { readonly name: string; readonly events: number; readonly seconds: number }

/** Hands the log to subscribers. One process at a time serves a subscriber; another takes over when it is gone. */
export type Relay = {
  readonly start: () => void
  /** Says that there is something new, so that nobody waits for the next poll. */
  readonly wake: () => void
  readonly lag: () => Promise<RelayLag[]>
  /** Ends after the batches under way. */
  readonly stop: () => Promise<void>
}
