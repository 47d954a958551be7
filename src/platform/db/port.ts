/**
 * A statement with bound values. With `name` the server keeps its plan: for inserts and for `lookup`. A kept plan of another read
 * or an update, made while its table was small, scans the table for ever after (measured: 20 ms a batch against 1.7).
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
export type Transaction = Queryable & {
  readonly isTransaction: true
  /** Runs writes one after the other. */
  readonly run: (writes: readonly Statement[]) => Promise<void>
}

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
  /**
   * Rows found by keys, by a named statement whose plan is kept and walks indexes only, whatever the tables' sizes were when it
   * was made. For what every request asks; planning such a statement anew takes longer than running it.
   */
  readonly lookup: <T extends Row = Row>(statement: Statement & { readonly name: string }) => Promise<T[]>
  /** Runs `work` in one transaction: all or nothing. Throws `AppError('unavailable')` when the server can't be reached. */
  readonly transaction: <T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions) => Promise<T>
  /**
   * Named writes and a last statement in one round trip, all or nothing, in this order. No two of them may touch the same row.
   * A deadlock is tried again as in a transaction.
   */
  readonly atOnce: (writes: readonly Statement[], last: Statement) => Promise<void>
  /** Streams the rows of a long answer by a server-side cursor, `batch` rows at a time, in one read-only transaction. */
  readonly stream: <T extends Row = Row>(text: string, values: readonly unknown[], batch: number) => AsyncIterable<T[]>
  /** The same database with the rights of its owner: for the scratch schema of a replay, never for a request. */
  readonly owner?: Database
  readonly close: () => Promise<void>
}
