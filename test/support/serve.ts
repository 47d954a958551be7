import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const root = resolve(import.meta.dirname, '..', '..')
const readyTimeoutMs = 120_000
const stopTimeoutMs = 20_000

/** Starts the whole program on a free port with a data folder of its own; it ends with the test. */
export async function serve(
  t: TestContext,
  env: Readonly<Record<string, string>> = {},
  wantedPort?: number,
): Promise<{ readonly url: string; readonly dataFolder: string }> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'smartreturns-e2e-'))
  const port = wantedPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const { DATABASE_URL: _, TEST_DATABASE_URL: __, NODE_OPTIONS: ___, ...inherited } = process.env
  const child = spawn(process.execPath, [join(root, 'src', 'app', 'serve.ts')], {
    cwd: root,
    env: {
      ...inherited,
      NODE_ENV: 'development',
      PORT: String(port),
      SMARTRETURNS_DATA: join(dataFolder, 'data'),
      SMARTRETURNS_DEMO: '1',
      SMARTRETURNS_DEMO_RETURNS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-20_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  t.after(async () => {
    child.kill('SIGTERM')
    const isOver = await Promise.race([ended.then(() => true), sleep(stopTimeoutMs, false, { ref: false })])
    if (!isOver) child.kill('SIGKILL')
    await ended
    rmSync(dataFolder, { recursive: true, force: true })
  })
  await waitUntilReady(url, child, () => output)
  return { url, dataFolder: join(dataFolder, 'data') }
}

async function waitUntilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const until = Date.now() + readyTimeoutMs
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with exit code ${child.exitCode}:\n${output()}`)
    const isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (isReady) return
    await sleep(200)
  }
  throw new Error(`the server was not ready after ${readyTimeoutMs} ms:\n${output()}`)
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object' ? done(address.port) : fail(new Error('no port')),
      )
    })
  })
}
