/** One file of a backup. `path` is relative, with `/`; its bytes are exactly `size` many. */
export type BackupEntry = {
  readonly path: string
  readonly size: number
  readonly bytes: AsyncIterable<Uint8Array>
}

/** What stands in clear at the head of a backup. */
export type BackupHead = {
  readonly format: 'smartreturns-backup/1'
  readonly madeAt: string
  /** How the database is in it: its files as they were, or a dump. */
  readonly database: 'cluster' | 'dump'
  readonly postgres: number
  /** The key of this backup, wrapped by the master key. */
  readonly key: string
}
