import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

/** A Redis of the test's own, to be stopped and killed. */
export async function ownRedis(t: TestContext, more: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-redis-'))
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => probe.once('listening', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  const start = () => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...more]
    const child = spawn('/usr/bin/redis-server', args, { stdio: 'ignore' })
    return { child, ended: new Promise((done) => child.once('exit', done)) }
  }
  let server = start()
  t.after(async () => {
    server.child.kill('SIGKILL')
    await server.ended
    rmSync(folder, { recursive: true, force: true })
  })
  const own = `redis://127.0.0.1:${port}`
  const answers = async () => {
    const client = new Redis(own, { lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => undefined)
    try {
      return (await client.ping()) === 'PONG'
    } catch {
      return false
    } finally {
      client.disconnect()
    }
  }
  const until = async (isUp: boolean) => {
    for (const end = Date.now() + 15_000; (await answers()) !== isUp; await sleep(50))
      if (Date.now() > end) assert.fail(`Redis is ${isUp ? 'not there' : 'still there'}`)
  }
  await until(true)
  return {
    url: own,
    freeze: () => server.child.kill('SIGSTOP'),
    thaw: () => server.child.kill('SIGCONT'),
    kill: async () => {
      server.child.kill('SIGKILL')
      await server.ended
    },
    restart: async () => {
      server = start()
      await until(true)
    },
    flush: async () => {
      const client = new Redis(own)
      await client.flushall()
      client.disconnect()
    },
  }
}
