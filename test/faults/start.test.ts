import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..', '..')
// The pages' server is part of the matter: it keeps a process alive whose errors nobody caught.
const hasPages = existsSync(join(root, 'web', '.next', 'BUILD_ID'))

test('row 62: a port that another program uses ends the start with a clear line and leaves nothing behind', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'smartreturns-start-'))
  t.after(() => {
    for (const path of [data, `${data}.key`]) rmSync(path, { recursive: true, force: true })
  })
  const other = createServer()
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const { DATABASE_URL: _, TEST_DATABASE_URL: __, ...rest } = process.env
  const child = spawn(process.execPath, [join(root, 'src/app/serve.ts')], {
    cwd: root,
    env: {
      ...rest,
      NODE_ENV: 'development',
      PORT: String(port),
      SMARTRETURNS_DATA: data,
      SMARTRETURNS_WEB: hasPages ? '1' : '0',
      SMARTRETURNS_DEMO_RETURNS: '20000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const code = await new Promise((done) => child.once('exit', done))
  assert.equal(code, 1, said)
  assert.match(
    said,
    new RegExp(`^SmartReturns does not start: it cannot listen on 127.0.0.1, port ${port}: another`, 'm'),
  )
  assert.doesNotMatch(printed, /next\.config/, 'the pages start without a word of their own')
  assert.ok(!existsSync(join(data, 'postgres', 'cluster', 'postmaster.pid')), 'its database has stopped')
})
