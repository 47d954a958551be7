import { createHash } from 'node:crypto'
import type { AuditCheckpoint, AuditExport } from '#contracts/audit.ts'
import { AppError } from '#kernel/errors.ts'
import type { Database, Queryable } from '../db/port.ts'
import { publicKeyText } from './checkpoint-copies.ts'
import { readRecords, type CheckpointRow } from './checkpoint-store.ts'
import type { Checkpoints } from './checkpoints.ts'
import { leafHash, rootByPath } from './merkle.ts'
import { signNote } from './notes.ts'
import { openProofs } from './proofs.ts'
import { recordColumns, recordText, type LogRecord } from './records.ts'

const format = 'smartreturns-audit-export/1'

/**
 * Everything the log says of one object, so that anybody can check it without us: each record with its inclusion proof, the
 * signed checkpoint they lead to, and a signed statement that these are all there are. `scripts/verify-audit-export.mjs` does.
 */
export async function exportStream(
  ctx: { readonly db: Database; readonly now: () => number },
  { key, make }: Pick<Checkpoints, 'key' | 'make'>,
  stream: string,
): Promise<AuditExport> {
  const last = await make()
  const records =
    last === null
      ? []
      : await ctx.db.query<LogRecord>(
          `select ${recordColumns} from events where stream = $1 and seq <= $2 order by version`,
          [stream, last.size],
        )
  if (last === null || records.length === 0)
    throw new AppError('not_found', `the log has no records of ${stream}`, { problem: 'stream_unknown' })
  const prove = openProofs(ctx.db, last.size)
  const leaves = records.map((record) => leafHash(recordText(record)))
  const proofs = await Promise.all(records.map(({ seq }) => prove(seq)))
  for (const [i, { seq }] of records.entries()) {
    // A proof that does not hold is never handed out: the log was changed.
    if (!rootByPath(leaves[i]!, seq - 1, last.size, proofs[i]!)?.equals(last.root)) throw changed(seq)
  }
  const all = createHash('sha256').update(Buffer.concat(leaves)).digest('base64')
  const lines = [
    format,
    stream,
    `records ${records.length}`,
    all,
    `under ${last.size}`,
    `time ${new Date(ctx.now()).toISOString()}`,
  ]
  return {
    format,
    stream,
    publicKey: publicKeyText(key),
    checkpoint: last.note,
    statement: signNote(key, lines),
    records: records.map((record, i) => ({ ...record, proof: proofs[i]!.map((hash) => hash.toString('base64')) })),
  }
}

function changed(seq: number): AppError {
  return new AppError('conflict', `record ${seq} is not what was signed: run smartreturns verify-audit`, {
    problem: 'audit_changed',
  })
}

export function toCheckpoint({ size, root, at, note }: CheckpointRow): AuditCheckpoint {
  return { size, root: root.toString('base64'), at: at.toISOString(), note }
}

/** Whether a record's proof leads to the root of a checkpoint. */
export async function isIncluded(db: Queryable, seq: number, checkpoint: CheckpointRow): Promise<boolean> {
  const [record] = await readRecords(db, seq - 1, seq)
  if (record === undefined) return false
  const path = await openProofs(db, checkpoint.size)(seq)
  return rootByPath(leafHash(recordText(record)), seq - 1, checkpoint.size, path)?.equals(checkpoint.root) ?? false
}
