/** Names of a table's columns, written once: SQL lists in snake_case, rows in camelCase. */
export type Columns<T> = {
  readonly names: readonly (keyof T & string)[]
  /** `client_id, client_ref, …` */
  readonly list: string
  /** `r.client_id as "clientId", …` for a select from the alias. */
  readonly select: (alias: string) => string
  /** `client_id = excluded.client_id, …` of all columns but these. */
  readonly overwrite: (but: readonly (keyof T & string)[]) => string
  /** JSON for `json_populate_recordset(null::table, $1)`; what is null is left out, which means null there. */
  readonly toJson: (rows: readonly T[]) => string
  /** A row as `select` gives it, with instants as RFC 3339 text. */
  readonly fromRow: (row: Record<string, unknown>) => T
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function columnsOf<T extends object>(names: readonly (keyof T & string)[]): Columns<T> {
  const sql = names.map(snake)
  return {
    names,
    list: sql.join(', '),
    select: (alias) => names.map((name, i) => `${alias}.${sql[i]} as "${name}"`).join(', '),
    overwrite: (but) =>
      names.flatMap((name, i) => (but.includes(name) ? [] : [`${sql[i]} = excluded.${sql[i]}`])).join(', '),
    toJson: (rows) => {
      const out = rows.map((row) => {
        const record: Record<string, unknown> = {}
        for (let i = 0; i < names.length; i++) {
          const value = row[names[i]!]
          if (value !== null) record[sql[i]!] = value
        }
        return record
      })
      return JSON.stringify(out)
    },
    fromRow: (row) => {
      const record: Record<string, unknown> = {}
      for (const name of names) {
        const value = row[name]
        record[name] = value instanceof Date ? value.toISOString() : value
      }
      return record as T
    },
  }
}
