import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'node:test'
import { openPostgres } from '#platform/db/postgres.ts'
import { engineUrl } from '../support/engines.ts'
import { returnsTable } from '../support/import-files.ts'
import { ownRabbit } from '../support/own-rabbit.ts'
import { endsWith, newDatabase, signIn, until } from '../support/processes.ts'
import { ask, commandLine, end, start } from '../support/program.ts'

const { url, absent: noDatabase } = engineUrl('DATABASE_URL')
const { absent: noRabbit } = engineUrl('RABBIT_URL')
const crashPoint = pathToFileURL(join(import.meta.dirname, '..', 'support', 'crash-point.ts')).href

type Found = { readonly state: string; readonly done: number; readonly attempts: number }

test(
  'jobs on RabbitMQ: imports whose processes are killed are done, each row once',
  { skip: noDatabase || noRabbit, timeout: 500_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-jobs-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const data = join(folder, 'data')
    const database = await newDatabase(t, url)
    const rabbit = await ownRabbit(t)
    const env = {
      DATABASE_URL: database,
      SMARTRETURNS_DATABASE_POOL: '4',
      SMARTRETURNS_JOBS: 'rabbitmq',
      RABBIT_URL: rabbit.url,
    }
    const port = 24_000 + (process.pid % 16_000)
    let opened = 0
    const open = async (roles: string, dies?: string) => {
      const crash =
        dies === undefined ? {} : { NODE_OPTIONS: `--import ${crashPoint}`, SMARTRETURNS_TEST_CRASH: `${dies} import` }
      return endsWith(t, await start(data, port + opened++, { ...env, ...crash, SMARTRETURNS_ROLES: roles }))
    }
    const db = openPostgres({
      connectionString: database,
      poolMax: 1,
      applicationName: 'test',
      engine: 'postgres',
      statementTimeoutMs: 30_000,
    })
    t.after(() => db.close())
    // Whoever leads makes the first logins.
    const first = await open('worker')
    const api = await open('api')
    const token = await signIn(api.url)
    const client = await ask(api.url, token, 'POST', '/api/clients', { code: 'jobs', name: 'Jobs' })
    const upload = async (at: string, prefix: string, rows: number) => {
      const form = new FormData()
      form.set('clientId', client.body.id)
      form.set('mapping', 'smartreturns-csv')
      form.set('file', new Blob([returnsTable(rows, { prefix })], { type: 'text/csv' }), `${prefix}.csv`)
      return fetch(`${at}/api/imports`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form })
    }
    const newestImport = async () => {
      const [row] = await db.query<Found>(
        "select state, done, attempts from jobs where kind = 'import' order by id desc limit 1",
      )
      return row!
    }
    const isDone = async () => ((await newestImport()).state === 'done' ? true : undefined)
    const returnsOf = async (prefix: string) => {
      const [row] = await db.query<{ n: number; different: number }>(
        'select count(*) as n, count(distinct client_ref) as different from return_items where client_ref like $1',
        [`${prefix}-%`],
      )
      return row!
    }

    await t.test('the worker is killed in the midst of one: another begins it again within a minute', async () => {
      assert.equal((await upload(api.url, 'MID', 3000)).status, 202)
      await until('some rows', async () => {
        const { state, done } = await newestImport()
        assert.notEqual(state, 'done', 'it was over before it was killed')
        return done > 0
      })
      await end(first.child, 'SIGKILL')
      const began = Date.now()
      await open('worker')
      await until('it begins again', async () => (await newestImport()).attempts === 2)
      const tookMs = Date.now() - began
      t.diagnostic(`begun again after ${tookMs} ms, the start of a worker included`)
      assert.ok(tookMs <= 60_000, `${tookMs} ms`)
      await until('it is done', isDone, 120_000)
      assert.deepEqual(await returnsOf('MID'), { n: 3000, different: 3000 })
    })
    await t.test(
      'an API process is killed between its commit and the queue: the job is sent later, and done once',
      async () => {
        const dying = await open('api', 'after_commit')
        await assert.rejects(upload(dying.url, 'COMMIT', 20))
        await until('its end', async () => Promise.resolve(dying.child.signalCode === 'SIGKILL'))
        const lost = await newestImport()
        assert.deepEqual([lost.state, lost.attempts], ['queued', 0])
        assert.equal((await returnsOf('COMMIT')).n, 0)
        // What waits for a minute counts as lost; the test does not wait for that one.
        await db.query("update jobs set created_at = created_at - interval '2 minutes' where state = 'queued'")
        await until('it is done', isDone, 90_000)
        assert.equal((await newestImport()).attempts, 1)
        assert.deepEqual(await returnsOf('COMMIT'), { n: 20, different: 20 })
      },
    )
    await t.test('no word of it is wrong', () => {
      for (const args of [['check'], ['replay', '--verify'], ['verify-audit']]) {
        const run = commandLine(data, args, env)
        assert.equal(run.status, 0, `${args.join(' ')}: ${run.stdout} ${run.stderr}`)
      }
    })
  },
)
