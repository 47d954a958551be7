import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from './port.ts'

/** A replica that was chosen for the reads of one request. */
export type Reader = {
  readonly db: Database
  /** Not any more, once it has failed a read. */
  readonly isGood: () => boolean
  readonly fail: (error: unknown) => void
}

const storage = new AsyncLocalStorage<Reader | null>()

/** Runs `work`, and all that it starts, with its reads from this replica; null is the primary. */
export function readingFrom<T>(reader: Reader | null, work: () => T): T {
  return storage.run(reader, work)
}

/** The same database, whose reads go where `readingFrom` says. One that fails there is asked of the primary, once. */
export function withReaders(primary: Database): Database {
  const read = async <T>(ask: (db: Database) => Promise<T>): Promise<T> => {
    const reader = storage.getStore() ?? null
    if (reader === null || !reader.isGood()) return ask(primary)
    try {
      return await ask(reader.db)
    } catch (error) {
      reader.fail(error)
      return ask(primary)
    }
  }
  return {
    ...primary,
    query: (text, values) => read((db) => db.query(text, values)),
    lookup: (statement) => read((db) => db.lookup(statement)),
    transaction: (work, options) =>
      options?.readOnly === true ? read((db) => db.transaction(work, options)) : primary.transaction(work, options),
  }
}
