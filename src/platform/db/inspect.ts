import type { Queryable } from './port.ts'

/** Version of the server and length of the log, for people who look after it. */
export async function inspectDatabase(db: Queryable): Promise<{ readonly version: string; readonly events: number }> {
  const [row] = await db.query<{ version: string; events: number }>(
    "select current_setting('server_version') as version, (select seq from log_head) as events",
  )
  return row!
}

export async function isAnswering(db: Queryable): Promise<boolean> {
  try {
    await db.query('select 1')
    return true
  } catch {
    return false
  }
}

/** Whether nothing was put into it yet. */
export async function isEmptyDatabase(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ tables: number }>(
    `select count(*) as tables from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  )
  return row!.tables === 0
}
