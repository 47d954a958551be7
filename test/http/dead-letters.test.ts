import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Command } from 'commander'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import { jobCommands } from '../../src/cli/jobs.ts'
import type { Program } from '../../src/cli/open.ts'
import { until } from '../ports/jobs.ts'
import { openTestApp } from '../support/app.ts'
import { silentLog } from '../support/fakes.ts'
import { givenClient } from '../support/given.ts'

const secret = 'clients of the asker'

/** The server with the real queue in its database, and one dead letter of a kind that works when it is sent again. */
async function givenDeadLetter(t: TestContext) {
  const opened: { jobs?: Awaited<ReturnType<typeof openPgBoss>> } = {}
  const app = await openTestApp(t, {}, null, {}, null, async (connectionString) => {
    const retries = { attempts: 1, firstWaitMs: 1000, longestWaitMs: 1000 }
    opened.jobs = await openPgBoss({ connectionString, log: silentLog, pollSeconds: 0.5, retries })
    return opened.jobs
  })
  const jobs = opened.jobs!
  const seen: { input: Record<string, unknown>; id: string }[] = []
  await jobs.work('report', (input, id) => {
    seen.push({ input, id })
    return seen.length === 1 ? Promise.reject(new Error('the disk is full')) : Promise.resolve()
  })
  await jobs.send('report', { rights: secret })
  await until('a dead letter', async () => (await jobs.deadLetters(1))[0])
  return { app, jobs, seen }
}

test('administrators see dead letters without what was asked, and send them again once', async (t) => {
  const { app, seen } = await givenDeadLetter(t)
  const admin = await app.as('admin')
  const listed = await admin('GET', '/api/dead-letters')
  assert.equal(listed.status, 200, listed.text)
  assert.equal(listed.text.includes(secret), false)
  const [letter] = listed.body.data
  assert.deepEqual([letter.kind, letter.reason, letter.attempts], ['report', 'the disk is full', 1])
  assert.deepEqual(Object.keys(letter).toSorted(), ['at', 'attempts', 'id', 'kind', 'reason'])

  const path = `/api/dead-letters/${encodeURIComponent(letter.id)}/replay`
  for (const role of ['manager', 'worker', 'analyst', 'claims', 'client_viewer'] as const) {
    const call = await app.as(role)
    for (const answer of [await call('GET', '/api/dead-letters'), await call('POST', path)])
      assert.equal(answer.status, 403, role)
  }
  const bound = await app.as('admin', [], [await givenClient(app.ctx)])
  assert.equal((await bound('GET', '/api/dead-letters')).status, 403, 'dead letters are of all clients')

  const key = { 'idempotency-key': 'replay-of-one-letter' }
  const sent = await admin('POST', path, undefined, key)
  assert.deepEqual([sent.status, sent.body], [200, { id: letter.id, kind: 'report' }])
  const again = await admin('POST', path, undefined, key)
  assert.deepEqual([again.status, again.headers['idempotent-replayed']], [200, 'true'])
  await until('the replay', () => (seen.length === 2 ? true : undefined))
  assert.deepEqual(seen[1]!.input, { rights: secret })
  assert.notEqual(seen[1]!.id, seen[0]!.id)
  assert.deepEqual((await admin('GET', '/api/dead-letters')).body.data, [])
  const gone = await admin('POST', path)
  assert.deepEqual([gone.status, gone.body.code], [404, 'dead_letter_unknown'])

  const audit = await admin('GET', '/api/audit?filter[type]=DeadLetterReplayed')
  assert.equal(audit.body.data.length, 1, audit.text)
  assert.equal(audit.body.data[0].stream, `deadletter-${letter.id}`)
  assert.equal(audit.text.includes(secret), false)
  assert.equal(seen.length, 2)
})

test('the command line lists dead letters and sends one again', async (t) => {
  const { app, seen } = await givenDeadLetter(t)
  const program = {
    open: () => Promise.resolve({ ctx: app.ctx, close: () => Promise.resolve() }),
  } as unknown as Program
  const run = async (...words: string[]): Promise<string> => {
    const cli = new Command().exitOverride()
    jobCommands(cli, program)
    const printed = t.mock.method(process.stdout, 'write', () => true)
    try {
      await cli.parseAsync(['jobs', ...words], { from: 'user' })
      return printed.mock.calls.map((call) => String(call.arguments[0])).join('')
    } finally {
      printed.mock.restore()
    }
  }
  assert.match(await run('dead'), /report, 1 tries: the disk is full/)
  const json = await run('dead', '--json')
  assert.equal(json.includes(secret), false)
  const [letter] = JSON.parse(json)
  assert.deepEqual(JSON.parse(await run('replay', letter.id, '--json')), { id: letter.id, kind: 'report' })
  await until('the replay', () => (seen.length === 2 ? true : undefined))
  assert.equal(await run('dead'), 'there are no dead letters\n')
  await assert.rejects(run('replay', letter.id), /no such dead letter/)
  const noted = (await app.ctx.events.readStream(`deadletter-${letter.id}`)).map(({ data }) => data)
  assert.deepEqual([noted.length, (noted[0] as { kind: string }).kind], [1, 'report'])
})
