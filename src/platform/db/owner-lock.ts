import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type OwnerLock = { readonly release: () => void }

const FILE = 'owner.lock'
// A command that only looks whether somebody owns the folder holds the lock for an instant.
const WAIT_MS = 1_000

/**
 * Takes the one ownership of a folder, or answers `null` when another process has it. It is a lock of the operating
 * system on a file, taken through SQLite: the kernel frees it when the process ends, however it ends.
 */
export function takeOwnership(folder: string): OwnerLock | null {
  const file = join(folder, FILE)
  const database = new DatabaseSync(file, { timeout: WAIT_MS })
  try {
    database.exec('begin exclusive')
  } catch (error) {
    database.close()
    if (isBusy(error)) return null
    throw error
  }
  chmodSync(file, 0o600)
  return { release: () => database.close() }
}

/** Whether a living process owns the folder. */
export function isOwned(folder: string): boolean {
  const database = new DatabaseSync(join(folder, FILE), { timeout: 0 })
  try {
    database.exec('begin immediate; rollback')
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    database.close()
  }
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
