import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from '#kernel/random.ts'
import { connectToRunning } from '#platform/db/embedded.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { ask, commandLine, end, start, startRefused } from '../support/program.ts'

const password = 'demo admin holds the keys'
const healMs = 5_000
/** Its own recovery; reliability.md promises nothing of it, but a server that is not started at all is found. */
const databaseBackMs = 60_000
// `npm run faults` kills more often and lets it work longer in between.
const kills = Number(process.env['FAULT_KILLS'] ?? 3)
const workMs = Number(process.env['FAULT_WORK_MS'] ?? 1_500)

test(
  'row 1: killed at random moments, it loses no acknowledged return and doubles none',
  { timeout: 600_000 + kills * 60_000 },
  async (t) => {
    const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 100_000)
    t.diagnostic(`FAULT_SEED=${seed}`)
    const random = randomFrom(seed)
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-kill-'))
    const data = join(folder, 'data')
    const port = 20_000 + (process.pid % 20_000)
    let program = await start(data, port)
    t.after(async () => {
      if (program.child.exitCode === null && program.child.signalCode === null) await end(program.child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    })
    const login = async () =>
      (await ask(program.url, null, 'POST', '/api/auth/login', { email: 'admin@demo.smartreturns.local', password }))
        .body.accessToken as string
    let token = await login()
    const clientId = (await ask(program.url, token, 'POST', '/api/clients', { code: 'acme', name: 'Acme' })).body.id
    await ask(program.url, token, 'POST', '/api/hubs', {
      code: 'BLR-9',
      name: 'Bengaluru',
      pincode: '560066',
      capacity: 100_000,
      minutesPerDay: 9000,
      capabilities: ['battery'],
    })

    const acknowledged = new Map<string, string>()
    const unanswered = new Set<string>()
    const submit = async (ref: string) => {
      const body = {
        clientId,
        clientRef: ref,
        title: 'Kurta',
        categoryId: 'fashion.apparel.ethnic',
        price: { amount: 79900, currency: 'INR' },
        pickupPincode: '560034',
      }
      try {
        const answer = await ask(program.url, token, 'POST', '/api/returns', body, `key-${ref}`)
        if (answer.status === 201 || answer.status === 200) {
          if (acknowledged.has(ref)) assert.equal(answer.body.id, acknowledged.get(ref))
          acknowledged.set(ref, answer.body.id)
          unanswered.delete(ref)
        } else {
          assert.ok([401, 503].includes(answer.status), JSON.stringify(answer.body))
          unanswered.add(ref)
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        unanswered.add(ref)
      }
    }

    let next = 0
    for (let kill = 0; kill < kills; kill++) {
      const running: Promise<void>[] = []
      const killAfter = 300 + Math.floor(random() * (workMs - 300))
      const until = Date.now() + killAfter
      while (Date.now() < until) {
        running.push(submit(`R-${(next += 1)}`))
        await sleep(10)
      }
      await end(program.child, 'SIGKILL')
      await Promise.all(running)
      program = await start(data, port)
      token = await login()
      await Promise.all([...unanswered].map(submit))
      assert.equal(unanswered.size, 0)
    }
    t.diagnostic(`${acknowledged.size} returns acknowledged over ${kills} kills`)
    assert.equal(acknowledged.size, next)

    await t.test('row 1: every acknowledged return is there once', async () => {
      for (const [ref, id] of acknowledged) {
        const found = await ask(program.url, token, 'GET', `/api/returns?filter[clientRef]=${ref}`)
        assert.deepEqual(
          found.body.data.map((r: any) => r.id),
          [id],
        )
      }
    })

    await t.test('row 13: a second start on the same data folder is refused with a clear line', () => {
      const second = startRefused(data)
      assert.equal(second.status, 1)
      assert.match(second.stderr, /does not start: .*data/)
      assert.equal(second.stderr.trim().split('\n').length, 1, second.stderr)
    })

    const cluster = /embedded \(([^)]+)\)/.exec(program.output())?.[1]
    assert.ok(cluster, 'the start says where the cluster is')
    const postmaster = () => Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0])
    const database = openPostgres({
      connectionString: connectToRunning(data)!,
      poolMax: 1,
      applicationName: 'fault test',
      engine: 'embedded',
      statementTimeoutMs: 5_000,
    })
    t.after(() => database.close())

    const isAnswering = () =>
      database.query('select 1').then(
        () => true,
        () => false,
      )

    /** Asks until it answers again; says how long the database was away, and how long the program needed from then. */
    const untilHealed = async () => {
      const killedAt = performance.now()
      // Its backends need a moment to notice that the server is gone.
      while (await isAnswering()) await sleep(5)
      let backAt = Infinity
      const watch = (async () => {
        while (!(await isAnswering()) && performance.now() - killedAt < databaseBackMs) await sleep(20)
        backAt = performance.now()
      })()
      let refused = 0
      for (;;) {
        const answer = await ask(program.url, token, 'GET', '/api/returns?limit=1')
        if (answer.status === 200) break
        assert.equal(answer.status, 503, JSON.stringify(answer.body))
        assert.ok(Number(answer.retryAfter) >= 1, '503 says when to come back')
        refused++
        const now = performance.now()
        assert.ok(now - backAt < healMs, `the database is back for ${Math.round(now - backAt)} ms, the program is not`)
        assert.ok(now - killedAt < databaseBackMs, 'the database is not started again')
        await sleep(50)
      }
      const healedAt = performance.now()
      await watch
      const away = Math.round(Math.min(backAt, healedAt) - killedAt)
      const late = Math.round(Math.max(0, healedAt - backAt))
      return { refused, says: `away for ${away} ms, answered ${refused} times 503, healed ${late} ms later` }
    }

    const moments = [
      ['PostgreSQL killed', async () => {}],
      ['PostgreSQL killed again right after', async () => {}],
      [
        'PostgreSQL killed, and its successor before it is ready',
        async (killed: number) => {
          while (!existsSync(join(cluster, 'postmaster.pid')) || postmaster() === killed) await sleep(5)
          process.kill(postmaster(), 'SIGKILL')
        },
      ],
    ] as const
    for (const [name, afterwards] of moments) {
      await t.test(`row 6: ${name}: 503 with Retry-After meanwhile, never 500, healed within 5 s`, async (t6) => {
        const killed = postmaster()
        process.kill(killed, 'SIGKILL')
        await afterwards(killed)
        const { refused, says } = await untilHealed()
        t6.diagnostic(says)
        assert.ok(refused > 0, 'it was asked while the database was away')
        await submit(`R-${(next += 1)}`)
        assert.equal(unanswered.size, 0)
      })
    }

    await t.test('all rows: Ctrl-C ends it cleanly; invariants, replay and audit are clean', async () => {
      const ended = new Promise<number | null>((done) => program.child.once('exit', (code) => done(code)))
      program.child.kill('SIGINT')
      assert.equal(await ended, 0, program.output().slice(-2000))
      for (const args of [['check'], ['replay', '--verify'], ['verify-audit']]) {
        const run = commandLine(data, args)
        assert.equal(run.status, 0, `${args.join(' ')}: ${run.stdout} ${run.stderr}`)
      }
    })
  },
)
