import { randomBytes, randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '#kernel/errors.ts'

const keyBytes = 32

/** The key in this file; null where there is no file. */
export function readMasterKey(path: string): Buffer | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null
    throw new AppError('invalid', `the master key file ${path} cannot be read: ${(error as Error).message}`, {
      problem: 'master_key_unreadable',
      cause: error,
    })
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === keyBytes) return key
  throw new AppError(
    'invalid',
    `${path} is not a master key: it must hold ${keyBytes} bytes in base64. Put the right file there, or name it in SMARTRETURNS_MASTER_KEY_FILE`,
    { problem: 'master_key_invalid' },
  )
}

/** Makes the key; of two processes that make one at once, the first one's counts for both. */
export function makeMasterKey(path: string): Buffer {
  const key = randomBytes(keyBytes)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomUUID()}`
  try {
    flushed(aside, 'wx', (file) => writeSync(file, `${key.toString('base64')}\n`))
    // A link, where a rename would put the second key over the first.
    linkSync(aside, path)
  } catch (error) {
    const made = (error as { code?: string }).code === 'EEXIST' ? readMasterKey(path) : null
    if (made === null) throw error
    return made
  } finally {
    rmSync(aside, { force: true })
  }
  // Before anything is sealed with it: what a power cut takes the key of is lost.
  flushed(dirname(path), 'r', () => {})
  return key
}

function flushed(path: string, flags: 'wx' | 'r', work: (file: number) => void): void {
  const file = openSync(path, flags, 0o600)
  try {
    work(file)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
