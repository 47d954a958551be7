import type { Queryable, Transaction } from '../db/port.ts'
import type { Secrets } from '../secrets/port.ts'
import { newPrivateKey, noteKeyOf, type NoteKey } from './notes.ts'
import { recordColumns, recordSql, type LogRecord } from './records.ts'

export type CheckpointRow = {
  readonly size: number
  readonly root: Buffer
  readonly peaks: Buffer
  readonly at: Date
  readonly note: string
}

// Any constant: of several processes one makes the next checkpoint.
const CHECKPOINT_LOCK = 7_301_948
const keyName = 'audit_signing_key'
const leafBytes = 32

/** The key that signs checkpoints, made at the first use; its private half is sealed by the master key. */
export async function openAuditKey(
  db: Queryable,
  secrets: Pick<Secrets, 'sealBytes' | 'openBytes'>,
  at: Date,
): Promise<NoteKey> {
  const read = async () => {
    const rows = await db.query<{ sealed: Buffer }>('select sealed from installation_secrets where name = $1', [
      keyName,
    ])
    return rows[0] === undefined ? null : noteKeyOf(secrets.openBytes(rows[0].sealed))
  }
  const known = await read()
  if (known !== null) return known
  await db.query(
    'insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3) on conflict do nothing',
    [keyName, secrets.sealBytes(newPrivateKey()), at],
  )
  return (await read())!
}

const columns = 'size, root, peaks, at, note'

export async function readLastCheckpoint(db: Queryable): Promise<CheckpointRow | null> {
  const rows = await db.query<CheckpointRow>(`select ${columns} from audit_checkpoints order by size desc limit 1`)
  return rows[0] ?? null
}

/** Those over more than `size` records, smallest first. */
export async function readCheckpointsAfter(db: Queryable, size: number, limit: number): Promise<CheckpointRow[]> {
  return db.query<CheckpointRow>(`select ${columns} from audit_checkpoints where size > $1 order by size limit $2`, [
    size,
    limit,
  ])
}

export async function readHeadSeq(db: Queryable): Promise<number> {
  const [row] = await db.query<{ seq: number }>('select seq from log_head')
  return row!.seq
}

/** The records after `seq`, up to `last`, in order. */
export async function readRecords(db: Queryable, seq: number, last: number): Promise<LogRecord[]> {
  return db.query<LogRecord>(`select ${recordColumns} from events where seq > $1 and seq <= $2 order by seq`, [
    seq,
    last,
  ])
}

/**
 * Hashes of the records after `seq`, up to `last`, in order: the leaves of the tree, 32 bytes each. The server makes them, for
 * it has the records; `verify-audit` makes them anew from what it reads.
 */
export async function readLeaves(db: Queryable, seq: number, last: number): Promise<Buffer[]> {
  const [row] = await db.query<{ leaves: Buffer | null }>({
    name: 'read_leaves',
    text: `select string_agg(sha256('\\x00'::bytea || convert_to(${recordSql}, 'UTF8')), ''::bytea order by seq) as leaves
      from events where seq > $1 and seq <= $2`,
    values: [seq, last],
  })
  const leaves = row!.leaves ?? Buffer.alloc(0)
  return Array.from({ length: leaves.length / leafBytes }, (_, i) =>
    leaves.subarray(leafBytes * i, leafBytes * (i + 1)),
  )
}

/** False when another process is at it. */
export async function lockCheckpoints(tx: Transaction): Promise<boolean> {
  const [row] = await tx.query<{ got: boolean }>('select pg_try_advisory_xact_lock($1) as got', [CHECKPOINT_LOCK])
  return row!.got
}

export type Node = { readonly height: number; readonly position: number; readonly hash: Buffer }

export async function insertCheckpoint(tx: Transaction, row: CheckpointRow, nodes: readonly Node[]): Promise<void> {
  await tx.query(
    `insert into audit_nodes (height, position, hash) select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])
     on conflict do nothing`,
    [nodes.map((n) => n.height), nodes.map((n) => n.position), nodes.map((n) => n.hash)],
  )
  await tx.query(`insert into audit_checkpoints (${columns}) values ($1, $2, $3, $4, $5)`, [
    row.size,
    row.root,
    row.peaks,
    row.at,
    row.note,
  ])
}

/** Roots of the subtrees of one height at the positions from `first` up to `end`. */
export async function readNodes(db: Queryable, height: number, first: number, end: number): Promise<Buffer[]> {
  const rows = await db.query<{ hash: Buffer }>(
    'select hash from audit_nodes where height = $1 and position >= $2 and position < $3 order by position',
    [height, first, end],
  )
  return rows.map(({ hash }) => hash)
}
