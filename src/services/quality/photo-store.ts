import type { Queryable, Transaction } from '#platform/db/port.ts'

export type StoredPhoto = { readonly id: string; readonly returnId: string; readonly blobKey: string }

/** Photos that any check of these returns refers to, of all revisions. */
export function readPhotosOf(db: Queryable, returnIds: readonly string[]): Promise<StoredPhoto[]> {
  return db.query<StoredPhoto>(
    `select distinct f.id, c.return_id as "returnId", f.blob_key as "blobKey" from quality_checks c
       cross join lateral jsonb_array_elements(c.photos) as p (photo) join files f on f.id = (p.photo ->> 'fileId')::uuid
     where c.return_id = any($1::uuid[]) and f.kind = 'photo'`,
    [returnIds],
  )
}

/** Forgets files whose bytes are gone; answers those that were known. */
export async function removePhotoRows(tx: Transaction, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>('delete from files where id = any($1::uuid[]) returning id', [ids])
  return rows.map((row) => row.id)
}

/** The version that the next event of each of these files has. */
export async function readFileVersions(tx: Transaction, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: string; version: number }>(
    `select n.id, (select coalesce(max(version), 0) + 1 from events e where e.stream = 'file-' || n.id) as version
     from unnest($1::text[]) as n (id)`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row.version]))
}
