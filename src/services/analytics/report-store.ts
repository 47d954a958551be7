import type { Database, Queryable } from '#platform/db/port.ts'
import type { ReportInput } from './reports.ts'
import { reportKindTable } from './report-kinds.ts'

const batchRows = 2000

type Bound = { readonly where: string; readonly values: unknown[] }

function boundOf(input: ReportInput): Bound {
  const kind = reportKindTable[input.kind]
  const values: unknown[] = [input.fromInstant, input.toInstant]
  const conditions = [`${kind.timeSql} >= $1`, `${kind.timeSql} < $2`]
  const add = (condition: (place: string) => string, value: unknown) => {
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  if (input.clientIds !== null) add((p) => `${kind.clientSql} = any(${p}::uuid[])`, input.clientIds)
  if (input.hubIds !== null) add((p) => `(${kind.hubSql} = any(${p}::uuid[]) or ${kind.hubSql} is null)`, input.hubIds)
  for (const [name, value] of Object.entries(input.filters))
    if (value !== undefined) add((p) => `${kind.filters[name]} = ${p}`, value)
  return { where: conditions.join(' and '), values }
}

export async function countReportRows(db: Queryable, input: ReportInput): Promise<number> {
  const { where, values } = boundOf(input)
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from ${reportKindTable[input.kind].from} where ${where}`,
    values,
  )
  return row!.n
}

/** All rows in one snapshot, in batches. */
export function streamReportRows(db: Database, input: ReportInput): AsyncIterable<Record<string, unknown>[]> {
  const { columns, from, orderSql } = reportKindTable[input.kind]
  const { where, values } = boundOf(input)
  const list = columns.map(([name, sql]) => `${sql} as "${name}"`).join(', ')
  return db.stream(`select ${list} from ${from} where ${where} order by ${orderSql}`, values, batchRows)
}

export type ReportFile = {
  readonly id: string
  readonly mediaType: string
  readonly bytes: number
  readonly sha256: string
  readonly blobKey: string
  readonly name: string
  readonly createdBy: string
  readonly createdAt: Date
}

/** The file belongs to who asked for it. Writing it again replaces what a try before had written. */
export async function writeReportFile(db: Queryable, file: ReportFile): Promise<void> {
  await db.query(
    `insert into files (id, client_id, hub_id, kind, media_type, bytes, sha256, blob_key, name, created_by, created_at)
     values ($1, null, null, 'report', $2, $3, $4, $5, $6, $7, $8)
     on conflict (id) do update set bytes = excluded.bytes, sha256 = excluded.sha256, created_at = excluded.created_at`,
    [file.id, file.mediaType, file.bytes, file.sha256, file.blobKey, file.name, file.createdBy, file.createdAt],
  )
}
