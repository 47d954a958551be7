import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImportMapping } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import type { Queryable } from '#platform/db/port.ts'
import { checkMapping } from './check-mapping.ts'

export type SavedMapping = {
  readonly mapping: ImportMapping
  readonly isShipped: boolean
  readonly createdBy: string
  readonly updatedAt: Date
}

type Stored = {
  readonly body: unknown
  readonly isShipped: boolean
  readonly createdBy: string
  readonly updatedAt: Date
}

/** The mappings that ship, checked; a fault names its file. */
export async function readShippedMappings(folder: string): Promise<ImportMapping[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  return Promise.all(names.map((name) => readMappingFile(join(folder, name))))
}

export async function readMappingFile(path: string): Promise<ImportMapping> {
  const text = await readFile(path, 'utf8')
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw new AppError('invalid', `${path} is no JSON: ${cause instanceof Error ? cause.message : ''}`, {
      problem: 'mapping_invalid',
      cause,
    })
  }
  return usable(body, path)
}

function usable(body: unknown, from: string): ImportMapping {
  const checked = checkMapping(body)
  if (checked.ok) return checked.value
  const detail = (checked.rejection.errors ?? []).map((error) => `${error.pointer}: ${error.detail}`).join('; ')
  throw new AppError('invalid', `${from}: ${detail}`, {
    problem: 'mapping_invalid',
    errors: checked.rejection.errors ?? [],
  })
}

/** Brings the shipped mappings into the table; what users saved under other names stays. */
export async function recordShippedMappings(
  db: Queryable,
  mappings: readonly ImportMapping[],
  at: Date,
): Promise<void> {
  await db.query(
    `insert into import_mappings (name, body, is_shipped, created_by, created_at, updated_at)
      select m.name, m.body::json, true, 'system', $3, $3 from unnest($1::text[], $2::text[]) as m (name, body)
      on conflict (name) do update set body = excluded.body, updated_at = excluded.updated_at
        where import_mappings.is_shipped and import_mappings.body::text is distinct from excluded.body::text`,
    [mappings.map((m) => m.name), mappings.map((m) => JSON.stringify(m)), at],
  )
}

export async function listMappings(db: Queryable): Promise<SavedMapping[]> {
  const rows = await db.query<Stored>(
    `select body, is_shipped as "isShipped", created_by as "createdBy", updated_at as "updatedAt" from import_mappings order by name`,
  )
  // One that a later version of the program no longer takes is found by its name, with the reason; here it is left out.
  return rows.flatMap((row) => {
    const checked = checkMapping(row.body)
    return checked.ok ? [{ ...row, mapping: checked.value }] : []
  })
}

export async function readMapping(db: Queryable, name: string): Promise<SavedMapping | null> {
  const [row] = await db.query<Stored>(
    `select body, is_shipped as "isShipped", created_by as "createdBy", updated_at as "updatedAt" from import_mappings where name = $1`,
    [name],
  )
  return row === undefined ? null : toSaved(row)
}

function toSaved({ body, ...rest }: Stored): SavedMapping {
  return { mapping: usable(body, 'a saved mapping'), ...rest }
}

/** Saves a mapping under its name. False when the name is that of a shipped one, which nobody changes. */
export async function recordMapping(db: Queryable, mapping: ImportMapping, by: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `insert into import_mappings (name, body, is_shipped, created_by, created_at, updated_at) values ($1, $2, false, $3, $4, $4)
      on conflict (name) do update set body = excluded.body, updated_at = excluded.updated_at where not import_mappings.is_shipped
      returning 1`,
    [mapping.name, JSON.stringify(mapping), by, at],
  )
  return rows.length === 1
}

/** False when there is none of that name, or it is a shipped one. */
export async function removeMapping(db: Queryable, name: string): Promise<boolean> {
  const rows = await db.query(`delete from import_mappings where name = $1 and not is_shipped returning 1`, [name])
  return rows.length === 1
}
