import type { Database } from '../db/port.ts'
import type { Copies } from './checkpoint-copies.ts'
import { grow, leafHash, rootOf, type Growing } from './merkle.ts'
import type { Checkpoint, NoteKey } from './notes.ts'
import { isChained, recordColumns, recordText, type LogRecord } from './records.ts'
import { readSigned, type Signed } from './witness.ts'

export type AuditReport = {
  readonly checked: number
  readonly isIntact: boolean
  readonly head: { readonly seq: number; readonly hash: string }
  /** The first record that is not as it was written, and what is wrong with it. */
  readonly firstBad: { readonly seq: number; readonly problem: string } | null
  /** Records under a signed checkpoint, and of these the ones whose hashes stand outside the database. */
  readonly signed: number
  readonly copied: number
  readonly signedAt: string | null
}

/** Who knows more of the log than its database does. */
export type Witness = { readonly key: NoteKey; readonly copies: Copies | null }

export type VerifyOptions = {
  /** Null: the chain alone is walked. */
  readonly witness?: Witness | null
  readonly progress?: (checked: number) => void
}

type LogRow = LogRecord & { readonly prevHash: Buffer; readonly hash: Buffer }

const batch = 5000
const nothing: Signed = { checkpoints: new Map(), copied: 0, problem: null }

/**
 * Walks the whole log in this process: the hash chain, the tree under every signed checkpoint, and each record against its
 * hash outside the database. So a change by anybody, a superuser who makes the chain anew too, is found and named: an edit,
 * a deletion, an insertion, a reorder, a shorter end.
 */
export async function verifyAudit(
  db: Database,
  { witness = null, progress = () => {} }: VerifyOptions = {},
): Promise<AuditReport> {
  const [head] = await db.query<{ seq: number; hash: Buffer }>('select seq, hash from log_head')
  const signed = witness === null ? nothing : await readSigned(db, witness.key, witness.copies)
  const newest = Math.max(0, ...signed.checkpoints.keys())
  const walk = openWalk(signed, witness?.copies ?? null)
  const report = (firstBad: AuditReport['firstBad']): AuditReport => ({
    checked: walk.tree.size,
    isIntact: firstBad === null,
    head: { seq: head!.seq, hash: head!.hash.toString('hex') },
    firstBad,
    signed: newest,
    copied: signed.copied,
    signedAt: signed.checkpoints.get(newest)?.at ?? null,
  })
  try {
    const rows = db.stream<LogRow>(
      `select ${recordColumns}, prev_hash as "prevHash", hash from events order by seq`,
      [],
      batch,
    )
    for await (const page of rows) {
      for (const row of page) {
        // What came after this began is not looked at.
        if (row.seq > head!.seq && row.seq > newest && walk.tree.size >= head!.seq) break
        const problem = await walk.look(row)
        if (problem !== null) return report({ seq: walk.tree.size + 1, problem })
      }
      progress(walk.tree.size)
    }
  } finally {
    await walk.close()
  }
  const { tree, previous } = walk
  if (tree.size < newest) {
    const { at } = signed.checkpoints.get(newest)!
    return report({
      seq: tree.size + 1,
      problem: `the log ends at ${tree.size}, but ${newest} records were signed on ${at}`,
    })
  }
  if (tree.size !== head!.seq)
    return report({ seq: tree.size + 1, problem: `the log ends at ${tree.size}, its head says ${head!.seq}` })
  if (!head!.hash.equals(previous()))
    return report({ seq: tree.size, problem: 'the head of the log carries another hash than its last record' })
  const [end] = await db.query<{ seq: number; last: number }>(
    'select h.seq, coalesce((select max(seq) from events), 0) as last from log_head h',
  )
  if (end!.last > end!.seq) return report({ seq: end!.seq + 1, problem: 'it stands behind the head of the log' })
  return report(signed.problem)
}

type Walk = {
  readonly tree: Growing
  readonly previous: () => Buffer
  /** What is wrong with the next record; null when it is as it was written. */
  readonly look: (row: LogRow) => Promise<string | null>
  readonly close: () => Promise<unknown>
}

function openWalk({ checkpoints, copied }: Signed, copies: Copies | null): Walk {
  const tree: Growing = { size: 0, peaks: [] }
  const outside = copies === null || copied === 0 ? null : copies.leaves()
  let previous: Buffer = Buffer.alloc(32)

  function rootProblem(checkpoint: Checkpoint | undefined): string | null {
    if (checkpoint === undefined || rootOf(tree).equals(checkpoint.root)) return null
    return `the records up to ${checkpoint.size} are not those that were signed on ${checkpoint.at}`
  }

  return {
    tree,
    previous: () => previous,
    close: async () => outside?.return(undefined),
    look: async (row) => {
      const seq = tree.size + 1
      const text = recordText(row)
      const leaf = leafHash(text)
      const known = outside !== null && seq <= copied ? (await outside.next()).value : undefined
      if (row.seq !== seq) return `record ${seq} is missing; the next one is ${row.seq}`
      if (known !== undefined && !leaf.equals(known)) return 'its content was changed'
      if (!row.prevHash.equals(previous)) return 'it does not follow the record before it'
      if (!isChained(previous, row, text, row.hash)) return 'its content was changed'
      grow(tree, leaf, () => {})
      const problem = rootProblem(checkpoints.get(seq))
      if (problem === null) previous = row.hash
      else tree.size -= 1
      return problem
    },
  }
}
