import { createHmac, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { decrypt, encrypt, keyBytes } from './envelope.ts'
import type { MasterKey } from './port.ts'

const advice = 'put the right file there, or name it in SMARTRETURNS_MASTER_KEY_FILE'

export type FileKey = { readonly id: string; readonly key: Buffer; readonly mark: Buffer }

function fileKey(key: Buffer): FileKey {
  const mark = createHmac('sha256', key).update('smartreturns key check').digest()
  return { id: mark.subarray(0, 6).toString('hex'), key, mark }
}

/** The keys in this file, one a line in base64, the newest first; null where there is no file. */
export function readMasterKeys(path: string): FileKey[] | null {
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
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const keys = lines.map((line) => Buffer.from(line, 'base64'))
  if (keys.length > 0 && keys.every((key) => key.length === keyBytes)) return keys.map(fileKey)
  throw new AppError(
    'invalid',
    `${path} is not a master key: each line must hold ${keyBytes} bytes in base64. Put the right file there, or name it in SMARTRETURNS_MASTER_KEY_FILE`,
    { problem: 'master_key_invalid' },
  )
}

/** Makes the key; of two processes that make one at once, the first one's counts for both. */
function makeMasterKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // A link, where a rename would put the second key over the first.
  writeAside(path, [randomBytes(keyBytes)], (aside) => {
    try {
      linkSync(aside, path)
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error
    }
  })
}

/** Whole or not at all, and on the disk before anything is sealed with it: what a power cut takes the key of is lost. */
function writeAside(path: string, keys: readonly Uint8Array[], put: (aside: string) => void): void {
  const aside = `${path}.${randomUUID()}`
  try {
    const text = keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('')
    flushed(aside, 'wx', (file) => writeSync(file, text))
    put(aside)
  } finally {
    rmSync(aside, { force: true })
  }
  flushed(dirname(path), 'r', () => {})
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

/** The master key in a file: the embedded engine. The file may hold older keys below the newest, for what they wrapped. */
export function openFileMasterKey(path: string): MasterKey {
  const present = (): FileKey[] => {
    const keys = readMasterKeys(path)
    if (keys !== null) return keys
    throw new AppError(
      'invalid',
      `the master key file ${path} is missing, and personal data in this database were sealed with it: put it back, or name it in SMARTRETURNS_MASTER_KEY_FILE`,
      { problem: 'master_key_missing' },
    )
  }
  const wrapping = ({ key }: FileKey) =>
    Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'smartreturns wrapping', 32))
  const idOf = (wrapped: string) => /^file\.([0-9a-f]{12})\./.exec(wrapped)?.[1] ?? null
  const replace = (keys: readonly FileKey[]) =>
    writeAside(
      path,
      keys.map(({ key }) => key),
      (aside) => renameSync(aside, path),
    )
  // The file is read for every use: few uses there are, and another process may have added a key.
  return {
    engine: 'file',
    place: path,
    wrap: async (plain, name) => {
      const newest = present()[0]!
      return `file.${newest.id}.${encrypt(wrapping(newest), plain, name).toString('base64')}`
    },
    unwrap: async (wrapped, name) => {
      const id = idOf(wrapped)
      const found = present().find((each) => each.id === id)
      if (found !== undefined) return decrypt(wrapping(found), Buffer.from(wrapped.split('.')[2]!, 'base64'), name)
      throw new AppError(
        'invalid',
        `the master key in ${path} is not the one that this database was sealed with (key ${id ?? 'of another engine'}): ${advice}`,
        { problem: 'master_key_wrong' },
      )
    },
    isStale: async (wrapped) => idOf(wrapped) !== present()[0]!.id,
    create: async () => {
      if (readMasterKeys(path) === null) makeMasterKey(path)
    },
    renew: async () => replace([fileKey(randomBytes(keyBytes)), ...present()]),
    retire: async () => replace(present().slice(0, 1)),
  }
}
