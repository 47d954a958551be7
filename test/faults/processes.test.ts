import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPostgres } from '#platform/db/postgres.ts'
import { engineUrl } from '../support/engines.ts'
import { endsWith, isLeading, newDatabase, signIn, story, submission, until } from '../support/processes.ts'
import { ask, commandLine, end, start, startRefused } from '../support/program.ts'

const { url, absent } = engineUrl('DATABASE_URL')

/** Returns at each address in turn, until it is stopped; what was acknowledged. */
function load(urls: readonly string[], token: string, clientId: string) {
  const acknowledged: string[] = []
  const over = new AbortController()
  const writers = urls.map(async (at, writer) => {
    for (let n = 1; !over.signal.aborted; n++) {
      const body = submission(clientId, `${writer}-${n}`)
      const answer = await ask(at, token, 'POST', '/api/returns', body, `load-${writer}-${n}`)
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      acknowledged.push(answer.body.id)
    }
  })
  return {
    acknowledged,
    stop: async () => {
      over.abort()
      await Promise.all(writers)
    },
  }
}

test(
  'two API processes and two workers on one database are one program',
  { skip: absent, timeout: 400_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-processes-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const data = join(folder, 'data')
    const database = await newDatabase(t, url)
    const env = { DATABASE_URL: database, SMARTRETURNS_DATABASE_POOL: '4' }
    const port = 24_000 + (process.pid % 16_000)
    const open = async (n: number, roles: string) =>
      endsWith(t, await start(data, port + n, { ...env, SMARTRETURNS_ROLES: roles }))
    const first = await open(0, 'worker')
    const [second, ...apis] = await Promise.all([open(1, 'worker'), open(2, 'api'), open(3, 'api')])
    const workers = [first, second]
    const urls = apis.map((api) => api.url)
    const leader = async () => {
      const all = await Promise.all(workers.map(isLeading))
      return all.filter(Boolean).length === 1 ? workers[all.indexOf(true)]! : null
    }
    const db = openPostgres({
      connectionString: database,
      poolMax: 1,
      applicationName: 'test',
      engine: 'postgres',
      statementTimeoutMs: 30_000,
    })
    t.after(() => db.close())
    const relayed = async () => {
      const [row] = await db.query<{ behind: boolean | null }>(
        "select bool_or(s.seq < h.seq) as behind from subscriptions s, log_head h where s.name in ('analytics', 'decision_state', 'webhooks')",
      )
      return row!.behind === false
    }
    const isSound = () => {
      for (const args of [['check'], ['replay', '--verify'], ['verify-audit']]) {
        const run = commandLine(data, args, env)
        assert.equal(run.status, 0, `${args.join(' ')}: ${run.stdout} ${run.stderr}`)
      }
    }
    let known = { clientId: '' }
    let token = ''

    await t.test('the story of one process is theirs too, wherever each call goes', async (s) => {
      const alone = endsWith(s, await start(join(folder, 'alone'), port + 4))
      const wanted = await story([alone.url], 'alone')
      await end(alone.child, 'SIGTERM')
      const { clientId, ...seen } = await story(urls, 'many')
      const { clientId: _, ...expected } = wanted
      assert.deepEqual(seen, expected)
      assert.equal(seen.job, 'done')
      known = { clientId }
      token = await signIn(urls[1]!)
      await until('the relay has taken it', relayed)
    })
    await t.test('each does its part alone: a worker has no API, an API process leads nothing', async () => {
      assert.equal((await fetch(`${first.url}/api/returns`)).status, 404)
      assert.deepEqual(
        await Promise.all([first, second].map(async (w) => (await fetch(`${w.url}/readyz`)).status)),
        [200, 200],
      )
      assert.ok(await leader(), 'exactly one worker leads')
      assert.deepEqual(await Promise.all(apis.map(isLeading)), [false, false])
    })
    await t.test(
      'the leading worker is killed under load: the other takes over, nothing acknowledged is lost',
      async () => {
        const work = load(urls, token, known.clientId)
        await until('some load', () => Promise.resolve(work.acknowledged.length >= 20))
        const leading = (await leader())!
        const other = workers.find((worker) => worker !== leading)!
        const before = work.acknowledged.length
        const began = performance.now()
        await end(leading.child, 'SIGKILL')
        await until('the other leads', () => isLeading(other), 15_000)
        const tookMs = performance.now() - began
        t.diagnostic(`taken over ${Math.round(tookMs)} ms after kill -9`)
        assert.ok(tookMs < 5000, `${tookMs} ms`)
        await until('the load went on', () => Promise.resolve(work.acknowledged.length >= before + 20))
        await work.stop()
        await until('the relay is at the end', relayed)
        for (const id of work.acknowledged)
          assert.equal((await ask(urls[0]!, token, 'GET', `/api/returns/${id}`)).status, 200, id)
        const [row] = await db.query<{ n: number }>(
          "select count(*) as n from return_items where client_ref like 'R-%-%'",
        )
        assert.ok(row!.n >= work.acknowledged.length)
        isSound()
        workers.splice(workers.indexOf(leading), 1, await open(5, 'worker'))
      },
    )
    await t.test(
      'the leading worker freezes: the server ends its session, the other takes over, the thawed one follows',
      async () => {
        const leading = await until('one leads', leader)
        const other = workers.find((worker) => worker !== leading)!
        const work = load(urls, token, known.clientId)
        leading.child.kill('SIGSTOP')
        const began = performance.now()
        try {
          await until('the other leads', () => isLeading(other), 20_000)
          const tookMs = performance.now() - began
          t.diagnostic(`taken over ${Math.round(tookMs)} ms after SIGSTOP`)
          assert.ok(tookMs < 12_000, `${tookMs} ms`)
        } finally {
          leading.child.kill('SIGCONT')
        }
        await until('the thawed one follows', async () => !(await isLeading(leading)), 10_000)
        await work.stop()
        await until('the relay is at the end', relayed)
        assert.equal(await leader(), other)
        isSound()
      },
    )
    await t.test('the API process to which nobody speaks any more stops with 0, and the other serves', async () => {
      const [one, two] = apis
      const ended = new Promise((done) => one.child.once('exit', done))
      one.child.kill('SIGTERM')
      await sleep(50)
      assert.equal(await ended, 0)
      assert.equal((await ask(two.url, token, 'GET', '/api/returns')).status, 200)
    })
  },
)

test('roles that make no sense are refused with a word', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-roles-'))
  try {
    for (const [env, says] of [
      [{ SMARTRETURNS_ROLES: 'api' }, /several processes need one PostgreSQL/],
      [{ SMARTRETURNS_ROLES: 'api,wurker' }, /a list of api, worker, web/],
      [{ SMARTRETURNS_ROLES: 'worker,web', DATABASE_URL: 'postgres://x@127.0.0.1:1/x' }, /web comes with the role api/],
    ] as const) {
      const run = startRefused(join(folder, 'data'), env)
      assert.equal(run.status, 1)
      assert.match(run.stderr, says)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
