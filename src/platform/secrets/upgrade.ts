import { hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Database } from '../db/port.ts'
import { decrypt, encrypt, keyBytes } from './envelope.ts'
import { readMasterKeys } from './master-key-file.ts'
import type { MasterKey } from './port.ts'
import { insertRoot, insertWrappingKey } from './key-store.ts'

const keyCheck = 'master_key_check'

/**
 * An installation of before there were wrapping keys: everything was derived from the one key in the file. What was derived
 * lives on as keys of its own, so that persons keep their ids and their keys. Answers false where there is none of before.
 */
export async function upgradeFromSingleKey(db: Database, master: MasterKey, at: Date): Promise<boolean> {
  const [check] = await db.query<{ sealed: Buffer }>('select sealed from installation_secrets where name = $1', [
    keyCheck,
  ])
  if (check === undefined) return false
  const old = readMasterKeys(master.place)?.find(({ mark }) => timingSafeEqual(mark, check.sealed))
  if (old === undefined) {
    const isMissing = readMasterKeys(master.place) === null
    throw new AppError(
      'invalid',
      isMissing
        ? `the master key file ${master.place} is missing, and personal data in this database were sealed with it: put it back, or name it in SMARTRETURNS_MASTER_KEY_FILE`
        : `the master key in ${master.place} is not the one that this database was sealed with: put the right one there, or name its file in SMARTRETURNS_MASTER_KEY_FILE`,
      { problem: isMissing ? 'master_key_missing' : 'master_key_wrong' },
    )
  }
  const derived = (from: Buffer, purpose: string) =>
    Buffer.from(hkdfSync('sha256', from, Buffer.alloc(0), `smartreturns ${purpose}`, keyBytes))
  const root = randomBytes(keyBytes)
  await db.transaction(async (tx) => {
    const [locked] = await tx.query('select 1 from installation_secrets where name = $1 for update', [keyCheck])
    // Another process was faster.
    if (locked === undefined) return
    await insertRoot(tx, master, 'root_key', root, at)
    await insertRoot(tx, master, 'person_ids_key', derived(old.key, 'person ids'), at)
    await insertWrappingKey(tx, master, { purpose: 'persons', id: old.id, key: derived(old.key, 'person keys') }, at)
    const others = await tx.query<{ name: string; sealed: Buffer }>(
      `select name, sealed from installation_secrets where name <> all($1::text[])`,
      [[keyCheck, 'root_key', 'person_ids_key']],
    )
    const [before, after] = [derived(old.key, 'installation secrets'), derived(root, 'installation secrets')]
    for (const { name, sealed } of others) {
      const again = encrypt(after, decrypt(before, sealed, 'installation'), 'installation')
      await tx.query('update installation_secrets set sealed = $2 where name = $1', [name, again])
    }
    await tx.query('delete from installation_secrets where name = $1', [keyCheck])
  })
  return true
}
