#!/usr/bin/env node
// Schemathesis against the whole program, as nobody and as each role: `node scripts/schemathesis.mjs [SECONDS A ROLE]`.
// The environment is made from test/schemathesis/requirements.lock on first use, and again when that file changes.
import { spawn } from 'node:child_process'
import { createHash, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cache, modernNode, root, Stop } from './paths.mjs'
import { run, withLock } from './processes.mjs'

const folder = join(root, 'test', 'schemathesis')
const lockFile = join(folder, 'requirements.lock')
const environment = join(cache, 'schemathesis', 'venv')
const stamp = join(cache, 'schemathesis', 'installed.sha256')
const SECONDS = 14
/** What would end the session of who asks. */
const ownSession = '/api/auth/'

async function ensureTool() {
  const wanted = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
  const tool = join(environment, 'bin', 'schemathesis')
  const isReady = () => existsSync(tool) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (isReady()) return tool
  await withLock('schemathesis', async () => {
    if (isReady()) return
    console.error('Making the Python environment of Schemathesis (first use, or its lock file changed) ...')
    mkdirSync(join(cache, 'schemathesis'), { recursive: true })
    rmSync(stamp, { force: true })
    rmSync(environment, { recursive: true, force: true })
    const python = process.env.PYTHON ?? 'python3'
    await succeed(python, ['-m', 'venv', environment])
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '-r', lockFile]
    await succeed(join(environment, 'bin', 'python'), pip)
    writeFileSync(stamp, wanted)
  })
  return tool
}

async function succeed(command, args) {
  const { code, output } = await run(command, args, { quiet: true })
  if (code !== 0) throw new Stop(`${command} ${args[0]} ${args[1]} failed (exit code ${code}):\n${output}`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/** The program with demo data in a folder of its own; ends with `stop`. */
async function startProgram() {
  const data = mkdtempSync(join(tmpdir(), 'smartreturns-schemathesis-'))
  const port = await freePort()
  const { DATABASE_URL: _, TEST_DATABASE_URL: __, NODE_OPTIONS: ___, ...inherited } = process.env
  const env = {
    ...inherited,
    NODE_ENV: 'development',
    PORT: String(port),
    SMARTRETURNS_DATA: join(data, 'data'),
    SMARTRETURNS_DEMO: '1',
    SMARTRETURNS_DEMO_RETURNS: '200',
    SMARTRETURNS_WEB: '0',
    SMARTRETURNS_LOG: 'error',
    // It asks with wrong credentials more often than any person would.
    SMARTRETURNS_GUESSES_PER_MINUTE: '100000',
  }
  const child = spawn(modernNode(), [join(root, 'src', 'app', 'serve.ts')], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-30_000)))
  const url = `http://127.0.0.1:${port}`
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Stop(`the program ended:\n${output}`)
    if (
      await fetch(`${url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return { url, stop, output: () => output }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await stop()
  throw new Stop(`the program was not ready:\n${output}`)
}

const people = [
  ['worker', 'asha@demo.smartreturns.local', 'demo asha counts parcels'],
  ['manager', 'ravi@demo.smartreturns.local', 'demo ravi minds the hub'],
  ['analyst', 'meera@demo.smartreturns.local', 'demo meera reads numbers'],
  ['admin', 'admin@demo.smartreturns.local', 'demo admin holds the keys'],
]

async function ask(url, method, path, token, body) {
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Stop(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}

/** Who asks, the admin last: it may take from the others what they have. */
async function callers(url) {
  const tokens = new Map()
  for (const [role, email, password] of people)
    tokens.set(role, (await ask(url, 'POST', '/api/auth/login', null, { email, password })).accessToken)
  const admin = tokens.get('admin')
  const [client] = (await ask(url, 'GET', '/api/clients', admin)).data
  // Roles that no demo login has.
  for (const role of ['claims', 'client_viewer']) {
    const login = { email: `${role}@demo.smartreturns.local`, password: 'a pass phrase of this run' }
    await ask(url, 'POST', '/api/users', admin, { ...login, name: role, role, clientIds: [client.id] })
    tokens.set(role, (await ask(url, 'POST', '/api/auth/login', null, login)).accessToken)
  }
  const scopes = [
    'returns:read',
    'returns:create',
    'returns:cancel',
    'products:read',
    'products:write',
    'webhooks:manage',
  ]
  const key = await ask(url, 'POST', '/api/api-keys', admin, { name: 'schemathesis', clientId: client.id, scopes })
  const order = ['worker', 'manager', 'analyst', 'claims', 'client_viewer']
  return [['nobody', null], ...order.map((role) => [role, tokens.get(role)]), ['API key', key.key], ['admin', admin]]
}

export async function runSchemathesis([seconds = String(SECONDS)] = []) {
  const tool = await ensureTool()
  const program = await startProgram()
  const seed = process.env.SCHEMATHESIS_SEED ?? String(randomInt(2 ** 31))
  const failed = []
  try {
    for (const [role, token] of await callers(program.url)) {
      const who =
        token === null
          ? ['--include-path-regex', ownSession]
          : ['--exclude-path-regex', ownSession, '-H', `Authorization: Bearer ${token}`]
      const args = [
        '--config-file',
        join(folder, 'schemathesis.toml'),
        'run',
        `${program.url}/api/openapi.json`,
        '--checks',
        'all',
        '--max-time',
        String(Number(seconds) * (role === 'admin' ? 2 : 1)),
        '--workers',
        '1',
        '--seed',
        seed,
        '--request-timeout',
        '30',
        '--no-color',
        '--continue-on-failure',
        '--no-shrink',
        '--warnings',
        'off',
        ...who,
      ]
      const { code, output } = await run(tool, args, { quiet: true, cwd: join(cache, 'schemathesis') })
      const line = output.trimEnd().split('\n').at(-1)
      console.log(`${role.padEnd(14)} ${line}`)
      if (code === 0) continue
      failed.push(role)
      console.log(output.slice(0, 40_000))
    }
  } finally {
    await program.stop()
  }
  if (failed.length === 0) return 0
  console.log(`failed as ${failed.join(', ')}; the same again: SCHEMATHESIS_SEED=${seed}\n${program.output()}`)
  return 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.exitCode = await runSchemathesis(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
