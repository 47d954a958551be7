import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPythonEngines, stopPythonEngines } from './engines-python.mjs'
import { startRabbit, stopRabbit } from './engines-rabbit.mjs'
import { startRedis, stopRedis } from './engines-redis.mjs'
import { startVault, stopVault } from './engines-vault.mjs'
import { cache, Stop } from './paths.mjs'

const FOLDER = '/var/lib/smartreturns-engines'
const PORT = 55432
const PACKAGES = [
  'postgresql',
  'chromium',
  'fonts-noto-core',
  'openssl',
  'python3',
  'python3-venv',
  'redis-server',
  'rabbitmq-server',
  'nginx',
  'poppler-utils',
]
const PYTHON_FOLDER = join(FOLDER, 'python')
const RABBIT_FOLDER = join(FOLDER, 'rabbit')
const REDIS_FOLDER = join(FOLDER, 'redis')
const VAULT_FOLDER = join(FOLDER, 'vault')
const envFile = join(cache, 'engines.env')

/** Installs and starts the real engines on a Debian machine, on loopback only; `stop` stops them. Repeatable. */
export async function runEngines([action]) {
  if (action !== undefined && action !== 'stop') throw new Stop('usage: npm run engines [-- stop]')
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) {
    throw new Stop('npm run engines is for Debian; elsewhere start the engines of deploy/compose.yaml')
  }
  if (process.getuid() !== 0) {
    throw new Stop(
      `npm run engines installs Debian packages and runs servers under their own accounts: run it as root, or install ` +
        `${PACKAGES.join(', ')} and set DATABASE_URL to a server of PostgreSQL 15 or newer`,
    )
  }
  if (action === 'stop') return stop()
  installPackages()
  const settings = {
    DATABASE_URL: startPostgres(),
    CHROMIUM: '/usr/bin/chromium',
    REDIS_URL: await startRedis(REDIS_FOLDER),
    RABBIT_URL: await startRabbit(RABBIT_FOLDER),
    ...(await startVault(VAULT_FOLDER)),
    ...(await startPythonEngines(PYTHON_FOLDER)),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  mkdirSync(cache, { recursive: true })
  writeFileSync(envFile, `${lines.join('\n')}\n`, { mode: 0o600 })
  console.log(lines.join('\n'))
  return 0
}

async function stop() {
  rmSync(envFile, { force: true })
  await stopPythonEngines(PYTHON_FOLDER)
  stopVault(VAULT_FOLDER)
  await stopRedis(REDIS_FOLDER)
  await stopRabbit(RABBIT_FOLDER)
  if (isRunning()) asPostgres('pg_ctl', ['stop', '-D', clusterFolder(), '-m', 'fast', '-w'])
  return 0
}

function installPackages() {
  const missing = PACKAGES.filter((name) => {
    const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' })
    return !stdout.includes('install ok installed')
  })
  if (missing.length === 0) return
  console.log(`Installing ${missing.join(', ')} ...`)
  // The runlevel keeps packages from starting servers of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  command('apt-get', ['update', '-qq'], { env })
  command('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env })
}

/** A cluster of our own: the package's own one is left as it is. */
function startPostgres() {
  const { uid, gid } = postgresAccount()
  mkdirSync(FOLDER, { recursive: true, mode: 0o711 })
  const passwordFile = join(FOLDER, 'password')
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  chownSync(passwordFile, uid, gid)
  const cluster = clusterFolder()
  mkdirSync(join(FOLDER, 'postgres'), { recursive: true, mode: 0o700 })
  chownSync(join(FOLDER, 'postgres'), uid, gid)
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    rmSync(cluster, { recursive: true, force: true })
    const identity = ['--username=smartreturns', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    asPostgres('initdb', ['-D', cluster, ...identity, '--encoding=UTF8', '--locale=C.UTF-8', '--data-checksums'])
  }
  if (!isRunning()) {
    const options = [
      `-p ${PORT}`,
      '-c listen_addresses=127.0.0.1',
      `-c unix_socket_directories=${join(FOLDER, 'postgres')}`,
      '-c max_connections=200',
      '-c shared_buffers=256MB',
      '-c max_wal_size=2GB',
      '-c wal_compression=on',
      '-c timezone=UTC',
      '-c random_page_cost=1.1',
    ]
    const log = join(FOLDER, 'postgres', 'log')
    asPostgres('pg_ctl', ['start', '-D', cluster, '-l', log, '-w', '-t', '60', '-o', options.join(' ')])
  }
  return `postgresql://smartreturns:${readFileSync(passwordFile, 'utf8')}@127.0.0.1:${PORT}/postgres`
}

function binaries() {
  const versions = readdirSync('/usr/lib/postgresql').map(Number).filter(Boolean)
  return join('/usr/lib/postgresql', String(Math.max(...versions)), 'bin')
}

function clusterFolder() {
  if (!existsSync('/usr/lib/postgresql')) return join(FOLDER, 'postgres', 'none')
  return join(FOLDER, 'postgres', binaries().split('/').at(-2))
}

function isRunning() {
  const cluster = clusterFolder()
  if (!existsSync(join(cluster, 'PG_VERSION'))) return false
  const status = spawnSync(join(binaries(), 'pg_ctl'), ['status', '-D', cluster], {
    cwd: '/',
    ...postgresAccount(),
  })
  return status.status === 0
}

function postgresAccount() {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('postgres:'))
    ?.split(':')
  if (!fields) throw new Stop('there is no account postgres: is the package postgresql installed?')
  return { uid: Number(fields[2]), gid: Number(fields[3]) }
}

function asPostgres(name, args) {
  // Without our output: a server that holds it would keep whoever reads it waiting.
  command(join(binaries(), name), args, {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'inherit'],
    ...postgresAccount(),
  })
}

function command(name, args, options) {
  const { status, error } = spawnSync(name, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
  if (error) throw new Stop(`${name} can't be run: ${error.message}`)
  if (status !== 0) throw new Stop(`${name} ${args[0]} failed with exit code ${status}`)
}
