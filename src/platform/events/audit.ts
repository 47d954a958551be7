import type { Filter, ListFields, ListPage, ListQuery } from '#contracts/lists.ts'
import type { AuditChange, AuditRecord } from '#contracts/audit.ts'
import type { Database, Queryable } from '../db/port.ts'
import { changesOf } from './changes.ts'

export const auditListFields: ListFields = {
  stream: { kind: 'code', isSortable: false },
  type: { kind: 'code', isSortable: false },
  by: { kind: 'code', isSortable: false },
  requestId: { kind: 'code', isSortable: false },
  at: { kind: 'time', isSortable: false },
  seq: { kind: 'number', isSortable: true },
}

const columns: Readonly<Record<string, { sql: string; type: string }>> = {
  stream: { sql: 'stream', type: 'text' },
  type: { sql: 'type', type: 'text' },
  by: { sql: "data -> 'by' ->> 'id'", type: 'text' },
  requestId: { sql: "data ->> 'requestId'", type: 'text' },
  at: { sql: 'at', type: 'timestamptz' },
  seq: { sql: 'seq', type: 'bigint' },
}
const comparisons = { gte: '>=', gt: '>', lte: '<=', lt: '<' } as const

function condition({ field, operator, values }: Filter, bind: (value: unknown) => string): string {
  const { sql, type } = columns[field]!
  if (operator === 'eq' || operator === 'in') return `${sql} = any(${bind(values)}::${type}[])`
  if (operator === 'contains') return `position(${bind(values[0])} in ${sql}) > 0`
  return `${sql} ${comparisons[operator]} ${bind(values[0])}::${type}`
}

type AuditRow = {
  readonly seq: number
  readonly at: Date
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly data: Record<string, unknown>
  readonly hash: Buffer
}
const columnsOfRecord = 'seq, at, stream, version, type, data, hash'

function toRecord(row: AuditRow): AuditRecord {
  const { by, requestId, from, ...data } = row.data as {
    by?: { id: string; kind: string; from?: string }
    requestId?: string
    from?: string
  }
  return {
    seq: row.seq,
    at: row.at.toISOString(),
    stream: row.stream,
    version: row.version,
    type: row.type,
    by: by?.id ?? null,
    byKind: by?.kind ?? null,
    byName: null,
    from: by?.from ?? from ?? null,
    requestId: requestId ?? null,
    data,
    hash: row.hash.toString('hex'),
  }
}

/** One record with what it changed; null where there is none. */
export async function readAuditRecord(
  db: Queryable,
  seq: number,
): Promise<{ readonly record: AuditRecord; readonly changes: AuditChange[] } | null> {
  const [row] = await db.query<AuditRow>(`select ${columnsOfRecord} from events where seq = $1`, [seq])
  if (row === undefined) return null
  const earlier = await db.query<{ data: Record<string, unknown> }>(
    'select data from events where stream = $1 and version < $2 order by version',
    [row.stream, row.version],
  )
  return {
    record: toRecord(row),
    changes: changesOf(
      earlier.map(({ data }) => data),
      row.data,
    ),
  }
}

/** Records of the log, newest first unless sorted by `seq`; personal data in them is ciphertext. */
export async function listAudit(db: Database, query: ListQuery): Promise<ListPage<AuditRecord>> {
  const values: unknown[] = []
  const bind = (value: unknown) => `$${values.push(value)}`
  const conditions = query.filters.map((filter) => condition(filter, bind))
  const isAscending = query.sort[0]?.direction === 'asc'
  if (query.after !== null) conditions.push(`seq ${isAscending ? '>' : '<'} ${bind(query.after[0])}::bigint`)
  const rows = await db.query<AuditRow>(
    `select ${columnsOfRecord} from events ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by seq ${isAscending ? 'asc' : 'desc'} limit ${query.limit + 1}`,
    values,
  )
  const data = rows.slice(0, query.limit).map(toRecord)
  const last = data.at(-1)
  return { data, next: rows.length > query.limit && last !== undefined ? [String(last.seq)] : null }
}

/** Whether the log holds a record of this type that this request made. It reads the log: not for requests. */
export async function hasRecord(
  db: Database,
  sought: { readonly type: string; readonly requestId: string },
): Promise<boolean> {
  const rows = await db.query("select 1 from events where type = $1 and data ->> 'requestId' = $2 limit 1", [
    sought.type,
    sought.requestId,
  ])
  return rows.length > 0
}
