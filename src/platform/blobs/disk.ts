import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, opendir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { checkKind, isKey, splitKey } from './keys.ts'
import type { Blobs } from './port.ts'

/** Files below one folder. A write is whole or not there: written aside, flushed, then renamed. */
export function openDiskBlobs(folder: string): Blobs {
  const pathOf = (key: string): string => {
    const [kind, id] = splitKey(key)
    // The first letters of an UUIDv7 are time; its end spreads files evenly.
    return join(folder, kind, id.slice(-2), id)
  }
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS')
        throw new AppError('unavailable', 'the disk takes no more files', { cause: error, retryAfterSeconds: 30 })
      throw error
    }
  }
  return {
    engine: 'disk',
    write: (key, bytes) => guard(writeWhole(pathOf(key), bytes)),
    read: (key) => absentAsNull(readFile(pathOf(key))),
    stream: async (key) => {
      const file = await absentAsNull(open(pathOf(key), 'r'))
      return file === null ? null : createReadStream('', { fd: file })
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    list: async function* (only) {
      checkKind(only)
      const root = await absentAsNull(opendir(join(folder, only ?? ''), { recursive: true }))
      if (root === null) return
      for await (const entry of root) {
        if (!entry.isFile()) continue
        const kind = entry.parentPath
          .slice(folder.length)
          .split(/[/\\]/)
          .find((part) => part !== '')
        const key = `${kind}/${entry.name}`
        // What a crash left half-written has another name.
        if (isKey(key)) yield key
      }
    },
    rewrap: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  }
}

async function absentAsNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null
    throw error
  }
}

async function writeWhole(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomUUID()}`
  try {
    const file = await open(aside, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
    const parent = await open(dirname(path), 'r')
    try {
      await parent.sync()
    } finally {
      await parent.close()
    }
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}
