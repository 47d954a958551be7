import type { Database } from '../db/port.ts'
import type { Copies } from './checkpoint-copies.ts'
import { publicKeyText } from './checkpoint-copies.ts'
import { readCheckpointsAfter } from './checkpoint-store.ts'
import { readCheckpoint, type Checkpoint, type NoteKey } from './notes.ts'

/** What was signed of the log, by the database and by the copies outside of it. */
export type Signed = {
  readonly checkpoints: ReadonlyMap<number, Checkpoint>
  /** Records under a checkpoint that stands outside: their hashes are there. */
  readonly copied: number
  readonly problem: { readonly seq: number; readonly problem: string } | null
}

const page = 1000

export async function readSigned(db: Database, key: NoteKey, copies: Copies | null): Promise<Signed> {
  const checkpoints = new Map<number, Checkpoint>()
  const found = (seq: number, problem: string): Signed => ({ checkpoints, copied: 0, problem: { seq, problem } })
  let copied = 0
  if (copies !== null) {
    const named = await copies.publicKey()
    if (named !== null && named !== publicKeyText(key))
      return found(1, `the key in ${copies.folder} is not the one that signs now`)
    for (const note of await copies.notes()) {
      const checkpoint = readCheckpoint(key, note)
      if (checkpoint === null) return found(copied + 1, `a checkpoint in ${copies.folder} was not signed by our key`)
      checkpoints.set(checkpoint.size, checkpoint)
      copied = Math.max(copied, checkpoint.size)
    }
  }
  const inDatabase = new Set<number>()
  for (let size = 0; ;) {
    const rows = await readCheckpointsAfter(db, size, page)
    for (const row of rows) {
      const checkpoint = readCheckpoint(key, row.note)
      if (checkpoint === null || checkpoint.size !== row.size || !checkpoint.root.equals(row.root))
        return found(size + 1, `the checkpoint over ${row.size} records was not signed by our key`)
      const outside = checkpoints.get(row.size)
      if (outside !== undefined && !outside.root.equals(checkpoint.root))
        return found(size + 1, `two checkpoints over ${row.size} records say different things`)
      checkpoints.set(row.size, checkpoint)
      inDatabase.add(row.size)
      size = row.size
    }
    if (rows.length < page) break
  }
  const lost = [...checkpoints.keys()].toSorted((a, b) => a - b).find((size) => !inDatabase.has(size))
  return {
    checkpoints,
    copied,
    problem:
      lost === undefined
        ? null
        : { seq: lost, problem: `the checkpoint over ${lost} records is gone from the database` },
  }
}
