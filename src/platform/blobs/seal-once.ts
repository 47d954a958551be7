import type { Database } from '../db/port.ts'
import type { Blobs } from './port.ts'

const mark = 'blobs_sealed'

/** Seals what an older version left in clear, once, before anything is read: afterwards nothing in clear is believed. */
export async function sealOnce(db: Database, blobs: Blobs, at: Date): Promise<void> {
  const rows = await db.query('select 1 from installation_secrets where name = $1', [mark])
  if (rows.length > 0) return
  for await (const key of blobs.list()) await blobs.rewrap(key)
  await db.query(
    'insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3) on conflict do nothing',
    [mark, Buffer.alloc(0), at],
  )
}
