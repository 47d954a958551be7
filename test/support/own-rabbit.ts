import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'amqplib'

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  return Promise.all(
    probes.map(async (probe) => {
      if (!probe.listening) await new Promise((done) => probe.once('listening', done))
      const { port } = probe.address() as AddressInfo
      await new Promise((done) => probe.close(done))
      return port
    }),
  )
}

/** A RabbitMQ of the test's own, to be frozen and killed. Comes up in some seconds. */
export async function ownRabbit(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-rabbit-'))
  const [port, distribution, names] = await freePorts(3)
  const pidFile = join(folder, 'pid')
  writeFileSync(join(folder, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\nlog.file = false\n`)
  writeFileSync(join(folder, 'plugins'), '[].\n')
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: folder,
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_PID_FILE: pidFile,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none',
  }
  const start = () => {
    const child = spawn('/usr/lib/rabbitmq/bin/rabbitmq-server', [], { stdio: 'ignore', env })
    return new Promise<void>((done) => child.once('exit', () => done()))
  }
  const signal = (name: NodeJS.Signals) => process.kill(Number(readFileSync(pidFile, 'utf8')), name)
  const nameServer = spawn('/usr/bin/epmd', [], { stdio: 'ignore', env })
  let ended = start()
  t.after(async () => {
    try {
      signal('SIGKILL')
    } catch {
      // It was killed by the test.
    }
    await ended
    nameServer.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `amqp://guest:guest@127.0.0.1:${port}`
  const untilUp = async () => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
      const connection = await connect(url).catch(() => null)
      if (connection !== null) return connection.close()
    }
    return assert.fail('RabbitMQ is not there')
  }
  await untilUp()
  return {
    url,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    kill: async () => {
      signal('SIGKILL')
      await ended
    },
    restart: async () => {
      ended = start()
      await untilUp()
    },
  }
}
