import { join } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { entriesOf } from '#platform/backup/folder.ts'
import type { BackupEntry } from '#platform/backup/port.ts'
import type { Blobs } from '#platform/blobs/port.ts'
import type { Config } from './config.ts'
import { openStoredFiles } from './open-blobs.ts'

/** Stored files of a backup, through their port: encrypted as they lie there, whichever engine has them. */

const erasureKind = 'erasure'
const bucketWord = 's3:'

export async function* fileEntries(config: Config): AsyncGenerator<BackupEntry> {
  const files = openStoredFiles(config)
  try {
    for await (const key of files.list()) {
      const bytes = await files.read(key)
      // Removed meanwhile.
      if (bytes !== null) yield { path: `blobs/${key}`, size: bytes.length, bytes: piece(bytes) }
    }
  } finally {
    await files.close()
  }
}

/** A bucket is filled once, as a data folder is. */
export async function checkNoFiles(config: Config): Promise<void> {
  const files = openStoredFiles(config)
  try {
    for await (const _ of files.list())
      throw new AppError(
        'conflict',
        `the bucket ${config.SMARTRETURNS_S3_BUCKET} holds files: a backup is put into a new one (SMARTRETURNS_S3_BUCKET)`,
      )
  } finally {
    await files.close()
  }
}

export type FilesToRestore = {
  readonly take: (entry: Pick<BackupEntry, 'path' | 'bytes'>) => Promise<void>
  readonly has: (key: string) => boolean
  /** Takes away what was put there. */
  readonly undo: () => Promise<void>
  readonly close: () => Promise<void>
}

export function openFilesToRestore(config: Config): FilesToRestore {
  const files = openStoredFiles(config)
  const taken = new Set<string>()
  return {
    take: async ({ path, bytes }) => {
      const key = keyOf(path)
      // Folders, and what a crash left half-written on a disk.
      if (key === null) return drain(bytes)
      taken.add(key)
      await files.write(key, bytes)
    },
    has: (key) => taken.has(key),
    undo: async () => {
      for (const key of taken) await files.remove(key)
    },
    close: files.close,
  }
}

/**
 * Words of erasures since the backup: of a data folder or a copy of its words (below `blobs/erasure`), or of another bucket
 * (`s3:NAME`). Answers how many were new.
 */
export async function addErasures(config: Config, files: FilesToRestore, from: string): Promise<number> {
  const words = from.startsWith(bucketWord)
    ? wordsOf(openStoredFiles(config, from.slice(bucketWord.length)))
    : entriesOf(join(from, 'blobs', erasureKind), `blobs/${erasureKind}/`)
  let added = 0
  for await (const word of words) {
    const key = keyOf(word.path)
    if (key === null || files.has(key)) continue
    await files.take(word)
    added += 1
  }
  return added
}

async function* wordsOf(files: Blobs): AsyncGenerator<Pick<BackupEntry, 'path' | 'bytes'>> {
  try {
    for await (const key of files.list(erasureKind)) {
      const bytes = await files.read(key)
      if (bytes !== null) yield { path: `blobs/${key}`, bytes: piece(bytes) }
    }
  } finally {
    await files.close()
  }
}

/** A disk has a folder between kind and id, and older backups have the files as they lay there. */
function keyOf(path: string): string | null {
  const match = /^blobs\/([a-z]{1,20})\/(?:[0-9a-f]{2}\/)?([0-9a-f-]{36})$/.exec(path)
  return match === null ? null : `${match[1]}/${match[2]}`
}

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}
