import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { AppError } from '#kernel/errors.ts'
import { applicationRole, boundRole } from './access-rules.ts'
import { combine } from './combine.ts'
import { isConnectionLost, isForbiddenWrite, isRetryable, translateFailure } from './failures.ts'
import { typeParsers } from './parsers.ts'
import type { Database, Row, Statement, Transaction, TransactionOptions } from './port.ts'
import { freshenPlans } from './fresh-plans.ts'
import { currentScope, type Scope } from './scope.ts'

export type PostgresSettings = {
  readonly connectionString: string
  readonly poolMax: number
  readonly applicationName: string
  readonly engine: Database['engine']
  readonly statementTimeoutMs: number
  /** How long a caller waits for a free connection, or for a new one to open, before it is told to come back. */
  readonly acquireTimeoutMs?: number
  readonly lockTimeoutMs?: number
  /** Connections take the application's role, and the bounds of who asks. Without it they have the rights of the login. */
  readonly asApplication?: boolean
}

const ACQUIRE_TIMEOUT_MS = 1_000
const LOCK_TIMEOUT_MS = 5_000
const IDLE_IN_TRANSACTION_MS = 15_000
const STREAM_IDLE_MS = 300_000
const STREAM_STATEMENT_MS = 120_000
const RETRIES = 3
const RETRY_BASE_MS = 10
const CLOSE_TIMEOUT_MS = 10_000
// A server that hangs never fires its own timeout; the client gives up this much later.
const CLIENT_GRACE_MS = 2_000
const LOOKUPS_MAX = 4
const indexesOnly = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'plan_cache_mode=force_generic_plan',
  // A scan that is not to be avoided seems so dear that compiling it would seem worthwhile.
  'jit=off',
]

/** Opens a pool. It connects when first used, and heals by itself when the server comes back. */
export function openPostgres(settings: PostgresSettings): Database {
  const pool = openPool(settings, [])
  const lookups = openPool({ ...settings, poolMax: Math.min(LOOKUPS_MAX, settings.poolMax) }, indexesOnly)

  /** What each connection was bound to last; a new one is bound to nothing. */
  const scopes = new WeakMap<pg.PoolClient, string>()

  async function acquire(from: pg.Pool = pool, scope = currentScope()): Promise<pg.PoolClient> {
    let client: pg.PoolClient
    try {
      client = await from.connect()
    } catch (error) {
      throw translateFailure(error)
    }
    if (settings.asApplication !== true || (scopes.get(client) ?? '') === (scope?.key ?? '')) return client
    try {
      await enterScope(client, scope)
      scopes.set(client, scope?.key ?? '')
      return client
    } catch (error) {
      // In which scope it is now nobody knows.
      client.release(true)
      throw translateFailure(error)
    }
  }

  async function query<T extends Row>(text: string | Statement, values?: readonly unknown[]): Promise<T[]> {
    return queryOn<T>(pool, typeof text === 'string' ? { text, ...(values ? { values } : {}) } : text)
  }

  async function queryOn<T extends Row>(
    from: pg.Pool,
    statement: Statement,
    prepare?: (client: pg.PoolClient) => Promise<void>,
  ): Promise<T[]> {
    const client = await acquire(from)
    let failure: unknown
    try {
      await prepare?.(client)
      return await run<T>(client, statement)
    } catch (error) {
      failure = error
      throw translateFailure(error)
    } finally {
      client.release(isConnectionLost(failure))
    }
  }

  async function attempt<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const client = await acquire()
    let failure: unknown
    let isOpen = true
    const tx: Transaction = {
      isTransaction: true,
      query: async (text, values) => {
        if (!isOpen) throw new Error('a statement was sent on a transaction that has ended')
        return run(client, text, values, options.statementTimeoutMs)
      },
      run: async (writes) => {
        for (const write of writes) await tx.query(write)
      },
    }
    try {
      await client.query(begin(options))
      const result = await work(tx)
      isOpen = false
      // The server answers ROLLBACK when a statement failed and `work` went on as if nothing were.
      const end = await client.query('commit')
      if (end.command === 'ROLLBACK') throw new Error('a statement of the transaction failed unnoticed')
      return result
    } catch (error) {
      isOpen = false
      failure = error
      if (!isConnectionLost(error)) failure = (await rollback(client)) ?? error
      throw error
    } finally {
      client.release(isConnectionLost(failure))
    }
  }

  async function transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const retries = options.retries ?? RETRIES
    for (let tries = 0; ; tries++) {
      try {
        return await attempt(work, options)
      } catch (error) {
        if (options.readOnly === true && isForbiddenWrite(error)) throw error
        if (!isRetryable(error) || tries >= retries) throw translateFailure(error)
        await pause(Math.random() * RETRY_BASE_MS * 4 ** tries)
      }
    }
  }

  async function atOnce(writes: readonly Statement[], last: Statement): Promise<void> {
    const statement = writes.length === 0 ? last : combine(writes, last)
    for (let tries = 0; ; tries++) {
      try {
        await query(statement)
        return
      } catch (error) {
        if (!isRetryable(error) || tries >= RETRIES) throw error
        await pause(Math.random() * RETRY_BASE_MS * 4 ** tries)
      }
    }
  }

  /** Bound to who asks for the rows, whoever takes them out. */
  function stream<T extends Row>(text: string, values: readonly unknown[], batch: number): AsyncGenerator<T[]> {
    return streamIn<T>(currentScope(), text, values, batch)
  }

  async function* streamIn<T extends Row>(
    scope: Scope,
    text: string,
    values: readonly unknown[],
    batch: number,
  ): AsyncGenerator<T[]> {
    if (!Number.isInteger(batch) || batch < 1) throw new Error(`not a batch size: ${batch}`)
    const client = await acquire(pool, scope)
    let failure: unknown
    try {
      await client.query(
        begin({ readOnly: true, statementTimeoutMs: STREAM_STATEMENT_MS }) +
          `; set local idle_in_transaction_session_timeout = ${STREAM_IDLE_MS}`,
      )
      await run(client, `declare stream_cursor no scroll cursor for ${text}`, values, STREAM_STATEMENT_MS)
      for (;;) {
        const rows = await run<T>(client, `fetch ${batch} from stream_cursor`, undefined, STREAM_STATEMENT_MS)
        if (rows.length > 0) yield rows
        if (rows.length < batch) return
      }
    } catch (error) {
      failure = error
      throw translateFailure(error)
    } finally {
      if (!isConnectionLost(failure)) failure = await rollback(client)
      client.release(isConnectionLost(failure))
    }
  }

  async function close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)
    })
    await Promise.race([Promise.all([pool.end(), lookups.end()]), bound])
    clearTimeout(timer)
  }

  async function lookup<T extends Row>(statement: Statement): Promise<T[]> {
    return queryOn<T>(lookups, statement, freshenPlans)
  }

  return { engine: settings.engine, query, lookup, transaction, atOnce, stream, close }
}

