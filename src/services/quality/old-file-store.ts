import type { Queryable } from '#platform/db/port.ts'

export type OldFile = { readonly id: string; readonly blobKey: string }

const isReferred = `f.id in (select (p.photo ->> 'fileId')::uuid from quality_checks c
  cross join lateral jsonb_array_elements(c.photos) as p (photo))`
const kinds = {
  photos: `f.kind = 'photo'`,
  loose_uploads: `f.kind = 'photo' and not (${isReferred})`,
  import_files: `f.kind = 'import'`,
  import_errors: `f.kind = 'errors'`,
  reports: `f.kind = 'report'`,
} as const
export type OldFiles = keyof typeof kinds
export const oldFileClasses = Object.keys(kinds) as OldFiles[]

export async function countOldFiles(db: Queryable, of: OldFiles, before: Date): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from files f where ${kinds[of]} and f.created_at < $1`,
    [before],
  )
  return row!.n
}

export function readOldFiles(db: Queryable, of: OldFiles, before: Date, limit: number): Promise<OldFile[]> {
  return db.query<OldFile>(
    `select f.id, f.blob_key as "blobKey" from files f where ${kinds[of]} and f.created_at < $1 order by f.created_at limit $2`,
    [before, limit],
  )
}
