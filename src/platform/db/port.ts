/**
 * A statement with bound values. With `name` the server keeps its plan: for inserts only. A kept plan of a read or an
 * update, made while its table was small, scans the table for ever after (measured: 20 ms a batch against 1.7).
 */
export type Statement = {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
}

export type Row = Record<string, unknown>

export type Queryable = {
  /** Rows of the answer. Values are bound, never written into the text. int8 comes as a number, json parsed, timestamptz as a Date. */
  readonly query: <T extends Row = Row>(text: string | Statement, values?: readonly unknown[]) => Promise<T[]>
}

/** The one connection of a running transaction. Never ask the pool for a second one inside it. */
export type Transaction = Queryable & { readonly isTransaction: true }

export type TransactionOptions = {
  /** How often a deadlock (40P01) or serialisation failure (40001) is tried again, with jitter. */
  readonly retries?: number
  readonly readOnly?: boolean
  /** One snapshot for the whole transaction; read committed when absent. */
  readonly isolation?: 'repeatable read'
  readonly statementTimeoutMs?: number
}

export type Database = Queryable & {
  readonly engine: 'embedded' | 'postgres'
  /** Runs `work` in one transaction: all or nothing. Throws `AppError('unavailable')` when the server can't be reached. */
  readonly transaction: <T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions) => Promise<T>
  /** Streams the rows of a long answer by a server-side cursor, `batch` rows at a time, in one read-only transaction. */
  readonly stream: <T extends Row = Row>(text: string, values: readonly unknown[], batch: number) => AsyncIterable<T[]>
  readonly close: () => Promise<void>
}
