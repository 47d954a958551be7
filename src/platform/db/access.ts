import { createHash } from 'node:crypto'
import {
  applicationRole,
  boundRole,
  fullGrant,
  narrowGrants,
  notForBound,
  rowRules,
  ruleFunctions,
} from './access-rules.ts'
import type { Database, Queryable, Transaction } from './port.ts'

/** Whether the application runs with rights of its own; when not, the SQL that somebody with the rights must run. */
export type Access = { readonly isEnforced: true } | { readonly isEnforced: false; readonly sql: string }

// Any constant: processes that start at once meet here.
const ACCESS_LOCK = 7_301_947
const roles = [applicationRole, boundRole] as const

/**
 * Gives the application its roles, its grants and the rules of its rows, where they are not as this program wants
 * them. `owner` is a connection that owns the tables.
 */
export async function ensureAccess(owner: Database): Promise<Access> {
  const [session] = await owner.query<{ name: string }>('select session_user::text as name')
  if (!(await canBecome(owner))) {
    const statements = roleStatements(quoted(session!.name))
    for (const statement of statements) if (await isRefused(owner, statement)) break
    if (!(await canBecome(owner))) {
      return { isEnforced: false, sql: statements.map((line) => `${line};`).join(' ') }
    }
  }
  const tables = await readTables(owner)
  const wanted = fingerprint(tables)
  if ((await readFingerprint(owner)) !== wanted) {
    await owner.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [ACCESS_LOCK])
      if ((await readFingerprint(tx)) !== wanted) await apply(tx, tables, wanted)
    })
  }
  return { isEnforced: true }
}

/** The roles alone, where they are not there: what is put back from a dump names them. */
export async function ensureRoles(owner: Database): Promise<void> {
  if (await canBecome(owner)) return
  const [session] = await owner.query<{ name: string }>('select session_user::text as name')
  for (const statement of roleStatements(quoted(session!.name))) await isRefused(owner, statement)
}

function roleStatements(user: string): string[] {
  return [
    ...roles.map((role) => `create role ${role} nologin nosuperuser nobypassrls`),
    `grant ${roles.join(', ')} to ${user}`,
  ]
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Whether this login may take both roles. */
async function canBecome(owner: Database): Promise<boolean> {
  const [row] = await owner.query<{ both: boolean }>(
    'select count(*) = 2 as both from pg_roles where rolname = any($1) and not rolsuper and not rolbypassrls',
    [[...roles]],
  )
  if (!row!.both) return false
  try {
    await owner.transaction(
      async (tx) => {
        for (const role of roles) await tx.query(`set local role ${role}`)
      },
      { retries: 0 },
    )
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

/** Runs one statement by itself. What somebody else has done already counts as done. */
async function isRefused(owner: Database, statement: string): Promise<boolean> {
  try {
    await owner.query(statement)
    return false
  } catch (error) {
    if (['42710', '23505'].includes(codeOf(error))) return false
    if (isRefusal(error)) return true
    throw error
  }
}

const isRefusal = (error: unknown) => codeOf(error) === '42501'

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : ''
}

async function readTables(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  )
  return rows.map(({ name }) => name)
}

/** Rules and tables as they are wanted; kept as a comment, so that a start that changes nothing costs one look. */
function fingerprint(tables: readonly string[]): string {
  const parts = [tables, rowRules, ruleFunctions, fullGrant, narrowGrants, notForBound]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

async function readFingerprint(db: Queryable): Promise<string | null> {
  const [row] = await db.query<{ mark: string | null }>(
    `select obj_description('scope_any_client()'::regprocedure, 'pg_proc') as mark`,
  )
  return row?.mark ?? null
}

async function apply(tx: Transaction, tables: readonly string[], mark: string): Promise<void> {
  const statements: string[] = [
    ...ruleFunctions,
    `grant usage on schema public to ${roles.join(', ')}`,
    `grant usage, select on all sequences in schema public to ${roles.join(', ')}`,
    'revoke execute on function append_events(text[], integer[], text[], text[], timestamptz) from public',
    `grant execute on function append_events(text[], integer[], text[], text[], timestamptz) to ${roles.join(', ')}`,
  ]
  for (const table of tables) {
    const name = quoted(table)
    const grant = narrowGrants[table] ?? fullGrant
    statements.push(`revoke all on ${name} from ${roles.join(', ')}`, `grant ${grant} on ${name} to ${applicationRole}`)
    if (!notForBound.includes(table)) statements.push(`grant ${grant} on ${name} to ${boundRole}`)
    const rule = rowRules[table]
    if (rule === undefined) continue
    statements.push(
      `alter table ${name} enable row level security`,
      `drop policy if exists application_all on ${name}`,
      `drop policy if exists bound_rows on ${name}`,
      // A rule that is only `true` costs nothing: the planner drops it.
      `create policy application_all on ${name} to ${applicationRole} using (true) with check (true)`,
      `create policy bound_rows on ${name} to ${boundRole} using (${rule}) with check (${rule})`,
    )
  }
  statements.push(`comment on function scope_any_client() is '${mark}'`)
  for (const statement of statements) await tx.query(statement)
}
