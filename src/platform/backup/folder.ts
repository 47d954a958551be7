import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '#kernel/errors.ts'
import type { BackupEntry } from './port.ts'

/** All files below a folder, by name, as entries below `prefix`. What goes away meanwhile is left out; what grows is cut. */
export async function* entriesOf(
  folder: string,
  prefix: string,
  isWanted: (path: string) => boolean = () => true,
  below = '',
): AsyncGenerator<BackupEntry> {
  const names = await readdir(join(folder, below), { withFileTypes: true }).catch(() => [])
  for (const name of names.toSorted((a, b) => a.name.localeCompare(b.name))) {
    const path = below === '' ? name.name : `${below}/${name.name}`
    if (!isWanted(path)) continue
    if (name.isDirectory()) {
      yield { path: `${prefix}${path}/`, size: 0, bytes: nothing() }
      yield* entriesOf(folder, prefix, isWanted, path)
    } else if (name.isFile()) {
      const size = await sizeOf(join(folder, path))
      if (size !== null) yield { path: `${prefix}${path}`, size, bytes: exactly(join(folder, path), size) }
    }
  }
}

async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    ({ size }) => size,
    () => null,
  )
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The first `size` bytes; what is missing of a file that was cut meanwhile is zeros. */
async function* exactly(file: string, size: number): AsyncGenerator<Uint8Array> {
  let left = size
  if (size > 0)
    try {
      for await (const chunk of createReadStream(file, { end: size - 1, highWaterMark: 1_048_576 })) {
        left -= (chunk as Buffer).length
        yield chunk as Buffer
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error
    }
  for (; left > 0; left -= Math.min(left, 1_048_576)) yield Buffer.alloc(Math.min(left, 1_048_576))
}

export async function* one(path: string, text: string): AsyncGenerator<BackupEntry> {
  const bytes = Buffer.from(text)
  yield { path, size: bytes.length, bytes: piece(bytes) }
}

async function* piece(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Writes one entry below a folder, and nowhere else. */
export async function place(folder: string, path: string, { bytes }: Pick<BackupEntry, 'bytes'>): Promise<void> {
  const inside = normalize(path)
  if (inside.startsWith('..') || inside.startsWith(sep))
    throw new AppError('invalid', `the backup holds a path that leads out of it: ${path}`)
  const target = join(folder, inside)
  if (path.endsWith('/')) {
    await mkdir(target, { recursive: true, mode: 0o700 })
    return
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await pipeline(bytes, createWriteStream(target, { mode: 0o600, flags: 'wx' }))
}
