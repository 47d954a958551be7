import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Stop } from './paths.mjs'

const PROGRAM = '/usr/bin/redis-server'
const PORT = 56379
const START_MS = 15_000
const STOP_MS = 15_000

/** Redis of the system on loopback, with a password and nothing on disk; answers its URL. */
export async function startRedis(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const passwordFile = join(folder, 'password')
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  const password = readFileSync(passwordFile, 'utf8')
  const url = `redis://:${password}@127.0.0.1:${PORT}`
  if (runningPid(folder) !== null && answers(password)) return url
  await stopRedis(folder)
  const log = openSync(join(folder, 'log'), 'w', 0o600)
  const child = spawn(PROGRAM, ['-'], { cwd: '/', detached: true, stdio: ['pipe', log, log], ...account() })
  // Settings go in by a pipe: the password is on no command line and in no file that the account can lose.
  child.stdin.end(`bind 127.0.0.1\nport ${PORT}\nrequirepass ${password}\nsave ""\nappendonly no\ndaemonize no\n`)
  child.unref()
  writeFileSync(join(folder, 'pid'), String(child.pid))
  for (const until = Date.now() + START_MS; !answers(password); await sleep(100))
    if (Date.now() > until) throw new Stop(`Redis did not start; see ${join(folder, 'log')}`)
  return url
}

/** Comes back when the process is gone: until then its port and its files are not free. */
export async function stopRedis(folder) {
  const pid = runningPid(folder)
  if (pid !== null) {
    process.kill(pid, 'SIGTERM')
    for (const until = Date.now() + STOP_MS; runningPid(folder) === pid; await sleep(50))
      if (Date.now() > until) throw new Stop(`Redis did not end; see ${join(folder, 'log')}`)
  }
  rmSync(join(folder, 'pid'), { force: true })
}

function runningPid(folder) {
  try {
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    // A number may have passed to another process since.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(PROGRAM) ? pid : null
  } catch {
    return null
  }
}

function answers(password) {
  const { stdout } = spawnSync('redis-cli', ['-h', '127.0.0.1', '-p', String(PORT), 'ping'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, REDISCLI_AUTH: password },
  })
  return stdout?.trim() === 'PONG'
}

function account() {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('redis:'))
    ?.split(':')
  if (!fields) throw new Stop('there is no account redis: is the package redis-server installed?')
  return { uid: Number(fields[2]), gid: Number(fields[3]) }
}
