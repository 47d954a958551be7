import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nginxConfig } from '../../deploy/nginx/config.ts'
import { engineUrl } from '../support/engines.ts'
import { endsWith, newDatabase, signIn, submission, until } from '../support/processes.ts'
import { ask, commandLine, end, type Program, start } from '../support/program.ts'
import { freePort } from '../support/serve.ts'

const { url, absent } = engineUrl('DATABASE_URL')
const nginx = '/usr/sbin/nginx'
const drainMs = 5000
const isNginxThere = existsSync(nginx)
/** A minute of load: part of the long form. */
const isLong = process.env['FAULT_KILLS'] !== undefined

/** nginx of the system on a port of its own, with the configuration that `deploy/nginx` makes. */
async function openNginx(t: TestContext, folder: string, servers: readonly string[]): Promise<string> {
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfig({ listen: `127.0.0.1:${port}`, servers, folder }))
  const child = spawn(nginx, ['-e', join(folder, 'error.log'), '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  let says = ''
  child.stderr.on('data', (chunk: Buffer) => (says += chunk.toString()))
  t.after(async () => {
    // At once: with SIGQUIT it would wait for the connections that clients keep.
    await end(child, 'SIGTERM')
    for (const line of readFileSync(join(folder, 'error.log'), 'utf8').split('\n').slice(0, 30))
      if (line !== '') t.diagnostic(line)
  })
  const at = `http://127.0.0.1:${port}`
  await until(
    `nginx answers ${says}`,
    () =>
      fetch(`${at}/api/version`).then(
        (answer) => answer.ok,
        () => false,
      ),
    10_000,
  )
  return at
}

type Seen = { readonly what: string; readonly status: number; readonly why?: string }

/** What clients do all the time: they read, they write with a key and without one. Nobody tries anything again. */
function clients(at: string, token: string, clientId: string) {
  const seen: Seen[] = []
  const acknowledged: string[] = []
  const over = new AbortController()
  const loop = async (what: string, once: (n: number) => ReturnType<typeof ask>) => {
    for (let n = 1; !over.signal.aborted; n++) {
      const answer = await once(n).catch((error: unknown) => ({
        status: 0,
        body: { error: `${String(error)} ${JSON.stringify((error as Error).cause ?? null)}` },
      }))
      seen.push({ what, status: answer.status, ...(answer.status === 0 ? { why: JSON.stringify(answer.body) } : {}) })
      if (answer.status === 201) acknowledged.push(answer.body.id)
    }
  }
  const running = Promise.all([
    loop('list', () => ask(at, token, 'GET', '/api/returns?limit=5')),
    loop('version', () => ask(at, null, 'GET', '/api/version?n=1').then(async (answer) => (await sleep(250), answer))),
    loop('keyed', (n) => ask(at, token, 'POST', '/api/returns', submission(clientId, `k-${n}`), `roll-${n}`)),
    loop('unkeyed', (n) => ask(at, token, 'POST', '/api/returns', submission(clientId, `u-${n}`))),
  ])
  return {
    seen,
    acknowledged,
    stop: async () => {
      over.abort()
      await running
    },
  }
}

const bad = (seen: readonly Seen[]) => seen.filter(({ status }) => status === 0 || status >= 500)

test(
  'row 55: API processes behind nginx restart one after the other under load: no client sees a 5xx',
  {
    skip: isLong ? absent || (isNginxThere ? false : 'npm run engines installs nginx') : 'npm run faults runs it',
    timeout: 400_000,
  },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-rolling-'))
    const data = join(folder, 'data')
    const env = {
      DATABASE_URL: await newDatabase(t, url),
      SMARTRETURNS_DATABASE_POOL: '4',
      SMARTRETURNS_DRAIN_MS: String(drainMs),
      SMARTRETURNS_TRUSTED_PROXIES: '127.0.0.1',
    }
    const ports = [await freePort(), await freePort(), await freePort()] as const
    const open = async (n: 0 | 1 | 2, roles: string) =>
      endsWith(t, await start(data, ports[n], { ...env, SMARTRETURNS_ROLES: roles }))
    await open(0, 'worker')
    const apis: [Program, Program] = await Promise.all([open(1, 'api'), open(2, 'api')])
    const at = await openNginx(t, folder, [`127.0.0.1:${ports[1]}`, `127.0.0.1:${ports[2]}`])
    const token = await signIn(at)
    const { id: clientId } = (await ask(at, token, 'POST', '/api/clients', { code: 'acme', name: 'Acme' })).body

    await t.test('what a process says of itself is not told to the outside', async () => {
      for (const path of ['/metrics', '/readyz', '/livez']) assert.equal((await fetch(at + path)).status, 404, path)
    })
    await t.test('both restart', async () => {
      const work = clients(at, token, clientId)
      await until('some load', () => Promise.resolve(work.acknowledged.length >= 20))
      for (const n of [0, 1] as const) {
        const { child, url: own } = apis[n]
        const ended = new Promise((done) => child.once('exit', done))
        child.kill('SIGTERM')
        await until('it drains', async () => (await fetch(`${own}/readyz`)).status === 503, 2000)
        const beside = await fetch(`${own}/api/version`)
        assert.deepEqual([beside.status, beside.headers.get('connection')], [200, 'close'], 'it serves on meanwhile')
        assert.equal(await ended, 0)
        apis[n] = await open(n === 0 ? 1 : 2, 'api')
        await sleep(500)
      }
      await work.stop()
      t.diagnostic(`${work.seen.length} requests, ${work.acknowledged.length} of them new returns`)
      assert.deepEqual(bad(work.seen), [])
      assert.ok(
        work.seen.every(({ status }) => status === 200 || status === 201),
        'all were served',
      )
      for (const id of work.acknowledged) assert.equal((await ask(at, token, 'GET', `/api/returns/${id}`)).status, 200)
    })
    await t.test('one is killed: what is read or bears a key is done by the other', async () => {
      const work = clients(at, token, clientId)
      await until('some load', () => Promise.resolve(work.acknowledged.length >= 20))
      await end(apis[0].child, 'SIGKILL')
      const before = work.seen.length
      await until('the other serves', () => Promise.resolve(work.seen.length > before + 40))
      await work.stop()
      assert.deepEqual(bad(work.seen.filter(({ what }) => what !== 'unkeyed')), [])
      const unkeyed = bad(work.seen.filter(({ what }) => what === 'unkeyed')).length
      t.diagnostic(`${unkeyed} request without a key was told that its outcome is not known`)
      assert.ok(unkeyed <= 1, 'only what was under way at that moment')
    })
    // Last of all: what is registered first ends first.
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    for (const args of [['check'], ['replay', '--verify'], ['verify-audit']]) {
      const run = commandLine(data, args, env)
      assert.equal(run.status, 0, `${args.join(' ')}: ${run.stdout} ${run.stderr}`)
    }
  },
)
