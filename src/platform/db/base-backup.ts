import pg from 'pg'
import { AppError } from '#kernel/errors.ts'

/** A cluster while its files are copied. */
export type ClusterCopy = {
  readonly folder: string
  readonly postgres: number
  /** To be asked when all files were read: the label that goes with them, and the names of the log's segments that are needed. */
  readonly finish: () => Promise<{ readonly label: string; readonly segments: readonly string[] }>
  /** Lets the server go; also after a failure. */
  readonly close: () => Promise<void>
}

// What a server makes anew, or what must not be taken from a running one.
const left = new Set(['postmaster.pid', 'postmaster.opts', 'backup_label', 'tablespace_map'])
const emptied = /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/.+/

/** Whether a file of a cluster belongs into a copy of it. */
export function isCopied(path: string): boolean {
  return !left.has(path) && !emptied.test(path) && !/(^|\/)(pgsql_tmp|pg_internal\.init)/.test(path)
}

/**
 * Begins a physical copy of a running cluster (the low-level API of PostgreSQL's manual, 25.3.4). The server goes on; what it
 * writes meanwhile is in the log, which it keeps until the copy is closed.
 */
export async function copyCluster(connectionString: string): Promise<ClusterCopy> {
  const client = new pg.Client({ connectionString, application_name: 'smartreturns backup', statement_timeout: 0 })
  await client.connect()
  try {
    const { rows } = await client.query<{ folder: string; postgres: number; super: boolean }>(
      `select current_setting('data_directory', true) as folder, current_setting('server_version_num')::int / 10000 as postgres,
         (select rolsuper from pg_roles where rolname = session_user) as super`,
    )
    const { folder, postgres } = rows[0]!
    await client.query(`set idle_session_timeout = 0`)
    // Keeps the log from here on; it goes with the connection.
    await client.query(`select pg_create_physical_replication_slot($1, true, true)`, [`backup_${process.pid}`])
    const started = await client.query<{ segment: string }>(
      `select pg_walfile_name(pg_backup_start('smartreturns', true)) as segment`,
    )
    return {
      folder,
      postgres,
      finish: async () => {
        const stopped = await client.query<{ label: string; spaces: string; segment: string }>(
          `select labelfile as label, coalesce(spcmapfile, '') as spaces, pg_walfile_name(lsn) as segment
           from pg_backup_stop(false)`,
        )
        const { label, spaces, segment } = stopped.rows[0]!
        if (spaces.trim() !== '')
          throw new AppError('conflict', 'clusters with tablespaces are not copied: use pg_dump')
        const held = await client.query<{ name: string }>(
          `select name from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$' and name between $1 and $2 order by name`,
          [started.rows[0]!.segment, segment],
        )
        return { label, segments: held.rows.map(({ name }) => name) }
      },
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}
