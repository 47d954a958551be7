import type { Queryable } from '../db/port.ts'

export type StoredFile = {
  readonly id: string
  readonly clientId: string | null
  readonly hubId: string | null
  readonly kind: string
  readonly mediaType: string
  readonly blobKey: string
  readonly name: string
  readonly createdBy: string
}

/** What is known of a stored file; its bytes are under `blobKey`. Null where there is none. */
export async function readFileRow(db: Queryable, id: string): Promise<StoredFile | null> {
  const rows = await db.query<StoredFile>(
    `select id, client_id as "clientId", hub_id as "hubId", kind, media_type as "mediaType", blob_key as "blobKey", name,
       created_by as "createdBy" from files where id = $1`,
    [id],
  )
  return rows[0] ?? null
}
