import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The whole program on a data folder, without pages, to be killed and started again. */

const root = resolve(import.meta.dirname, '..', '..')
const readyTimeoutMs = 120_000

export type Program = { readonly child: ChildProcess; readonly url: string; readonly output: () => string }

/** Settings of the embedded database, and these. */
function environment(data: string, env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, TEST_DATABASE_URL: __, ...rest } = process.env
  return {
    ...rest,
    NODE_ENV: 'development',
    SMARTRETURNS_DATA: data,
    SMARTRETURNS_WEB: '0',
    SMARTRETURNS_DEMO: '1',
    SMARTRETURNS_DEMO_RETURNS: '0',
    ...env,
  }
}

export async function start(data: string, port: number, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const child = spawn(process.execPath, [join(root, 'src/app/serve.ts')], {
    cwd: root,
    env: { ...environment(data, env), PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  const until = Date.now() + readyTimeoutMs
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`it ended:\n${output}`)
    if (
      await fetch(`${url}/readyz`).then(
        (r) => r.ok,
        () => false,
      )
    )
      return { child, url, output: () => output }
    await sleep(100)
  }
  // Left alive it would hold up the whole run.
  await end(child, 'SIGKILL')
  throw new Error(`it was never ready:\n${output}`)
}

/** A start that ends by itself. */
export function startRefused(data: string, env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(root, 'src/app/serve.ts')], {
    cwd: root,
    env: { ...environment(data, env), PORT: '0' },
    encoding: 'utf8',
    timeout: 30_000,
  })
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  await ended
}

export function commandLine(data: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(root, 'src/app/cli.ts'), ...args], {
    cwd: root,
    env: environment(data, env),
    encoding: 'utf8',
    timeout: 120_000,
  })
}

export async function ask(
  url: string,
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
  key?: string,
) {
  const response = await fetch(url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as any,
  }
}
