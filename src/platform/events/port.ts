import type { Transaction } from '../db/port.ts'

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
  /** Events with `seq` above the cursor, in order. */
  readonly read: (afterSeq: number, limit: number) => Promise<StoredEvent[]>
  /** All events of one stream, oldest first. */
  readonly readStream: (stream: string) => Promise<StoredEvent[]>
}

/** A subscriber gets batches in log order, at least once; it must be repeatable. */
export type Subscriber = {
  readonly name: string
  readonly handle: (events: readonly StoredEvent[]) => Promise<void>
}
