import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Stop } from './paths.mjs'

const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const PORT = 55672
const START_MS = 60_000
const STOP_MS = 30_000

/** RabbitMQ of the system on loopback, under its own account, with a folder, names and ports of its own; answers its URL. */
export async function startRabbit(folder) {
  const { uid, gid } = account()
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  chownSync(folder, uid, gid)
  const passwordFile = join(folder, 'password')
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  const password = readFileSync(passwordFile, 'utf8')
  const url = `amqp://smartreturns:${password}@127.0.0.1:${PORT}`
  if (runningPid(folder, 'server') !== null && (await answers())) return url
  await stopRabbit(folder)
  const own = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    chownSync(join(folder, name), uid, gid)
    return join(folder, name)
  }
  const settings = own(
    'rabbitmq.conf',
    `listeners.tcp.1 = 127.0.0.1:${PORT}\ndefault_user = smartreturns\ndefault_pass = ${password}\nlog.console = true\nlog.file = false\n`,
  )
  const plugins = own('plugins', '[].\n')
  // Nodes find one another by epmd. It is started here, on loopback, because one that the server starts would outlive it.
  const names = { ERL_EPMD_PORT: String(PORT + 2), ERL_EPMD_ADDRESS: '127.0.0.1' }
  const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
  const start = (program, args, log, env) => {
    const out = openSync(join(folder, log), 'w', 0o600)
    const child = spawn(program, args, { cwd: '/', detached: true, stdio: ['ignore', out, out], uid, gid, env })
    child.unref()
    return child
  }
  const epmd = start('/usr/bin/epmd', [], 'epmd.log', { PATH, ...names })
  writeFileSync(join(folder, 'epmd.pid'), String(epmd.pid))
  start(SERVER, [], 'log', {
    PATH,
    ...names,
    // Where Erlang keeps the secret that its nodes share.
    HOME: folder,
    RABBITMQ_NODENAME: 'smartreturns@localhost',
    RABBITMQ_DIST_PORT: String(PORT + 1),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'logs'),
    RABBITMQ_CONFIG_FILE: settings,
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_PID_FILE: join(folder, 'server.pid'),
    // Two threads that do not spin: the machine has other work.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
  })
  for (const until = Date.now() + START_MS; !(await answers()); await sleep(200))
    if (Date.now() > until) throw new Stop(`RabbitMQ did not start; see ${join(folder, 'log')}`)
  return url
}

/** Comes back when both processes are gone: until then their ports and files are not free. */
export async function stopRabbit(folder) {
  for (const name of ['server', 'epmd']) {
    const pid = runningPid(folder, name)
    if (pid !== null) {
      process.kill(pid, 'SIGTERM')
      for (const until = Date.now() + STOP_MS; runningPid(folder, name) === pid; await sleep(50))
        if (Date.now() > until) throw new Stop(`RabbitMQ did not end; see ${join(folder, 'log')}`)
    }
    rmSync(join(folder, `${name}.pid`), { force: true })
  }
}

function runningPid(folder, name) {
  try {
    const pid = Number(readFileSync(join(folder, `${name}.pid`), 'utf8'))
    // A number may have passed to another process since.
    return /beam|epmd/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ? pid : null
  } catch {
    return null
  }
}

/** Whether a server of AMQP is there: it answers a greeting that it does not like with its own. */
function answers() {
  return new Promise((done) => {
    const socket = createConnection({ host: '127.0.0.1', port: PORT, timeout: 1000 })
    const end = (isThere) => {
      socket.destroy()
      done(isThere)
    }
    socket.once('connect', () => socket.write('HELLO...'))
    socket.once('data', (data) => end(data.toString('latin1').startsWith('AMQP')))
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => end(false))
  })
}

function account() {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('rabbitmq:'))
    ?.split(':')
  if (!fields) throw new Stop('there is no account rabbitmq: is the package rabbitmq-server installed?')
  return { uid: Number(fields[2]), gid: Number(fields[3]) }
}
