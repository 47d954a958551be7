import { columnsOf } from '#kernel/columns.ts'
import type { Queryable, Statement, Transaction } from '#platform/db/port.ts'

export type CheckRow = {
  readonly id: string
  readonly returnId: string
  readonly isCurrent: boolean
  readonly rubricId: string
  readonly rubricRevision: number
  readonly answers: Readonly<Record<string, string>>
  readonly findings: readonly string[]
  readonly accessories: readonly string[]
  readonly isSealed: boolean
  readonly grade: string
  readonly score: number
  readonly completeness: number | null
  readonly quarantine: string | null
  readonly currency: string
  readonly repairMinor: number
  readonly repairMinutes: number
  readonly isRepairable: boolean
  readonly weightGrams: number | null
  readonly photos: readonly { readonly fileId: string; readonly shot: string }[]
  readonly noteSealed: string | null
  readonly checkedBy: string
  readonly checkedAt: string
  readonly version: number
  readonly updatedAt: string
}

export const checkColumns = columnsOf<CheckRow>([
  'id',
  'returnId',
  'isCurrent',
  'rubricId',
  'rubricRevision',
  'answers',
  'findings',
  'accessories',
  'isSealed',
  'grade',
  'score',
  'completeness',
  'quarantine',
  'currency',
  'repairMinor',
  'repairMinutes',
  'isRepairable',
  'weightGrams',
  'photos',
  'noteSealed',
  'checkedBy',
  'checkedAt',
  'version',
  'updatedAt',
])

/** A corrected check keeps its id; a new one makes the one before it history. */
export function checkStatements(rows: readonly CheckRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      text: `update quality_checks c set is_current = false from unnest($1::uuid[], $2::uuid[]) as n (return_id, id)
        where c.return_id = n.return_id and c.id <> n.id and c.is_current`,
      values: [rows.map((r) => r.returnId), rows.map((r) => r.id)],
    },
    {
      name: 'write_checks',
      text: `insert into quality_checks (${checkColumns.list})
        select ${checkColumns.list} from json_populate_recordset(null::quality_checks, $1::json)
        on conflict (id) do update set ${checkColumns.overwrite(['id', 'returnId', 'checkedBy', 'checkedAt'])}`,
      values: [checkColumns.toJson(rows)],
    },
  ]
}

/** Takes what shows a person out of these returns' checks: the note, which no key opens any more, and the photos. */
export function scrubCheckStatements(returnIds: readonly string[]): Statement[] {
  if (returnIds.length === 0) return []
  return [
    {
      text: `update quality_checks set note_sealed = null, photos = '[]' where return_id = any($1::uuid[])
        and (note_sealed is not null or photos <> '[]')`,
      values: [returnIds],
    },
  ]
}

export async function readChecks(db: Queryable, returnId: string): Promise<CheckRow[]> {
  const rows = await db.query({
    text: `select ${checkColumns.select('c')} from quality_checks c where c.return_id = $1 order by c.checked_at desc, c.id desc`,
    values: [returnId],
  })
  return rows.map(checkColumns.fromRow)
}

export async function readCheckReturn(
  db: Queryable,
  checkId: string,
): Promise<{ returnId: string; version: number } | null> {
  const rows = await db.query<{ returnId: string; version: number }>(
    'select return_id as "returnId", version from quality_checks where id = $1',
    [checkId],
  )
  return rows[0] ?? null
}

/** The current check of each of these returns. */
export async function readCurrentChecks(db: Queryable, returnIds: readonly string[]): Promise<Map<string, CheckRow>> {
  const rows = await db.query({
    text: `select ${checkColumns.select('c')} from quality_checks c where c.return_id = any($1::uuid[]) and c.is_current`,
    values: [returnIds],
  })
  return new Map(rows.map((row) => [row.returnId as string, checkColumns.fromRow(row)]))
}

/** Which of these uploaded photos exist. */
export async function readPhotoIds(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db.query<{ id: string }>("select id from files where id = any($1::uuid[]) and kind = 'photo'", [
    ids,
  ])
  return new Set(rows.map((row) => row.id))
}

export type ReturnScope = {
  readonly clientId: string
  readonly clientRef: string
  readonly hubId: string | null
  readonly personId: string | null
  /** The person's data rest: nobody is shown what was written about the unit. */
  readonly isRestricted: boolean
}

/** Whose return it is, for the question who may see its checks. */
export async function readReturnScope(db: Queryable, returnId: string): Promise<ReturnScope | null> {
  const rows = await db.query<ReturnScope>(
    `select r.client_id as "clientId", r.client_ref as "clientRef", r.hub_id as "hubId", r.person_id as "personId",
       k.restricted_at is not null as "isRestricted"
     from return_items r left join person_keys k on k.person_id = r.person_id where r.id = $1`,
    [returnId],
  )
  return rows[0] ?? null
}

export type FileRow = {
  readonly id: string
  readonly clientId: string | null
  readonly hubId: string | null
  readonly kind: 'photo' | 'import' | 'report' | 'errors'
  readonly mediaType: string
  readonly bytes: number
  readonly sha256: string
  readonly blobKey: string
  readonly name: string
  readonly createdBy: string
  readonly createdAt: Date
}

export async function insertFile(tx: Transaction, file: FileRow): Promise<void> {
  await tx.query(
    `insert into files (id, client_id, hub_id, kind, media_type, bytes, sha256, blob_key, name, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      file.id,
      file.clientId,
      file.hubId,
      file.kind,
      file.mediaType,
      file.bytes,
      file.sha256,
      file.blobKey,
      file.name,
      file.createdBy,
      file.createdAt,
    ],
  )
}

/** Keeps every revision that was ever used: old checks refer to the rubric that graded them. */
export async function recordRubrics(
  tx: Transaction,
  rubrics: readonly { readonly id: string; readonly revision: number }[],
): Promise<void> {
  await tx.query(
    `insert into rubrics (id, revision, body)
     select r.body ->> 'id', (r.body ->> 'revision')::integer, r.body from jsonb_array_elements($1::jsonb) as r (body)
     on conflict do nothing`,
    [JSON.stringify(rubrics)],
  )
}
