import { createHash } from 'node:crypto'
import type { Database } from '../db/port.ts'

export type AuditReport = {
  readonly checked: number
  readonly isIntact: boolean
  readonly head: { readonly seq: number; readonly hash: string }
  /** The first record that does not follow from the one before it, and what is wrong with it. */
  readonly firstBad: { readonly seq: number; readonly problem: string } | null
}

type LogRow = {
  readonly seq: number
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly data: string
  readonly micros: string
  readonly prevHash: Buffer
  readonly hash: Buffer
}

const batch = 5000

/** Records from before the chain covered the time follow by all else that they say. */
function isChained(previous: Buffer, { seq, stream, version, type, micros, data, hash }: LogRow): boolean {
  const hashOf = (text: string) => createHash('sha256').update(previous).update(text, 'utf8').digest()
  if (hash.equals(hashOf(`${seq}|${stream}|${version}|${type}|${micros}|${data}`))) return true
  return hash.equals(hashOf(`${seq}|${stream}|${version}|${type}|${data}`))
}

/**
 * Walks the whole log and recomputes its hash chain in this process, so that a change by anybody, a superuser too, is
 * found: an edit, a gap, an insertion, a reorder, or an end that is not `log_head`'s.
 */
export async function verifyAudit(db: Database, progress: (checked: number) => void = () => {}): Promise<AuditReport> {
  const [head] = await db.query<{ seq: number; hash: Buffer }>('select seq, hash from log_head')
  let previous: Buffer = Buffer.alloc(32)
  let seq = 0
  const bad = (at: number, problem: string): AuditReport => ({
    checked: seq,
    isIntact: false,
    head: { seq: head!.seq, hash: head!.hash.toString('hex') },
    firstBad: { seq: at, problem },
  })
  const rows = db.stream<LogRow>(
    `select seq, stream, version, type, data::text as data, (extract(epoch from at) * 1000000)::bigint::text as micros,
       prev_hash as "prevHash", hash from events where seq <= $1 order by seq`,
    [head!.seq],
    batch,
  )
  for await (const page of rows) {
    for (const row of page) {
      if (row.seq !== seq + 1) return bad(seq + 1, `record ${seq + 1} is missing; the next one is ${row.seq}`)
      if (!row.prevHash.equals(previous)) return bad(row.seq, 'it does not follow the record before it')
      if (!isChained(previous, row)) return bad(row.seq, 'its content was changed')
      previous = row.hash
      seq = row.seq
    }
    progress(seq)
  }
  if (seq !== head!.seq) return bad(seq + 1, `the log ends at ${seq}, its head says ${head!.seq}`)
  if (!head!.hash.equals(previous)) return bad(seq, 'the head of the log carries another hash than its last record')
  return { checked: seq, isIntact: true, head: { seq, hash: previous.toString('hex') }, firstBad: null }
}
