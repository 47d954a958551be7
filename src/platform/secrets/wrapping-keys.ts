import { randomBytes } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Database } from '../db/port.ts'
import { keyBytes } from './envelope.ts'
import {
  insertRoot,
  insertWrappingKey,
  nameOf,
  purposes,
  readRoots,
  readWrappingRows,
  roots,
  type Purpose,
  type WrappingKey,
} from './key-store.ts'
import { upgradeFromSingleKey } from './upgrade.ts'
import type { MasterKey } from './port.ts'

/** The keys of this installation, made at its first start; refuses to start without the master key that they were wrapped with. */
export async function openWrappingKeys(db: Database, master: MasterKey, at: Date) {
  if ((await readRoots(db)).size < roots.length && !(await upgradeFromSingleKey(db, master, at))) {
    await master.create()
    for (const name of roots) await insertRoot(db, master, name, randomBytes(keyBytes), at)
  }
  // One statement each: of two processes that start together, the first one's keys count for both.
  for (const purpose of purposes) {
    const rows = await readWrappingRows(db)
    if (!rows.some((row) => row.purpose === purpose)) await insertWrappingKey(db, master, { purpose }, at)
  }
  const stored = await readRoots(db)
  const root = await master.unwrap(stored.get('root_key')!, nameOf('root_key'))
  const personIds = await master.unwrap(stored.get('person_ids_key')!, nameOf('person_ids_key'))
  const keys = new Map<string, WrappingKey>()

  async function reload(): Promise<void> {
    const rows = await readWrappingRows(db)
    for (const { id, wrapped, purpose, isCurrent } of rows) {
      const key = keys.get(id)?.key ?? (await master.unwrap(wrapped, nameOf(id)))
      keys.set(id, { id, purpose, key, isCurrent })
    }
    const left = new Set(rows.map((row) => row.id))
    for (const id of keys.keys()) if (!left.has(id)) keys.delete(id)
  }
  await reload()

  return {
    root,
    personIds,
    reload,
    /** The key of this id; looked for again where another process has made it meanwhile. */
    find: async (id: string): Promise<WrappingKey | null> => {
      if (!keys.has(id)) await reload()
      return keys.get(id) ?? null
    },
    /** The one that wraps now, as far as this process knows. */
    current: (purpose: Purpose): WrappingKey => {
      const found = [...keys.values()].find((each) => each.purpose === purpose && each.isCurrent)
      if (found !== undefined) return found
      throw new AppError('unavailable', `there is no key for ${purpose}`, { problem: 'wrapping_key_missing' })
    },
  }
}

export type WrappingKeys = Awaited<ReturnType<typeof openWrappingKeys>>

/** Wraps by the newest master key whatever an older one wrapped. */
export async function rewrapByMaster(db: Database, master: MasterKey): Promise<void> {
  const again = async (wrapped: string, name: string) =>
    (await master.isStale(wrapped)) ? master.wrap(await master.unwrap(wrapped, name), name) : null
  for (const [name, wrapped] of await readRoots(db)) {
    const fresh = await again(wrapped, nameOf(name))
    if (fresh !== null)
      await db.query('update installation_secrets set sealed = $2 where name = $1', [name, Buffer.from(fresh)])
  }
  for (const { id, wrapped } of await readWrappingRows(db)) {
    const fresh = await again(wrapped, nameOf(id))
    if (fresh !== null) await db.query('update wrapping_keys set wrapped = $2 where id = $1', [id, fresh])
  }
}
