import type { ImportCounts } from '#contracts/imports.ts'
import type { Queryable } from '#platform/db/port.ts'

export type ImportClient = { readonly id: string; readonly code: string; readonly isActive: boolean }

/** The client by its code or its id; null where there is none. */
export async function readImportClient(db: Queryable, codeOrId: string): Promise<ImportClient | null> {
  const [row] = await db.query<ImportClient>(
    `select id, code, is_active as "isActive" from clients where code = $1 or id::text = $1`,
    [codeOrId],
  )
  return row ?? null
}

export type NewImport = {
  readonly id: string
  readonly clientId: string
  readonly sha256: string
  readonly fileName: string
  readonly mapping: string
  readonly mappingHash: string
}

/** How far one file has come with one mapping. */
export type ImportState = {
  readonly id: string
  readonly nextLine: number
  readonly counts: ImportCounts
  readonly state: 'running' | 'done' | 'interrupted'
  readonly updatedAt: Date
}

/** What was known of this file and mapping before; null when it is new. */
export async function readImport(
  db: Queryable,
  key: Pick<NewImport, 'clientId' | 'sha256' | 'mappingHash'>,
): Promise<ImportState | null> {
  const [row] = await db.query<ImportState>({
    name: 'read_import',
    text: `select id, next_line as "nextLine", counts::jsonb - 'run' as counts, state, updated_at as "updatedAt" from imports
      where client_id = $1 and file_sha256 = $2 and mapping_hash = $3`,
    values: [key.clientId, key.sha256, key.mappingHash],
  })
  return row ?? null
}

/** Begins or takes over an import; `run` names who works on it from now on. Answers its id. */
export async function startImport(
  db: Queryable,
  input: NewImport & {
    readonly run: string
    readonly nextLine: number
    readonly counts: ImportCounts
    readonly at: Date
  },
): Promise<string> {
  const counts = JSON.stringify({ ...input.counts, run: input.run })
  const [row] = await db.query<{ id: string }>({
    name: 'start_import',
    text: `insert into imports (id, client_id, file_sha256, file_name, mapping, mapping_hash, next_line, counts, state, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, 'running', $9, $9)
      on conflict (client_id, file_sha256, mapping_hash) do update
        set next_line = excluded.next_line, counts = excluded.counts, state = 'running', updated_at = excluded.updated_at
      returning id`,
    values: [
      input.id,
      input.clientId,
      input.sha256,
      input.fileName,
      input.mapping,
      input.mappingHash,
      input.nextLine,
      counts,
      input.at,
    ],
  })
  return row!.id
}

export type Checkpoint = {
  readonly id: string
  readonly run: string
  readonly nextLine: number
  readonly counts: ImportCounts
  readonly state: ImportState['state']
  readonly at: Date
}

/** Notes how far it has come. False when another process has taken the import over. */
export async function saveCheckpoint(db: Queryable, checkpoint: Checkpoint): Promise<boolean> {
  const { id, run, nextLine, counts, state, at } = checkpoint
  const rows = await db.query({
    name: 'save_import_checkpoint',
    text: `update imports set next_line = $3, counts = $4, state = $5, updated_at = $6 where id = $1 and counts ->> 'run' = $2 returning 1`,
    values: [id, run, nextLine, JSON.stringify({ ...counts, run }), state, at],
  })
  return rows.length === 1
}