function openPool(settings: PostgresSettings, options: readonly string[]): pg.Pool {
  const pool = new pg.Pool({
    connectionString: settings.connectionString,
    max: settings.poolMax,
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.acquireTimeoutMs ?? ACQUIRE_TIMEOUT_MS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: settings.statementTimeoutMs,
    query_timeout: settings.statementTimeoutMs + CLIENT_GRACE_MS,
    lock_timeout: settings.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: ['TimeZone=UTC', ...options].map((option) => `-c ${option}`).join(' '),
    types: typeParsers,
    verify: (client, done) => {
      enter(client, settings.asApplication === true).then(() => done(), done)
    },
  })
  // A connection that breaks while idle or between two statements is replaced by the pool; the next statement on it
  // fails and is reported there. Without listeners Node would end the process.
  const ignore = (): void => {}
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  return pool
}

/** One statement. The bounds stay with the connection until others are told. */
async function enterScope(client: pg.ClientBase, scope: Scope): Promise<void> {
  if (scope === null) await client.query(`set role ${applicationRole}`)
  else
    await client.query({
      text: `select set_config('role', '${boundRole}', false), set_config('smartreturns.clients', $1, false), set_config('smartreturns.hubs', $2, false)`,
      values: [scope.clients, scope.hubs],
    })
}

/**
 * A promise of durability is only as good as the server's settings: each new connection looks at them. In the same round trip
 * it takes the application's role.
 */
async function enter(client: pg.ClientBase, asApplication: boolean): Promise<void> {
  const role = asApplication ? `, set_config('role', '${applicationRole}', false)` : ''
  const { rows } = await client.query<{ fsync: string; commit: string }>(
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit${role}`,
  )
  const found = rows[0]
  if (found?.fsync === 'on' && found.commit !== 'off') return
  const detail = `PostgreSQL must run with fsync=on and synchronous_commit on; it has fsync=${found?.fsync}, synchronous_commit=${found?.commit}`
  throw new AppError('precondition_failed', detail, { problem: 'database_not_durable' })
}

function begin(options: TransactionOptions): string {
  const isolation = options.isolation === undefined ? '' : ` isolation level ${options.isolation}`
  const statement = `begin${isolation}${options.readOnly === true ? ' read only' : ''}`
  if (options.statementTimeoutMs === undefined) return statement
  return `${statement}; set local statement_timeout = ${Math.trunc(options.statementTimeoutMs)}`
}

/** Ends the transaction; the failure of doing so is answered, not thrown: the first failure is the one to report. */
async function rollback(client: pg.PoolClient): Promise<unknown> {
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error
  }
}

async function run<T extends Row>(
  client: pg.ClientBase,
  text: string | Statement,
  values?: readonly unknown[],
  timeoutMs?: number,
): Promise<T[]> {
  const statement: Statement = typeof text === 'string' ? (values ? { text, values } : { text }) : text
  const config = {
    ...statement,
    ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs + CLIENT_GRACE_MS }),
  } as pg.QueryConfig
  const result: pg.QueryResult<T> | pg.QueryResult<T>[] = await client.query<T>(config)
  // A text of several statements without values has one result each; the last one answers.
  return Array.isArray(result) ? ((result as pg.QueryResult<T>[]).at(-1)?.rows ?? []) : result.rows
}
