import { createHash } from 'node:crypto'
import { existsSync, rmSync, statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { AppError } from '#kernel/errors.ts'
import { openEmbedded } from '#platform/db/embedded.ts'
import type { Database } from '#platform/db/port.ts'

export type TestServer = { readonly connectionString: string; readonly close: () => Promise<void> }

const ROOT = resolve(import.meta.dirname, '..', '..')
const SLOTS = 8
const MEMORY = '/dev/shm'
const MEMORY_BYTES_MIN = 4 * 1024 ** 3

/**
 * Starts an embedded server for tests on the first data folder that nobody else uses. What killed runs left in
 * it is dropped.
 */
export async function openTestServer(): Promise<TestServer> {
  const base = baseFolder()
  for (let slot = 0; slot < SLOTS; slot++) {
    const server = await openSlot(join(base, String(slot)))
    if (!server) continue
    const left = await server.query<{ name: string }>(
      `select datname as name from pg_database where datname like 'srtest\\_%' or datname like 'srdraft\\_%'`,
    )
    for (const { name } of left) await server.query(`drop database "${name}" with (force)`)
    return { connectionString: server.connectionString, close: () => close(server, join(base, String(slot))) }
  }
  throw new Error(`all ${SLOTS} test servers are in use`)
}

async function close(server: Database, folder: string): Promise<void> {
  await server.close()
  if (folder.startsWith(MEMORY)) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

/** In memory where there is plenty: making and dropping databases is mostly waiting for the disk. */
function baseFolder(): string {
  if (existsSync(MEMORY)) {
    const { bavail, bsize } = statfsSync(MEMORY)
    const checkout = createHash('sha256').update(ROOT).digest('hex').slice(0, 8)
    if (bavail * bsize > MEMORY_BYTES_MIN) return join(MEMORY, `smartreturns-test-${process.getuid?.()}-${checkout}`)
  }
  return join(ROOT, '.cache', 'test-databases')
}

async function openSlot(dataFolder: string): Promise<(Database & TestServer) | null> {
  try {
    return await openEmbedded({
      dataFolder,
      poolMax: 1,
      applicationName: 'test-server',
      statementTimeoutMs: 60_000,
      acquireTimeoutMs: 10_000,
      maxConnections: 200,
    })
  } catch (error) {
    if (error instanceof AppError && error.problem === 'data_folder_in_use') return null
    // A run that ends takes its folder away, here between our look and our lock.
    if (error instanceof Error && 'code' in error && ['ERR_SQLITE_ERROR', 'ENOENT'].includes(String(error.code)))
      return null
    throw error
  }
}

// Run by itself: one server for all test files of a run. It prints its address and stops when its input ends, which it
// does however the runner ends.
if (isMainThread && import.meta.main) {
  const server = await openTestServer()
  process.stdout.write(`${server.connectionString}\n`)
  process.on('SIGINT', () => {})
  process.stdin.resume()
  process.stdin.on('end', () => {
    void server.close()
  })
}
