import type { Database, Transaction } from '../db/port.ts'
import type { StoredEvent } from './port.ts'

/** The log as several subscribers of one process read it side by side: what one has just read the others are given. */
export type LogReader = {
  /** The end of the log as of a moment ago. */
  readonly head: () => Promise<number>
  /** Events after one place up to another. They never change, so whose transaction reads them does not matter. */
  readonly read: (tx: Transaction, afterSeq: number, untilSeq: number) => Promise<readonly StoredEvent[]>
  /** Forgets where the end was. */
  readonly renew: () => void
}

/** Subscribers that are some batches apart are still served by one reading. */
const batchesKept = 4

export function openLogReader(db: Database, headMs: number): LogReader {
  let head: { readonly atMs: number; readonly seq: Promise<number> } | null = null
  const batches = new Map<string, Promise<readonly StoredEvent[]>>()

  async function readHead(): Promise<number> {
    const [row] = await db.lookup<{ seq: number }>({ name: 'log_head', text: 'select seq from log_head' })
    return row!.seq
  }

  return {
    head: () => {
      const atMs = performance.now()
      if (head === null || atMs - head.atMs > headMs) {
        const seq = readHead()
        head = { atMs, seq }
        seq.catch(() => (head = null))
      }
      return head.seq
    },
    read: (tx, afterSeq, untilSeq) => {
      const key = `${afterSeq}|${untilSeq}`
      const known = batches.get(key)
      if (known !== undefined) return known
      const events = readBatch(tx, afterSeq, untilSeq)
      batches.set(key, events)
      for (const old of batches.keys()) if (batches.size > batchesKept) batches.delete(old)
      events.catch(() => batches.delete(key))
      return events
    },
    renew: () => {
      head = null
    },
  }
}

type Row = Omit<StoredEvent, 'data'> & { readonly text: string }

async function readBatch(tx: Transaction, afterSeq: number, untilSeq: number): Promise<readonly StoredEvent[]> {
  const rows = await tx.query<Row>({
    name: 'read_log',
    text: `select seq, stream, version, type, data::text as text, at from events where seq > $1 and seq <= $2 order by seq`,
    values: [afterSeq, untilSeq],
  })
  return rows.map((row) => new ReadEvent(row))
}

/** Its payload is parsed when somebody looks at it: most subscribers look at few, and one parsing serves them all. */
class ReadEvent implements StoredEvent {
  readonly seq: number
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly at: Date
  #text: string | null
  #data: Readonly<Record<string, unknown>> | null = null

  constructor({ seq, stream, version, type, at, text }: Row) {
    this.seq = seq
    this.stream = stream
    this.version = version
    this.type = type
    this.at = at
    this.#text = text
  }

  get data(): Readonly<Record<string, unknown>> {
    if (this.#data === null) {
      this.#data = JSON.parse(this.#text!) as Readonly<Record<string, unknown>>
      this.#text = null
    }
    return this.#data
  }
}
