import type { Transaction } from '../db/port.ts'
import type { StoredEvent } from './port.ts'

/** A second set of the same tables, empty, for rebuilding them from the log inside one transaction. */

export type Difference = {
  readonly table: string
  readonly onlyServed: number
  readonly onlyReplayed: number
  readonly example: string | null
}

function quoted(name: string): string {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`not a name of ours: ${name}`)
  return `"${name}"`
}

/** Same columns, checks and unique keys; foreign keys are left out, for they would point at the served tables. */
export async function copySchema(tx: Transaction, schema: string, tables: readonly string[]): Promise<void> {
  await tx.query(`drop schema if exists ${quoted(schema)} cascade`)
  await tx.query(`create schema ${quoted(schema)}`)
  for (const table of tables) {
    await tx.query(
      `create unlogged table ${quoted(schema)}.${quoted(table)} (like public.${quoted(table)} including defaults including constraints including indexes)`,
    )
  }
}

export async function dropSchema(tx: Transaction, schema: string): Promise<void> {
  await tx.query(`drop schema ${quoted(schema)} cascade`)
}

/** Table names in this transaction mean the scratch tables first; null ends that. */
export async function useSchema(tx: Transaction, schema: string | null): Promise<void> {
  await tx.query(`set local search_path = ${schema === null ? 'public' : `${quoted(schema)}, public`}`)
}

/** Rows that stand in one of the two sets only, as text, so that every column counts. */
export async function differences(tx: Transaction, schema: string, tables: readonly string[]): Promise<Difference[]> {
  const found: Difference[] = []
  for (const table of tables) {
    const [served, replayed] = [`public.${quoted(table)}`, `${quoted(schema)}.${quoted(table)}`]
    const [row] = await tx.query<{ onlyServed: number; onlyReplayed: number; example: string | null }>(
      `with a as (select t::text as line from ${served} t), b as (select t::text as line from ${replayed} t),
         lost as (select line from a except all select line from b), extra as (select line from b except all select line from a)
       select (select count(*) from lost) as "onlyServed", (select count(*) from extra) as "onlyReplayed",
         (select left(line, 400) from (select line from lost union all select line from extra) l limit 1) as example`,
    )
    if (row!.onlyServed > 0 || row!.onlyReplayed > 0) found.push({ table, ...row! })
  }
  return found
}

/** Events after one place in the log up to another. */
export async function readEventsIn(tx: Transaction, afterSeq: number, untilSeq: number): Promise<StoredEvent[]> {
  const rows = await tx.query(
    'select seq, stream, version, type, data, at from public.events where seq > $1 and seq <= $2 order by seq',
    [afterSeq, untilSeq],
  )
  return rows as unknown as StoredEvent[]
}
