import { randomBytes } from 'node:crypto'
import type { Queryable } from '../db/port.ts'
import { keyBytes } from './envelope.ts'
import type { MasterKey } from './port.ts'

export const purposes = ['persons', 'blobs'] as const
export type Purpose = (typeof purposes)[number]
export type WrappingKey = {
  readonly id: string
  readonly purpose: Purpose
  readonly key: Buffer
  readonly isCurrent: boolean
}

/** Secrets of the installation that live as long as it does, wrapped by the master key. */
export const roots = ['root_key', 'person_ids_key'] as const
type Root = (typeof roots)[number]

type Row = { readonly id: string; readonly purpose: Purpose; readonly wrapped: string; readonly isCurrent: boolean }

export const nameOf = (id: string) => `smartreturns|${id}`

export async function insertWrappingKey(
  db: Queryable,
  master: MasterKey,
  made: { readonly purpose: Purpose; readonly key?: Buffer; readonly id?: string },
  at: Date,
): Promise<void> {
  const id = made.id ?? randomBytes(6).toString('hex')
  await db.query(
    `insert into wrapping_keys (id, purpose, wrapped, is_current, created_at) values ($1, $2, $3, true, $4) on conflict do nothing`,
    [id, made.purpose, await master.wrap(made.key ?? randomBytes(keyBytes), nameOf(id)), at],
  )
}

export async function insertRoot(db: Queryable, master: MasterKey, name: Root, key: Buffer, at: Date): Promise<void> {
  const wrapped = Buffer.from(await master.wrap(key, nameOf(name)))
  await db.query(
    'insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3) on conflict do nothing',
    [name, wrapped, at],
  )
}

export async function readRoots(db: Queryable): Promise<Map<Root, string>> {
  const rows = await db.query<{ name: Root; sealed: Buffer }>(
    'select name, sealed from installation_secrets where name = any($1::text[])',
    [roots],
  )
  return new Map(rows.map(({ name, sealed }) => [name, sealed.toString('utf8')]))
}

export function readWrappingRows(db: Queryable): Promise<Row[]> {
  return db.query<Row>(
    'select id, purpose, wrapped, is_current as "isCurrent" from wrapping_keys order by created_at, id',
  )
}
