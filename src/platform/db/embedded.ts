import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { connectionString, DATABASE_NAME, ensureCluster, locateCluster } from './cluster.ts'
import { isOwned, takeOwnership, type OwnerLock } from './owner-lock.ts'
import type { Database } from './port.ts'
import { openPostgres } from './postgres.ts'
import { writeSecret } from './secret-file.ts'
import { startServer } from './server-process.ts'

export type EmbeddedSettings = {
  readonly dataFolder: string
  readonly poolMax: number
  readonly applicationName: string
  readonly statementTimeoutMs: number
  readonly acquireTimeoutMs?: number
  readonly maxConnections?: number
  /** Told when the server dies and is started again. */
  readonly log?: (line: string) => void
}

export type EmbeddedDatabase = Database & {
  readonly clusterFolder: string
  readonly connectionString: string
  readonly serverPid: () => number | null
}

const MAX_CONNECTIONS = 60

/**
 * Starts the PostgreSQL that comes with the program on a data folder, and opens a pool on it. One process owns a data
 * folder; others connect to the running server (`connectToRunning`). `close` stops the server.
 */
export async function openEmbedded(settings: EmbeddedSettings): Promise<EmbeddedDatabase> {
  const dataFolder = openFolder(settings.dataFolder)
  const locks = [own(dataFolder, dataFolder)]
  try {
    const cluster = locateCluster(dataFolder)
    // A copied data folder names the same place outside of it.
    if (!cluster.home.startsWith(dataFolder)) {
      locks.push(own(cluster.home, dataFolder))
      writeFileSync(join(cluster.home, 'data-folder'), `${dataFolder}\n`)
    }
    await ensureCluster(cluster)
    const server = await startServer({
      cluster,
      logFile: join(dataFolder, 'postgres.log'),
      maxConnections: settings.maxConnections ?? MAX_CONNECTIONS,
      log: settings.log ?? (() => {}),
    })
    const address = connectionString(cluster, DATABASE_NAME)
    writeSecret(serverFile(dataFolder), JSON.stringify({ pid: process.pid, connectionString: address }))
    const pool = openPostgres({ ...settings, connectionString: address, engine: 'embedded' })
    return {
      ...pool,
      clusterFolder: cluster.folder,
      connectionString: address,
      serverPid: server.pid,
      close: async () => {
        await pool.close()
        rmSync(serverFile(dataFolder), { force: true })
        await server.stop()
        for (const lock of locks) lock.release()
      },
    }
  } catch (error) {
    for (const lock of locks) lock.release()
    throw error
  }
}

/** How to reach the embedded server that runs on a data folder; `null` when none does. */
export function connectToRunning(dataFolder: string): string | null {
  const file = serverFile(dataFolder)
  if (!existsSync(file) || !isOwned(dataFolder)) return null
  const server = JSON.parse(readFileSync(file, 'utf8')) as { connectionString: string }
  return server.connectionString
}

function serverFile(dataFolder: string): string {
  return join(dataFolder, 'server.json')
}

/** A folder of root's must let the server's account pass on its way to the cluster inside; nothing in it can be listed. */
function openFolder(dataFolder: string): string {
  if (!existsSync(dataFolder)) {
    mkdirSync(dataFolder, { recursive: true, mode: 0o711 })
    chmodSync(dataFolder, process.getuid?.() === 0 ? 0o711 : 0o700)
  }
  return realpathSync(dataFolder)
}

function own(folder: string, dataFolder: string): OwnerLock {
  const ownerFile = join(dataFolder, 'owner.pid')
  const lock = takeOwnership(folder)
  if (lock) {
    writeFileSync(ownerFile, `${process.pid}\n`)
    return lock
  }
  const owner = existsSync(ownerFile) ? readFileSync(ownerFile, 'utf8').trim() : 'unknown'
  const detail = `the data folder ${dataFolder} is in use by process ${owner}: stop that program, or choose another data folder`
  throw new AppError('conflict', detail, { problem: 'data_folder_in_use' })
}
