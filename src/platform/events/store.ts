import { AppError } from '#kernel/errors.ts'
import type { Database, Row, Statement } from '../db/port.ts'
import { textArray } from '#kernel/text-array.ts'
import type { EventLog, NewEvent, StoredEvent } from './port.ts'

const columns = 'seq, stream, version, type, data, at'

function storedEvent(row: Row): StoredEvent {
  return {
    seq: row.seq as number,
    stream: row.stream as string,
    version: row.version as number,
    type: row.type as string,
    data: row.data as Record<string, unknown>,
    at: row.at as Date,
  }
}

function appendStatement(events: readonly NewEvent[], at: Date): Statement {
  return {
    name: 'append_events',
    text: 'select append_events($1::text[], $2::integer[], $3::text[], $4::text[], $5::timestamptz)',
    values: [
      textArray(events.map((e) => e.stream)),
      events.map((e) => e.version),
      textArray(events.map((e) => e.type)),
      textArray(events.map((e) => JSON.stringify(e.data))),
      at,
    ],
  }
}

/** The log in PostgreSQL; `append_events` of migration 0001 gives order and hash chain. */
export function openEventLog(db: Database): EventLog {
  return {
    append: async (tx, events, at) => {
      if (events.length === 0) return
      try {
        await tx.query(appendStatement(events, at))
      } catch (error) {
        if ((error as { code?: string }).code === '23505') {
          throw new AppError('conflict', 'the object was changed at the same moment; try again', { cause: error })
        }
        throw error
      }
    },
    statement: appendStatement,
    read: async (afterSeq, limit, types) => {
      const rows = await db.query({
        text: `select ${columns} from events where seq > $1 and ($3::text[] is null or type = any($3)) order by seq limit $2`,
        values: [afterSeq, limit, types ?? null],
      })
      return rows.map(storedEvent)
    },
    head: async () =>
      (await db.lookup<{ seq: number }>({ name: 'log_seq', text: 'select seq from log_head' }))[0]?.seq ?? 0,
    readStream: async (stream) => {
      const rows = await db.query({
        text: `select ${columns} from events where stream = $1 order by version`,
        values: [stream],
      })
      return rows.map(storedEvent)
    },
  }
}
