import type { Database, Transaction } from '../db/port.ts'
import type { StoredEvent } from './port.ts'
import { readEventsIn } from './scratch.ts'

/** The log as several subscribers of one process read it side by side: what one has just read the others are given. */
export type LogReader = {
  /** The end of the log as of a moment ago. */
  readonly head: () => Promise<number>
  /** Events after one place up to another. They never change, so whose transaction reads them does not matter. */
  readonly read: (tx: Transaction, afterSeq: number, untilSeq: number) => Promise<StoredEvent[]>
  /** Forgets where the end was. */
  readonly renew: () => void
}

export function openLogReader(db: Database, headMs: number): LogReader {
  let head: { readonly atMs: number; readonly seq: Promise<number> } | null = null
  let batch: { readonly key: string; readonly events: Promise<StoredEvent[]> } | null = null

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
      if (batch?.key === key) return batch.events
      const events = readEventsIn(tx, afterSeq, untilSeq)
      batch = { key, events }
      events.catch(() => (batch = null))
      return events
    },
    renew: () => {
      head = null
    },
  }
}
