import type { Database, Transaction } from '../db/port.ts'
import type { Secrets } from '../secrets/port.ts'
import type { Log, Metrics } from '../telemetry/port.ts'
import type { Copies } from './checkpoint-copies.ts'
import {
  insertCheckpoint,
  lockCheckpoints,
  openAuditKey,
  readCheckpointsAfter,
  readHeadSeq,
  readLastCheckpoint,
  readLeaves,
  type CheckpointRow,
  type Node,
} from './checkpoint-store.ts'
import { grow, packPeaks, rootOf, unpackPeaks, type Growing } from './merkle.ts'
import { readCheckpoint, signCheckpoint, type NoteKey } from './notes.ts'

export type CheckpointContext = {
  readonly db: Database
  readonly secrets: Pick<Secrets, 'sealBytes' | 'openBytes'>
  readonly log: Log
  readonly metrics: Metrics
  readonly now: () => number
}

export type Checkpoints = {
  readonly key: NoteKey
  /** Signs the log as it is now, if it has grown; answers the newest checkpoint, null for an empty log. */
  readonly make: () => Promise<CheckpointRow | null>
  /** Signs every 1,000 records, and every minute where there are fewer. */
  readonly start: () => void
  readonly stop: () => Promise<void>
}

/** A checkpoint covers at most so many records more than the one before it. */
const recordsMax = 1000
const everyMs = 60_000
const pollMs = 1_000
/** Heights of the subtrees that are kept: every fourth from 256 leaves on. */
const isKept = (height: number) => height >= 8 && height % 4 === 0

type Step = { readonly row: CheckpointRow; readonly isEnd: boolean }

export async function openCheckpoints(ctx: CheckpointContext, copies: Copies | null): Promise<Checkpoints> {
  const { db, log, metrics, now } = ctx
  const key = await openAuditKey(db, ctx.secrets, new Date(now()))
  /** The newest checkpoint that stands outside; null until it was looked for. */
  let copied: number | null = null
  let turn: Promise<unknown> = Promise.resolve()
  let timer: NodeJS.Timeout | null = null
  let signedMs = 0

  async function step(tx: Transaction): Promise<Step | null> {
    if (!(await lockCheckpoints(tx))) return null
    const before = await readLastCheckpoint(tx)
    const tree: Growing =
      before === null ? { size: 0, peaks: [] } : { size: before.size, peaks: unpackPeaks(before.peaks) }
    const head = await readHeadSeq(tx)
    if (head <= tree.size) return null
    const end = Math.min(head, tree.size + recordsMax)
    const leaves = await readLeaves(tx, tree.size, end)
    if (leaves.length !== end - tree.size) throw new Error(`the log has a gap after record ${tree.size}`)
    const nodes: Node[] = []
    for (const leaf of leaves)
      grow(tree, leaf, (height, position, hash) => {
        if (isKept(height)) nodes.push({ height, position, hash })
      })
    const at = new Date(now())
    const root = rootOf(tree)
    const note = signCheckpoint(key, { size: tree.size, root, at: at.toISOString() })
    const row = { size: tree.size, root, peaks: packPeaks(tree.peaks), at, note }
    await insertCheckpoint(tx, row, nodes)
    return { row, isEnd: end === head }
  }

  async function sign(): Promise<void> {
    for (;;) {
      const made = await db.transaction(step)
      if (made === null) return
      signedMs = now()
      if (made.isEnd) return
    }
  }

  /** Brings the copies up to the database; what does not fit to what stands outside is not copied, but told. */
  async function copy(to: Copies): Promise<void> {
    const last = copied === null ? ((await to.notes()).at(-1) ?? null) : null
    if (last !== null) copied = readCheckpoint(key, last)?.size ?? 0
    copied ??= 0
    const [from] = copied === 0 ? [] : await readCheckpointsAfter(db, copied - 1, 1)
    if (copied > 0 && from?.size !== copied) throw new Error(`the database has no checkpoint over ${copied} records`)
    const tree: Growing = { size: copied, peaks: from === undefined ? [] : unpackPeaks(from.peaks) }
    for (const row of await readCheckpointsAfter(db, copied, 100)) {
      const leaves = await readLeaves(db, tree.size, row.size)
      for (const leaf of leaves) grow(tree, leaf, () => {})
      const signed = readCheckpoint(key, row.note)
      if (signed === null || tree.size !== signed.size || !rootOf(tree).equals(signed.root))
        throw new Error(`the records up to ${row.size} are not those that were signed`)
      await to.add(copied, leaves, row.note)
      copied = row.size
    }
  }

  async function copyAll(): Promise<void> {
    if (copies === null) return
    try {
      await copy(copies)
      metrics.gauge('smartreturns_audit_copied_records', 'Records under checkpoints outside the database', copied ?? 0)
    } catch (error) {
      metrics.count(
        'smartreturns_audit_copy_failures_total',
        'Checkpoints that could not be copied out of the database',
      )
      log.error({ error }, 'the audit checkpoints are not copied: look at it with smartreturns verify-audit')
    }
  }

  /** One at a time: two would write to the same files. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  const make = () =>
    inTurn(async () => {
      await sign()
      await copyAll()
      return readLastCheckpoint(db)
    })

  async function tick(): Promise<void> {
    const [head, last] = [await readHeadSeq(db), await readLastCheckpoint(db)]
    signedMs = Math.max(signedMs, last?.at.getTime() ?? 0)
    const grown = head - (last?.size ?? 0)
    if (grown >= recordsMax || (grown > 0 && now() - signedMs >= everyMs)) await make()
    else if ((last?.size ?? 0) > (copied ?? -1)) await inTurn(copyAll)
  }

  return {
    key,
    make,
    start: () => {
      const again = () => {
        timer = setTimeout(() => {
          void inTurnTick().finally(() => {
            if (timer !== null) again()
          })
        }, pollMs).unref()
      }
      const inTurnTick = () =>
        tick().catch((error: unknown) => log.warn({ error }, 'no audit checkpoint could be made; it is tried again'))
      again()
    },
    stop: async () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
      await turn
    },
  }
}
