import type { Filter, ListQuery, Sort } from '#contracts/lists.ts'
import type { Actor } from '#context.ts'

/** One field of a list: the SQL expression behind it and the type its values are bound as. */
export type SqlField = {
  readonly sql: string
  readonly type: 'text' | 'uuid' | 'timestamptz' | 'bigint' | 'double precision' | 'boolean'
}
export type SqlFields = Readonly<Record<string, SqlField>>

export type Where = { readonly conditions: string[]; readonly values: unknown[] }

/** Binds a value and answers its placeholder. */
function bind(where: Where, value: unknown): string {
  where.values.push(value)
  return `$${where.values.length}`
}

/** Rows of clients and hubs that the actor may see, and none else. */
export function scopeWhere(where: Where, actor: Actor, clientSql: string, hubSql: string): void {
  if (actor.clientIds !== null) where.conditions.push(`${clientSql} = any(${bind(where, actor.clientIds)}::uuid[])`)
  if (actor.hubIds !== null) {
    where.conditions.push(`(${hubSql} = any(${bind(where, actor.hubIds)}::uuid[]) or ${hubSql} is null)`)
  }
}

const comparisons = { gte: '>=', gt: '>', lte: '<=', lt: '<' } as const

export function filterWhere(where: Where, fields: SqlFields, filters: readonly Filter[]): void {
  for (const { field, operator, values } of filters) {
    const { sql, type } = fields[field]!
    if (operator === 'eq' || operator === 'in') {
      where.conditions.push(`${sql} = any(${bind(where, values)}::${type}[])`)
    } else if (operator === 'contains') {
      const pattern = `%${(values[0] ?? '').replaceAll(/[\\%_]/g, (c) => `\\${c}`)}%`
      where.conditions.push(`${sql} ilike ${bind(where, pattern)}`)
    } else {
      where.conditions.push(`${sql} ${comparisons[operator]} ${bind(where, values[0])}::${type}`)
    }
  }
}

/** Keyset condition and order. The id ends the order, so that no row is skipped or shown twice. */
export function keyset(
  where: Where,
  fields: SqlFields,
  sort: readonly Sort[],
  idSql: string,
  after: ListQuery['after'],
): string {
  const parts = sort.map(({ field, direction }) => ({ ...fields[field]!, direction }))
  const last = parts.at(-1)?.direction ?? 'desc'
  const keys = [...parts, { sql: idSql, type: 'uuid' as const, direction: last }]
  if (after !== null) {
    const isUniform = keys.every((key) => key.direction === last)
    if (isUniform) {
      const bound = keys.map((key, i) => `${bind(where, after[i])}::${key.type}`)
      where.conditions.push(
        `(${keys.map((k) => k.sql).join(', ')}) ${last === 'asc' ? '>' : '<'} (${bound.join(', ')})`,
      )
    } else {
      const bound = keys.map((key, i) => `${bind(where, after[i])}::${key.type}`)
      const steps = keys.map((key, i) => {
        const equal = keys.slice(0, i).map((k, j) => `${k.sql} = ${bound[j]}`)
        return `(${[...equal, `${key.sql} ${key.direction === 'asc' ? '>' : '<'} ${bound[i]}`].join(' and ')})`
      })
      where.conditions.push(`(${steps.join(' or ')})`)
    }
  }
  return keys.map((key) => `${key.sql} ${key.direction}`).join(', ')
}

/** The sort values and id of a row, as the next page needs them; `keys` holds them as text. */
export function nextKeys(
  rows: readonly { readonly keys: readonly (string | null)[] }[],
  limit: number,
): readonly (string | null)[] | null {
  return rows.length > limit ? rows[limit - 1]!.keys : null
}

export function keysSql(fields: SqlFields, sort: readonly Sort[], idSql: string): string {
  return `array[${[...sort.map((s) => `${fields[s.field]!.sql}::text`), `${idSql}::text`].join(', ')}]`
}

export function whereSql(where: Where): string {
  return where.conditions.length === 0 ? 'true' : where.conditions.join(' and ')
}
