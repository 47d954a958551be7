import { Command } from 'commander'
import { AppError } from '#kernel/errors.ts'
import { openDiskBlobs } from '#platform/blobs/disk.ts'
import { openSealedBlobs } from '#platform/blobs/sealed.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { keyCommands } from '../../src/cli/keys.ts'
import type { Program } from '../../src/cli/open.ts'
import { privacyCommands } from '../../src/cli/privacy.ts'
import { contextOn } from './context-on.ts'

/** The commands about privacy and keys, each for a message with its words, on a database, a master key and a folder of files. */
const [connectionString = '', masterKeyFile = '', blobsFolder = ''] = process.argv.slice(2)

async function open() {
  const db = openPostgres({
    connectionString,
    poolMax: 6,
    applicationName: 'test',
    engine: 'embedded',
    statementTimeoutMs: 30_000,
    acquireTimeoutMs: 20_000,
  })
  const secrets = await openLocalSecrets({ db, masterKeyFile, now: Date.now })
  const blobs = openSealedBlobs(openDiskBlobs(blobsFolder), secrets)
  const ctx = { ...(await contextOn(db)), secrets, blobs, now: Date.now }
  return { ctx, close: db.close }
}

const program = { open, openKeys: open } as unknown as Program

async function run(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const cli = new Command('smartreturns').exitOverride().configureOutput({ writeErr: () => {} })
  privacyCommands(cli, program)
  keyCommands(cli, program)
  let out = ''
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (text: string | Uint8Array) => {
    out += String(text)
    return true
  }
  try {
    await cli.parseAsync([...words], { from: 'user' })
    return { code: 0, out: out.trim(), err: '' }
  } catch (error) {
    return { code: 1, out: out.trim(), err: error instanceof AppError ? error.message : String(error) }
  } finally {
    process.stdout.write = write
  }
}

process.on('message', (words: readonly string[]) => void run(words).then((done) => process.send!(done)))
