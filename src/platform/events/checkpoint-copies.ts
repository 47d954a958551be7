import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rawPublicKey, type NoteKey } from './notes.ts'

/**
 * What stands outside the database: the public key, every checkpoint, and the hash of every record under one. Whoever owns
 * the database cannot change these; with them the very record that was changed can be named.
 */
export type Copies = {
  readonly folder: string
  readonly publicKey: () => Promise<string | null>
  /** Checkpoints as they were signed, oldest first. */
  readonly notes: () => Promise<string[]>
  /** Hashes of the records, 32 bytes each, in order. Some may stand behind the last checkpoint. */
  readonly leaves: () => AsyncGenerator<Buffer>
  /** Adds a checkpoint and the hashes of the records after the first `known`; returns when they are on the disk. */
  readonly add: (known: number, leaves: readonly Buffer[], note: string) => Promise<void>
}

const noteEnd = '\n\f\n'
const leafBytes = 32

export function publicKeyText(key: NoteKey): string {
  return rawPublicKey(key.publicKey).toString('base64')
}

export async function openCopies(folder: string, key: NoteKey): Promise<Copies> {
  const files = {
    key: join(folder, 'audit-key.txt'),
    notes: join(folder, 'checkpoints.txt'),
    leaves: join(folder, 'leaves.bin'),
  }
  const publicKey = async () => (existsSync(files.key) ? (await readFile(files.key, 'utf8')).trim() : null)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await publicKey()) === null) await writeFile(files.key, `${publicKeyText(key)}\n`, { mode: 0o600 })
  return {
    folder,
    publicKey,
    notes: async () => {
      if (!existsSync(files.notes)) return []
      const parts = (await readFile(files.notes, 'utf8')).split(noteEnd)
      // What a crash left half written has no end.
      return parts.slice(0, -1).map((part) => `${part}\n`)
    },
    leaves: async function* () {
      if (!existsSync(files.leaves)) return
      let rest: Buffer = Buffer.alloc(0)
      for await (const chunk of createReadStream(files.leaves, { highWaterMark: leafBytes * 8192 })) {
        const bytes = Buffer.concat([rest, chunk as Buffer])
        const whole = bytes.length - (bytes.length % leafBytes)
        for (let at = 0; at < whole; at += leafBytes) yield bytes.subarray(at, at + leafBytes)
        rest = bytes.subarray(whole)
      }
    },
    add: async (known, leaves, note) => {
      // Hashes first: a checkpoint never covers what does not stand here.
      await writeAt(files.leaves, Buffer.concat(leaves), known * leafBytes)
      const end = await lengthOfWhole(files.notes)
      await writeAt(files.notes, Buffer.from(`${note.trimEnd()}${noteEnd}`), end)
    },
  }
}

/** Up to the end of the last whole checkpoint. */
async function lengthOfWhole(file: string): Promise<number> {
  if (!existsSync(file)) return 0
  const { size } = await stat(file)
  const handle = await open(file, 'r')
  try {
    const tail = Buffer.alloc(Math.min(size, 4096))
    await handle.read(tail, 0, tail.length, size - tail.length)
    const last = tail.lastIndexOf(noteEnd)
    return last < 0 ? 0 : size - tail.length + last + Buffer.byteLength(noteEnd)
  } finally {
    await handle.close()
  }
}

async function writeAt(file: string, bytes: Buffer, place: number): Promise<void> {
  const handle = await open(file, existsSync(file) ? 'r+' : 'w', 0o600)
  try {
    await handle.write(bytes, 0, bytes.length, place)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
