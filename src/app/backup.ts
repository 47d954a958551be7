import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { readBackup, readHead, writeBackup } from '#platform/backup/archive.ts'
import { dumpEntries, openRestoring, serverVersion } from '#platform/backup/dump.ts'
import { entriesOf, one, place } from '#platform/backup/folder.ts'
import type { BackupEntry, BackupHead } from '#platform/backup/port.ts'
import { ensureRoles } from '#platform/db/access.ts'
import { copyCluster, isCopied, type ClusterCopy } from '#platform/db/base-backup.ts'
import { passwordOf } from '#platform/db/cluster.ts'
import { isEmptyDatabase } from '#platform/db/inspect.ts'
import { placeCluster } from '#platform/db/place-cluster.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import type { Config } from './config.ts'
import { addErasures, checkNoFiles, fileEntries, openFilesToRestore } from './backup-files.ts'
import { openDatabase } from './open-database.ts'
import { openMasterKey } from './open-secrets.ts'

export type BackupMade = {
  readonly file: string
  readonly bytes: number
  readonly seconds: number
  readonly database: BackupHead['database']
  /** Without it the backup opens nowhere; it is not in the backup. */
  readonly masterKey: string
}
export type BackupRestored = {
  readonly madeAt: string
  readonly dataFolder: string
  readonly database: BackupHead['database']
  /** Erasures since the backup, which the next start does again. */
  readonly erasures: number
}

/** The audit copies of the data folder, before the database: they must not know more than it does. */
async function* partsOf(config: Config, database: AsyncIterable<BackupEntry>): AsyncGenerator<BackupEntry> {
  if (config.SMARTRETURNS_AUDIT_FOLDER === undefined) yield* entriesOf(join(config.dataFolder, 'audit'), 'audit/')
  yield* database
  // After the database: every file that it names was there by then.
  yield* fileEntries(config)
}

async function* clusterEntries(config: Config, copy: ClusterCopy): AsyncGenerator<BackupEntry> {
  yield* one('password', passwordOf(config.dataFolder))
  yield* entriesOf(copy.folder, 'cluster/', isCopied)
  for (const folder of emptyFolders) yield* one(`cluster/${folder}/`, '')
  const { label, segments } = await copy.finish()
  yield* one('cluster/backup_label', label)
  for (const segment of segments)
    yield* entriesOf(join(copy.folder, 'pg_wal'), 'cluster/pg_wal/', (path) => path === segment)
}

// A server wants them to be there.
const emptyFolders = ['pg_wal/archive_status', 'pg_wal/summaries', 'pg_replslot', 'pg_tblspc']

/** One encrypted file in `folder` with the database, the stored files and the audit copies, as they are while the program runs. */
export async function backup(config: Config, folder: string, say: (line: string) => void): Promise<BackupMade> {
  const startedMs = Date.now()
  const madeAt = new Date(startedMs).toISOString()
  const master = openMasterKey(config)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(resolve(folder), `smartreturns-${madeAt.replaceAll(/[:.]/g, '-')}.backup`)
  const isDump = config.DATABASE_URL !== undefined
  const opened = isDump ? null : await openDatabase(config, { share: true, say, onlyPlan: true })
  const copy = opened === null ? null : await copyCluster(opened.connectionString)
  try {
    const postgres = copy?.postgres ?? (await serverVersion(config.DATABASE_URL!))
    const entries = partsOf(config, copy === null ? dumpEntries(config.DATABASE_URL!) : clusterEntries(config, copy))
    const database = isDump ? 'dump' : 'cluster'
    const bytes = await writeBackup(file, master, { madeAt, database, postgres }, entries)
    return { file, bytes, seconds: (Date.now() - startedMs) / 1000, database, masterKey: placeOfKey(config) }
  } finally {
    await copy?.close()
    await opened?.db.close()
  }
}

function placeOfKey(config: Config): string {
  return config.SMARTRETURNS_VAULT_URL === undefined
    ? config.masterKeyFile
    : `${config.SMARTRETURNS_VAULT_KEY} in the vault at ${config.SMARTRETURNS_VAULT_URL}`
}

/**
 * Puts a backup into a new data folder, and a dump into the empty database of `DATABASE_URL`. Whole or not at all. The words of
 * erasures (`addErasures`) come too: the next start erases again who was erased since the backup.
 */
export async function restore(
  config: Config,
  file: string,
  erasures: string | null,
  say: (line: string) => void,
): Promise<BackupRestored> {
  const { dataFolder, DATABASE_URL: url } = config
  const head = await readHead(file)
  if (existsSync(dataFolder) && readdirSync(dataFolder).length > 0)
    throw new AppError('conflict', `${dataFolder} is not empty: a backup is put into a new folder (--to)`)
  if (head.database === 'dump' && url === undefined)
    throw new AppError('invalid', 'this backup holds a dump: set DATABASE_URL to an empty database that takes it')
  if (head.database === 'cluster' && url !== undefined)
    throw new AppError('invalid', 'this backup holds the embedded database: unset DATABASE_URL')
  const master = openMasterKey(config)
  await checkNoFiles(config)
  mkdirSync(dataFolder, { recursive: true, mode: 0o711 })
  const dump = head.database === 'dump' ? await openDump(url!) : null
  const files = openFilesToRestore(config)
  try {
    let cluster: ReturnType<typeof placeCluster> | null = null
    await readBackup(file, master, async (entry) => {
      if (entry.path === 'password') {
        cluster = placeCluster(dataFolder, (await textOf(entry)).trim())
        say('the database is put back ...')
      } else if (entry.path.startsWith('cluster/')) {
        if (cluster === null) throw new Error('the files of the database come before its password')
        await place(cluster.folder, entry.path.slice('cluster/'.length), entry)
      } else if (entry.path.startsWith('dump/')) await dump!.take(entry.bytes)
      else if (entry.path.startsWith('blobs/')) await files.take(entry)
      else await place(dataFolder, entry.path, entry)
    })
    await dump?.end()
    const words = erasures === null ? 0 : await addErasures(config, files, erasures)
    ;(cluster as ReturnType<typeof placeCluster> | null)?.own()
    return { madeAt: head.madeAt, dataFolder, database: head.database, erasures: words }
  } catch (error) {
    await dump?.cancel()
    rmSync(dataFolder, { recursive: true, force: true })
    await files.undo()
    throw error
  } finally {
    await files.close()
  }
}

async function openDump(url: string) {
  const owner = openPostgres({
    connectionString: url,
    engine: 'postgres',
    poolMax: 1,
    applicationName: 'smartreturns restore',
    statementTimeoutMs: 30_000,
  })
  try {
    if (!(await isEmptyDatabase(owner))) throw new AppError('conflict', 'the database of DATABASE_URL is not empty')
    await ensureRoles(owner)
  } finally {
    await owner.close()
  }
  return openRestoring(url)
}

async function textOf({ bytes }: BackupEntry): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
