import type { Queryable } from '#platform/db/port.ts'

export type NewFile = {
  readonly id: string
  readonly clientId: string
  readonly kind: 'import' | 'errors'
  readonly mediaType: string
  readonly bytes: number
  readonly sha256: string
  readonly blobKey: string
  readonly name: string
  readonly createdBy: string
  readonly at: Date
}

/** Notes a stored file; noting it twice is harmless. */
export async function recordFile(db: Queryable, file: NewFile): Promise<void> {
  await db.query(
    `insert into files (id, client_id, kind, media_type, bytes, sha256, blob_key, name, created_by, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing`,
    [
      file.id,
      file.clientId,
      file.kind,
      file.mediaType,
      file.bytes,
      file.sha256,
      file.blobKey,
      file.name,
      file.createdBy,
      file.at,
    ],
  )
}

export async function removeFile(db: Queryable, id: string): Promise<void> {
  await db.query('delete from files where id = $1', [id])
}
