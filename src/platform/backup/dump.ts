import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { AppError } from '#kernel/errors.ts'
import type { BackupEntry } from './port.ts'

/** pg_dump and pg_restore of the operating system; the password goes by the environment, for a command line is seen by others. */

const partBytes = 4_194_304
const places = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

function tool(name: 'pg_dump' | 'pg_restore' | 'psql', url: string, args: readonly string[]) {
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  const child = spawn(name, [...args, `--dbname=${address.href}`], {
    env: { PATH: places, PGPASSWORD: password },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let says = ''
  child.stderr.on('data', (data: Buffer) => {
    says = `${says}${data.toString()}`.slice(-2000)
  })
  const ended = endOf(child, name, () => says)
  // Who reads its output first meets the failure there.
  ended.catch(() => undefined)
  return { child, ended }
}

async function endOf(child: ChildProcess, name: string, says: () => string): Promise<void> {
  const missing = once(child, 'error').then(([error]) => {
    const isMissing = (error as { code?: string }).code === 'ENOENT'
    const detail = isMissing ? `${name} is not installed: it comes with the client tools of PostgreSQL` : String(error)
    throw new AppError('unavailable', detail, { problem: 'tool_missing' })
  })
  const [code] = (await Promise.race([once(child, 'close'), missing])) as [number]
  if (code !== 0) throw new AppError('unavailable', `${name} ended with ${code}: ${says().trim()}`)
}

/** Major version of the server. */
export async function serverVersion(url: string): Promise<number> {
  const { child, ended } = tool('psql', url, ['-qAt', '-c', 'show server_version_num'])
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  await ended
  return Math.floor(Number(text.trim()) / 10_000)
}

/** A consistent dump of the database, in parts that are small enough to be held. */
export async function* dumpEntries(url: string): AsyncGenerator<BackupEntry> {
  const { child, ended } = tool('pg_dump', url, ['--format=custom', '--compress=0', '--no-owner'])
  child.stdin.end()
  let held: Buffer[] = []
  let length = 0
  let part = 0
  const next = (): BackupEntry => {
    const bytes = Buffer.concat(held)
    held = []
    length = 0
    return { path: `dump/${String(part++).padStart(6, '0')}`, size: bytes.length, bytes: only(bytes) }
  }
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    held.push(chunk)
    length += chunk.length
    if (length >= partBytes) yield next()
  }
  await ended
  if (length > 0) yield next()
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Takes the parts of a dump in their order, in one transaction: all of it is there after `end`, or nothing. */
export function openRestoring(url: string) {
  const { child, ended } = tool('pg_restore', url, ['--no-owner', '--exit-on-error', '--single-transaction'])
  child.stdout.resume()
  child.stdin.on('error', () => undefined)
  return {
    take: async (bytes: AsyncIterable<Uint8Array>) => {
      for await (const chunk of bytes) {
        // Where it has ended, it says why.
        if (!child.stdin.writable) await ended
        if (!child.stdin.write(chunk)) await Promise.race([once(child.stdin, 'drain').catch(() => ended), ended])
      }
    },
    end: async () => {
      child.stdin.end()
      await ended
    },
    cancel: async () => {
      child.kill('SIGTERM')
      await ended.catch(() => undefined)
    },
  }
}
