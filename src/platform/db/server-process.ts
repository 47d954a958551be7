import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { AppError } from '#kernel/errors.ts'
import { connectionString, DATABASE_NAME, PORT, type Cluster } from './cluster.ts'
import { clearLeftovers } from './leftovers.ts'

export type ServerSettings = {
  readonly cluster: Cluster
  readonly logFile: string
  readonly maxConnections: number
  readonly log: (line: string) => void
}

export type ServerProcess = { readonly pid: () => number | null; readonly stop: () => Promise<void> }

// Recovery after a crash replays at most max_wal_size of log.
const START_TIMEOUT_MS = 120_000
const READY_POLL_MS = 15
const FAST_STOP_MS = 10_000
const IMMEDIATE_STOP_MS = 5_000
const RESTART_MIN_MS = 50
const RESTART_MAX_MS = 5_000
const LOG_BYTES_MAX = 10_000_000
const SETPRIV = '/usr/bin/setpriv'

/** Starts the server of a cluster and keeps it running until it is stopped: one that dies is started again. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  let child = await start(settings)
  let isStopping = false
  let restarting: Promise<void> = Promise.resolve()

  function watch(): void {
    child.once('exit', (code, name) => {
      if (!isStopping) restarting = restart(`${code ?? name}`)
    })
    if (child.exitCode !== null || child.signalCode !== null) child.emit('exit', child.exitCode, child.signalCode)
  }

  async function restart(reason: string): Promise<void> {
    settings.log(`the embedded PostgreSQL ended (${reason}); it is started again`)
    for (let delayMs = RESTART_MIN_MS; ; delayMs = Math.min(delayMs * 2, RESTART_MAX_MS)) {
      if (isStopping) return
      try {
        child = await start(settings)
        watch()
        return
      } catch (error) {
        settings.log(`the embedded PostgreSQL does not start: ${String(error)}`)
        await pause(delayMs)
      }
    }
  }

  async function stop(): Promise<void> {
    isStopping = true
    process.off('exit', endWithUs)
    await restarting
    await end(child)
  }

  // For platforms where the kernel can't tell the server of our end.
  function endWithUs(): void {
    child.kill('SIGINT')
  }

  watch()
  process.on('exit', endWithUs)
  return { pid: () => child.pid ?? null, stop }
}

async function start(settings: ServerSettings): Promise<ChildProcess> {
  await clearLeftovers(settings.cluster)
  const logFrom = rotate(settings.logFile)
  const child = launch(settings)
  try {
    await waitUntilReady(settings.cluster, child)
  } catch (error) {
    await end(child)
    const tail = readFileSync(settings.logFile).subarray(logFrom).toString().trim().slice(-1_000)
    const detail = `the embedded PostgreSQL in ${settings.cluster.folder} did not start: ${tail || String(error)}`
    throw new AppError('unavailable', detail, { cause: error, problem: 'database_unavailable' })
  }
  return child
}

function launch(settings: ServerSettings): ChildProcess {
  const { cluster } = settings
  const log = openSync(settings.logFile, 'a', 0o600)
  const command = [join(cluster.binaries, 'bin', 'postgres'), '-D', cluster.folder, ...serverOptions(settings)]
  // The kernel then asks the server for a fast shutdown when we die, also by kill -9.
  if (existsSync(SETPRIV)) command.unshift(SETPRIV, '--pdeathsig', 'INT', '--')
  try {
    const child = spawn(command[0] ?? '', command.slice(1), {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', TZ: 'UTC' },
      stdio: ['ignore', log, log],
      // A session of its own: Ctrl-C in a terminal is for us, who finish our work before we stop the server.
      detached: true,
      ...cluster.account,
    })
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** Given on the command line, so that no edited file can take durability away. Sized for 2 cores. */
function serverOptions({ cluster, maxConnections }: ServerSettings): string[] {
  const settings = {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    listen_addresses: '',
    unix_socket_directories: `"${cluster.socketFolder}"`,
    unix_socket_permissions: '0700',
    port: PORT,
    max_connections: maxConnections,
    shared_buffers: '160MB',
    effective_cache_size: '1GB',
    work_mem: '16MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '1GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    random_page_cost: 1.1,
    ...(canSyncWhole() ? { recovery_init_sync_method: 'syncfs' } : {}),
    max_parallel_workers_per_gather: 1,
    jit: 'off',
    // In the cluster, where the next start clears it: /dev/shm is small in containers and keeps what a killed server left.
    dynamic_shared_memory_type: 'mmap',
    huge_pages: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    // Statements and the details of errors carry values, and values can be personal data.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/**
 * After a crash the server first makes sure that its files are on the disk: one call, or one for each of 1,300 files.
 * On a busy disk it was back after 1.2 s (4.1 at most) instead of 6.4 s (10.9). Before Linux 5.8 the one call hides
 * errors of the disk.
 */
function canSyncWhole(): boolean {
  if (process.platform !== 'linux') return false
  const [major = 0, minor = 0] = release().split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 8)
}

async function waitUntilReady(cluster: Cluster, child: ChildProcess): Promise<void> {
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  const until = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const answer = await tryToEnter(cluster)
    if (answer === true) return
    if (failure) throw failure
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the server ended')
    if (performance.now() > until) throw new Error('the server does not answer', { cause: answer })
    await pause(READY_POLL_MS)
  }
}

/** `true`, or why not; makes our database on the first entry. */
async function tryToEnter(cluster: Cluster): Promise<unknown> {
  const client = new pg.Client({
    connectionString: connectionString(cluster, 'postgres'),
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME])
    if (rowCount === 0) await client.query(`create database ${DATABASE_NAME}`)
    return true
  } catch (error) {
    return error
  } finally {
    await client.end()
  }
}

async function end(child: ChildProcess): Promise<void> {
  const steps = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ] as const
  for (const [signal, withinMs] of steps) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await exitOf(child, withinMs)
  }
}

function exitOf(child: ChildProcess, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs)
    child.ref()
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Keeps one older log, and answers where the new entries begin. */
function rotate(file: string): number {
  if (!existsSync(file)) return 0
  const { size } = statSync(file)
  if (size < LOG_BYTES_MAX) return size
  renameSync(file, `${file}.1`)
  return 0
}
