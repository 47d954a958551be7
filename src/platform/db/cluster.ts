import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { canEnter, serverAccount, type Account } from './account.ts'
import { findBinaries } from './binaries.ts'
import { writeSecret } from './secret-file.ts'

export const DATABASE_NAME = 'smartreturns'
export const USER = 'smartreturns'
/** Names the socket's file only: the server listens on no network port. */
export const PORT = 5432

/** Where an embedded cluster is and how to enter it. */
export type Cluster = {
  readonly account: Account
  readonly binaries: string
  /** Belongs to the server's account: the cluster, and the socket when its path is short enough. */
  readonly home: string
  readonly folder: string
  readonly socketFolder: string
  readonly password: string
}

type Facts = { readonly id: string; readonly password: string; readonly home: string | null }

// For root when the data folder lies below one that the server's account can't enter, like /root.
const SYSTEM_FOLDER = '/var/lib/smartreturns'
// sun_path has 108 bytes on Linux and 104 on macOS.
const SOCKET_PATH_MAX = 100

/** Finds, or chooses, the place of a data folder's cluster. The caller owns the data folder. */
export function locateCluster(dataFolder: string): Cluster {
  const account = serverAccount()
  const facts = readFacts(dataFolder) ?? recordFacts(dataFolder, account)
  const home = facts.home ?? join(dataFolder, 'postgres')
  makeFolder(home, account)
  return {
    account,
    binaries: findBinaries(account, account ? SYSTEM_FOLDER : dataFolder),
    home,
    folder: join(home, 'cluster'),
    socketFolder: socketFolder(home, facts.id, account),
    password: facts.password,
  }
}

/** Makes the cluster (initdb) when it is not there yet. */
export async function ensureCluster(cluster: Cluster): Promise<void> {
  if (!existsSync(join(cluster.folder, 'PG_VERSION'))) await createCluster(cluster)
  checkVersion(cluster)
}

export function connectionString(cluster: Cluster, database: string): string {
  const query = new URLSearchParams({ host: cluster.socketFolder, port: String(PORT) })
  return `postgresql://${USER}:${cluster.password}@/${database}?${query.toString()}`
}

function factsFile(dataFolder: string): string {
  return join(dataFolder, 'postgres.json')
}

function readFacts(dataFolder: string): Facts | null {
  const file = factsFile(dataFolder)
  if (!existsSync(file)) return null
  return JSON.parse(readFileSync(file, 'utf8')) as Facts
}

/** The place is chosen once and written down: changed permissions above must not make the data vanish. */
function recordFacts(dataFolder: string, account: Account): Facts {
  if (existsSync(join(dataFolder, 'postgres', 'cluster', 'PG_VERSION'))) {
    const detail = `${factsFile(dataFolder)} with the password of the database beside it is gone: restore it`
    throw new AppError('conflict', detail, { problem: 'database_password_missing' })
  }
  return chooseFacts(dataFolder, account, randomBytes(24).toString('base64url'))
}

function chooseFacts(dataFolder: string, account: Account, password: string): Facts {
  const id = randomBytes(8).toString('hex')
  const home = canEnter(account, dataFolder) ? null : join(SYSTEM_FOLDER, id)
  const facts: Facts = { id, password, home }
  writeSecret(factsFile(dataFolder), JSON.stringify(facts))
  return facts
}

/** Chooses the place of a cluster that is put back, which knows its password already. */
export function writeFacts(dataFolder: string, password: string): void {
  chooseFacts(dataFolder, serverAccount(), password)
}

/** The password of the database of a data folder. */
export function passwordOf(dataFolder: string): string {
  const facts = readFacts(dataFolder)
  if (facts === null) throw new AppError('not_found', `${dataFolder} has no database of its own`)
  return facts.password
}

function makeFolder(folder: string, account: Account): void {
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  chmodSync(folder, 0o700)
  if (account) chownSync(folder, account.uid, account.gid)
}

function socketFolder(home: string, id: string, account: Account): string {
  const inside = realpathSync(home)
  if (Buffer.byteLength(join(inside, `.s.PGSQL.${PORT}.lock`)) <= SOCKET_PATH_MAX) return inside
  const folder = join(tmpdir(), `smartreturns-${id}`)
  makeFolder(folder, account)
  return folder
}

/** Made under another name and renamed: a cluster is whole or absent, also when initdb is killed half way. */
async function createCluster(cluster: Cluster): Promise<void> {
  const draft = `${cluster.folder}.draft`
  const passwordFile = join(cluster.home, 'password')
  rmSync(draft, { recursive: true, force: true })
  writeFileSync(passwordFile, cluster.password, { mode: 0o600 })
  if (cluster.account) chownSync(passwordFile, cluster.account.uid, cluster.account.gid)
  try {
    await runAs(cluster.account, join(cluster.binaries, 'bin', 'initdb'), [
      `--pgdata=${draft}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ])
  } finally {
    rmSync(passwordFile, { force: true })
  }
  renameSync(draft, cluster.folder)
}

function checkVersion(cluster: Cluster): void {
  const found = readFileSync(join(cluster.folder, 'PG_VERSION'), 'utf8').trim()
  const share = readFileSync(join(cluster.binaries, 'share', 'postgresql', 'postgres.bki'), 'utf8')
  const ours = /^# PostgreSQL (\d+)/.exec(share)?.[1]
  if (found === ours) return
  const detail = `the database in ${cluster.folder} is of PostgreSQL ${found}, this program brings ${ours}`
  throw new AppError('conflict', detail, { problem: 'database_version' })
}

function runAs(account: Account, command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', TZ: 'UTC' },
      ...account,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (data: Buffer): void => {
      output += data.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ended with ${code}: ${output.slice(-2_000)}`))
    })
  })
}
